"""A SigmaPack expanded: one policy per selected rule, all with the pack's approval block."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.tree import AllOf, Node
from approvalbot.policy.correlation import CorrelationPlan
from approvalbot.policy.documents import Policy
from approvalbot.policy.faults import Fault, Finding, guess
from approvalbot.policy.folder import Folder
from approvalbot.policy.pack import Select, SigmaPack
from approvalbot.policy.sigma.correlations import plan_of
from approvalbot.policy.sigma.rules import (
    SigmaCorrelation,
    SigmaDocument,
    SigmaFile,
    SigmaFilter,
    SigmaRule,
    read_sigma,
)

_SEVERITY = {"informational": "info"}
_TAKEN_OVER = (
    *("owner", "mode", "during", "when", "correlate", "dedupe", "approval", "message"),
    *("on_approve", "on_deny", "on_expire"),
)


@dataclass(frozen=True, slots=True)
class Expanded:
    """One rule of a pack as a policy, with the tree its events must meet and what it counts."""

    policy: Policy
    tree: Node
    plan: CorrelationPlan | None = None


@dataclass(slots=True)
class Expansion:
    """What a pack became. `findings` are at the pack's own keys, `faults` in its rule files.

    `unplaced` are rules whose logsource no source delivers: counted and listed, never silent.
    """

    policies: list[Expanded] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unplaced: list[SigmaDocument] = field(default_factory=list)


@dataclass(slots=True)
class Library:
    """The Sigma files of a folder, each read once."""

    folder: Folder
    placeholders: Placeholders = field(default_factory=Placeholders)
    _read: dict[str, SigmaFile] = field(default_factory=dict)

    def file(self, name: str) -> SigmaFile | None:
        """A file by its path from the root, or None."""
        if name not in self._read:
            body = self.folder.read(name)
            if body is None:
                return None
            self._read[name] = read_sigma(name, body)
        return self._read[name]

    def rule(self, rule_id: str) -> SigmaRule | None:
        """A rule by its id, anywhere below `sigma/`."""
        for name, body in self.folder.below("sigma"):
            # The id stands in the file as text; reading every rule of a large set to find one would take seconds.
            found = self.file(name) if rule_id.encode() in body else None
            for rule in found.rules if found else ():
                if rule.id == rule_id:
                    return rule
        return None


def expand_pack(pack: SigmaPack, library: Library, sources_of: Mapping[str, tuple[str, ...]]) -> Expansion:
    """The policies of a pack. `sources_of` has the names of the sources that each mapping reads."""
    made = Expansion()
    files = _files(pack, "include", pack.include, library, made)
    rules = [rule for file in files for rule in file.rules]
    for place, excluded in enumerate(pack.exclude_ids):
        if not any(excluded in rule.names for rule in rules):
            made.findings.append(_names_no_rule(("exclude_ids", place), excluded, rules))
    filters = [one for file in _files(pack, "filters", pack.filters, library, made) for one in file.filters]
    _check_targets(filters, rules, made)
    correlations = [correlation for file in files for correlation in file.correlations]
    counted = {name for one in correlations if one.written.get("generate") is not True for name in one.rules}
    selected = [one for one in [*rules, *correlations] if is_selected(one, pack.select)]
    chosen = [one for one in selected if not one.names & {*pack.exclude_ids, *counted}]
    if rules and not chosen:
        made.findings.append(Finding(("select",), "no rule is selected", "widen select, or leave it out", "bad-value"))
    work = _Work(pack, library, sources_of, tuple(rules), tuple(filters), made)
    for one in chosen:
        _expand(one, work)
    return made


@dataclass(frozen=True, slots=True)
class _Work:
    pack: SigmaPack
    library: Library
    sources_of: Mapping[str, tuple[str, ...]]
    rules: tuple[SigmaRule, ...]
    filters: tuple[SigmaFilter, ...]
    made: Expansion


def is_selected(rule: SigmaDocument, select: Select) -> bool:
    """Whether every list that `select` gives holds for a rule."""
    given: tuple[tuple[Iterable[str] | None, frozenset[str]], ...] = (
        (select.level, frozenset({rule.text("level").casefold()})),
        (select.status, frozenset({rule.text("status").casefold()})),
        (select.tags, rule.tags),
        (select.product, frozenset({rule.logsource.product})),
        (select.service, frozenset({rule.logsource.service})),
    )
    return all(wanted is None or any(one.casefold() in own for one in wanted) for wanted, own in given)


def _files(pack: SigmaPack, key: str, patterns: tuple[str, ...], library: Library, made: Expansion) -> list[SigmaFile]:
    names: dict[str, None] = {}
    written = pack.document.get(key)
    for place, pattern in enumerate(patterns):
        found = library.folder.matching(pattern)
        if not found:
            path = (key, place) if isinstance(written, list) else (key,)
            made.findings.append(
                Finding(
                    path, f"{pattern} names no file", "globs start at the policy folder; ** is any folders", "bad-value"
                )
            )
        names.update(dict.fromkeys(found))
    files = [file for name in names if (file := library.file(name)) is not None]
    made.faults += [fault for file in files for fault in file.faults]
    return files


def _check_targets(filters: list[SigmaFilter], rules: list[SigmaRule], made: Expansion) -> None:
    for one in filters:
        for target in one.targets:
            if target.casefold() != "any" and not any(target in rule.names for rule in rules):
                made.faults.append(one.fault(_names_no_rule(("filter", "rules"), target, rules)))


def _names_no_rule(path: tuple[str | int, ...], target: str, rules: list[SigmaRule]) -> Finding:
    known = [name for rule in rules for name in rule.names]
    return Finding(path, f"{target} names no rule of this pack", guess(target, known, "check the id"), "bad-value")


def _expand(rule: SigmaDocument, work: _Work) -> None:
    pack, made = work.pack, work.made
    compiled = _compiled(rule, work)
    if compiled is None:
        return
    mappings = rule.known.mappings or tuple(m for one in _base(rule, work) for m in one.known.mappings)
    derived = (name for mapping in dict.fromkeys(mappings) for name in work.sources_of.get(mapping, ()))
    sources = pack.source or tuple(derived)
    if not sources:
        made.unplaced.append(rule)
        return
    severity = pack.severity or _SEVERITY.get(rule.text("level"), rule.text("level"))
    if not severity:
        finding = Finding(("level",), "the rule has no level", "give the pack a severity of its own")
        made.faults.append(rule.fault(finding))
        return
    try:
        made.policies.append(Expanded(policy_of(pack, rule, sources, severity), *compiled))
    except ValidationError as fault:
        told = fault.errors(include_url=False)[0]["msg"]
        made.findings.append(Finding(("approval",), f"rule {rule.id} of severity {severity}: {told}"))


def _compiled(rule: SigmaDocument, work: _Work) -> tuple[Node, CorrelationPlan | None] | None:
    """The tree of a rule with its filters, and what a correlation counts; None where it does not compile."""
    findings: list[Finding] = []
    planned: tuple[Node, CorrelationPlan | None] | None
    if isinstance(rule, SigmaCorrelation):
        planned = plan_of(rule, work.rules, work.library.placeholders, findings)
    elif isinstance(rule, SigmaRule):
        planned = rule.tree(work.library.placeholders, findings), None
    else:
        planned = None
    if findings or planned is None:
        hint = "exclude the rule by its id in exclude_ids"
        made = [rule.fault(Finding(one.path, one.problem, one.hint or hint, one.name)) for one in findings]
        work.made.faults += made
        return None
    tree, plan = planned
    for one in work.filters:
        if one.applies_to(rule):
            of_filter: list[Finding] = []
            tree = AllOf((tree, one.tree(work.library.placeholders, of_filter)))
            work.made.faults += [one.fault(finding) for finding in of_filter]
    return tree, plan


def _base(rule: SigmaDocument, work: _Work) -> list[SigmaRule]:
    """The rules that a correlation is about."""
    wanted = rule.rules if isinstance(rule, SigmaCorrelation) else ()
    return [one for one in work.rules if one.names.intersection(wanted)]


def policy_of(pack: SigmaPack, rule: SigmaDocument, sources: tuple[str, ...], severity: str) -> Policy:
    """The policy that one rule of a pack is. Raises ValueError where the pack's approval does not suit its severity."""
    document: dict[str, Any] = {
        "version": 1,
        "kind": "Policy",
        "id": pack.id,
        "title": _title(rule.text("title") or pack.title),
        "request": "review",
        "severity": severity,
        "source": list(sources),
        "sigma": {"rule": rule.id},
        **{key: pack.document[key] for key in _TAKEN_OVER if key in pack.document},
    }
    policy = Policy.model_validate(document)
    return policy.of_rule(rule.credit, pack=pack.id, place=pack.place)


def _title(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"
