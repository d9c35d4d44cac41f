"""Sigma documents that belong together: what their names mean, and each rule with the filters that name it.

Source: Sigma specification 2.1, "Sigma Filters Specification" and "Sigma Correlation Rules".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from approvalbot.policy.conditions.fields import event_field
from approvalbot.policy.conditions.patterns import parse_pattern
from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.tests import TextTest
from approvalbot.policy.conditions.tree import AllOf, Leaf, Node
from approvalbot.policy.faults import Fault, Finding, guess
from approvalbot.policy.sigma.rules import SigmaCorrelation, SigmaDocument, SigmaFile, SigmaFilter, SigmaRule

Member = SigmaRule | SigmaCorrelation

_CIRCLE = Finding(("correlation", "rules"), "the correlation counts itself in the end", "leave one out", "bad-value")


@dataclass(frozen=True)
class Collection:
    """The documents of one file, or of a pack. `sources_of` has the names of the sources that each mapping reads."""

    rules: tuple[SigmaRule, ...] = ()
    correlations: tuple[SigmaCorrelation, ...] = ()
    filters: tuple[SigmaFilter, ...] = ()
    placeholders: Placeholders = field(default_factory=Placeholders)
    sources_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        files: Iterable[SigmaFile],
        placeholders: Placeholders,
        sources_of: Mapping[str, tuple[str, ...]],
    ) -> "Collection":
        """The documents of these files, in their order."""
        held = tuple(files)
        return cls(
            rules=tuple(one for file in held for one in file.rules),
            correlations=tuple(one for file in held for one in file.correlations),
            filters=tuple(one for file in held for one in file.filters),
            placeholders=placeholders,
            sources_of=sources_of,
        )

    @property
    def members(self) -> tuple[Member, ...]:
        """Its rules and correlations: what may be selected, excluded or counted."""
        return (*self.rules, *self.correlations)

    @property
    def outermost(self) -> tuple[SigmaCorrelation, ...]:
        """The correlations that no other counts."""
        counted = {name for one in self.correlations for name in one.rules}
        return tuple(one for one in self.correlations if not one.names & counted)

    def named(self, name: str) -> Member | None:
        """The rule or correlation with this id or name."""
        return next((one for one in self.members if name in one.names), None)

    def unknown(self, name: str, path: tuple[str | int, ...]) -> Finding:
        """That a name means nothing here."""
        known = [one for member in self.members for one in sorted(member.names)]
        hint = guess(name, known, "check the id" if known else "add the rule")
        return Finding(path, f"{name} names no rule here", hint, "bad-value")

    def rules_of(self, member: SigmaDocument, above: tuple[SigmaDocument, ...] = ()) -> Iterator[SigmaRule]:
        """A rule itself, or the rules that a correlation counts, through the correlations among them."""
        if isinstance(member, SigmaRule):
            yield member
        elif isinstance(member, SigmaCorrelation) and member not in above:
            for name in member.rules:
                inner = self.named(name)
                if inner is not None:
                    yield from self.rules_of(inner, (*above, member))

    def beside(self, member: SigmaDocument) -> list[SigmaDocument]:
        """The other documents that decide with it: what it counts, and the filters that join any of these rules."""
        rules = list(self.rules_of(member))
        inner = [one for one in self.correlations if one is not member and self._counts_also(member, one)]
        counted = [one for one in rules if one is not member]
        filters = [one for one in self.filters if any(one.applies_to(rule) for rule in rules)]
        return [*inner, *counted, *filters]

    def _counts_also(self, member: SigmaDocument, sought: SigmaCorrelation) -> bool:
        return isinstance(member, SigmaCorrelation) and self._counts(member, sought)

    def faults(self) -> list[Fault]:
        """What is wrong with the documents together: filters for no rule, and correlations that count each other."""
        faults = [one.fault(_CIRCLE) for one in self.correlations if self._counts(one, one)]
        for one in self.filters:
            faults += [one.fault(finding) for finding in one.findings()]
            for target in one.targets:
                if target.casefold() != "any" and not any(target in rule.names for rule in self.rules):
                    faults.append(one.fault(self.unknown(target, ("filter", "rules"))))
        return faults

    def _counts(self, correlation: SigmaCorrelation, sought: SigmaCorrelation) -> bool:
        """Whether a correlation counts another one, also through others."""
        ahead, seen = [correlation], list[SigmaCorrelation]()
        while ahead:
            inner = [member for name in ahead.pop().rules if isinstance(member := self.named(name), SigmaCorrelation)]
            if sought in inner:
                return True
            ahead += [one for one in inner if one not in seen]
            seen += inner
        return False

    def tree(self, rule: SigmaRule, faults: list[Fault], hint: str = "") -> Node:
        """A rule's condition with the filters that name it. Faults stand in their own documents."""
        found: list[Finding] = []
        tree = rule.tree(self.placeholders, found)
        faults += [rule.fault(Finding(one.path, one.problem, one.hint or hint, one.name)) for one in found]
        for one in self.filters:
            if one.applies_to(rule):
                of_filter: list[Finding] = []
                tree = AllOf((tree, one.tree(self.placeholders, of_filter, rule.known)))
                faults += [one.fault(finding) for finding in of_filter]
        return tree

    def sources(self, member: SigmaDocument) -> tuple[str, ...]:
        """The sources that deliver what a rule, or the rules of a correlation, are about."""
        mappings = dict.fromkeys(mapping for rule in self.rules_of(member) for mapping in rule.known.mappings)
        return tuple(dict.fromkeys(name for mapping in mappings for name in self.sources_of.get(mapping, ())))


def only_from(sources: tuple[str, ...], tree: Node) -> Node:
    """A tree that is judged on the events of these sources alone."""
    names = tuple(TextTest((parse_pattern(name),)) for name in sources)
    return AllOf((Leaf(event_field("$source.name"), (), list(sources), names), tree))
