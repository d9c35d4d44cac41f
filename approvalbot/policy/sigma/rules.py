"""A Sigma file: rules, filters and correlations, used unchanged. Each compiles to a tree, or says why it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from approvalbot.events.yamlreader import Node as YamlNode
from approvalbot.events.yamlreader import read_yaml
from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.tree import Node
from approvalbot.policy.credit import Credit
from approvalbot.policy.faults import Fault, Finding, quoted
from approvalbot.policy.sigma.detection import parse_detection, sigma_reading
from approvalbot.policy.sigma.logsources import Known, Logsource, known_logsource

_ACTIONS = frozenset({"global", "reset", "repeat"})


@dataclass(frozen=True)
class SigmaDocument:
    """One document of a Sigma file, with what rules, filters and correlations share. `number` is its place from 1."""

    file: str
    node: YamlNode = field(repr=False)
    number: int = 1

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The document word for word."""
        return _map(self.node.value)

    def text(self, key: str) -> str:
        """A text of the document; empty where there is none."""
        value = self.document.get(key)
        return value if isinstance(value, str) else ""

    @property
    def id(self) -> str:
        """The rule's id, else its name, else the place where it stands."""
        return self.text("id") or self.text("name") or (self.file if self.number == 1 else f"{self.file}#{self.number}")

    @property
    def names(self) -> frozenset[str]:
        """What other documents may call this one."""
        return frozenset({self.text("id"), self.text("name")} - {""})

    @cached_property
    def logsource(self) -> Logsource:
        return Logsource.of(self.document.get("logsource"))

    @property
    def known(self) -> Known:
        """What the logsource means here."""
        return known_logsource(self.logsource)

    @property
    def tags(self) -> frozenset[str]:
        found = self.document.get("tags")
        return (
            frozenset(tag.casefold() for tag in found if isinstance(tag, str))
            if isinstance(found, list)
            else frozenset()
        )

    @property
    def credit(self) -> Credit:
        return Credit(self.id, self.text("title"), self.text("level"), self.text("author"), self.file, self.document)

    def findings(self) -> list[Finding]:
        """What is wrong with the document outside its condition."""
        found = []
        taxonomy = self.document.get("taxonomy", "sigma")
        if taxonomy != "sigma":
            problem = f"the names of the taxonomy {quoted(taxonomy)} are not known here"
            found.append(Finding(("taxonomy",), problem, "translate the rule into the default taxonomy", "bad-value"))
        if "logsource" in self.document and not _is_logsource(self.document["logsource"]):
            hint = "write product: and service: with a text each"
            found.append(Finding(("logsource",), "a logsource is a map of texts", hint, "bad-value"))
        return found

    def fault(self, finding: Finding) -> Fault:
        """A finding inside this document, at its place in the file."""
        line, column = self.node.place(finding.path)
        return Fault(self.file, line, column, finding.path, finding.problem, finding.hint, finding.name)


class SigmaRule(SigmaDocument):
    """A detection rule."""

    def tree(self, placeholders: Placeholders, findings: list[Finding]) -> Node:
        """The rule's condition; what cannot be read is added to `findings`."""
        found: list[Finding] = []
        reading = sigma_reading(self.known, placeholders)
        tree = parse_detection(self.document.get("detection"), reading, found)
        findings += [*self.findings(), *(finding.under("detection") for finding in found)]
        return tree


class SigmaFilter(SigmaDocument):
    """A filter rule: a condition that is ANDed to the rules it names."""

    @property
    def written(self) -> Mapping[str, Any]:
        """The `filter` block."""
        return _map(self.document.get("filter"))

    @property
    def targets(self) -> tuple[str, ...]:
        """The ids or names of the rules it is for; `any` is every rule of its logsource."""
        return _texts(self.written.get("rules"))

    def applies_to(self, rule: SigmaDocument) -> bool:
        """Whether a rule is named and its logsource agrees."""
        named = "any" in {target.casefold() for target in self.targets} or bool(rule.names.intersection(self.targets))
        return named and rule.logsource.agrees(self.logsource)

    def findings(self) -> list[Finding]:
        found = super().findings()
        if not self.targets:
            hint = "list their ids or names, or write any"
            found.append(Finding(("filter",), "the filter names no rules", hint, "bad-value"))
        if "logsource" not in self.document:
            # Without one, `rules: any` would thin out every rule there is.
            hint = "write the logsource of its rules"
            found.append(Finding((), "the filter has no logsource", hint, "bad-value"))
        return found

    def tree(self, placeholders: Placeholders, findings: list[Finding], known: Known | None = None) -> Node:
        """The filter's condition, its names read as those of the rule it joins (`known`)."""
        detection = {key: value for key, value in self.written.items() if key != "rules"}
        found: list[Finding] = []
        tree = parse_detection(detection, sigma_reading(known or self.known, placeholders), found)
        findings += [finding.under("filter") for finding in found]
        return tree


class SigmaCorrelation(SigmaDocument):
    """A correlation document over other rules."""

    @property
    def written(self) -> Mapping[str, Any]:
        """The `correlation` block."""
        return _map(self.document.get("correlation"))

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids or names of the rules and correlations it is about."""
        return _texts(self.written.get("rules"))

    @property
    def generates(self) -> bool:
        """Whether the rules it counts also stand for themselves. The schema has the word outside, pySigma inside."""
        return self.written.get("generate") is True or self.document.get("generate") is True


@dataclass(frozen=True, slots=True)
class SigmaFile:
    """The documents of one Sigma file, and its faults."""

    rules: tuple[SigmaRule, ...] = ()
    filters: tuple[SigmaFilter, ...] = ()
    correlations: tuple[SigmaCorrelation, ...] = ()
    faults: tuple[Fault, ...] = ()


def read_sigma(file: str, body: bytes) -> SigmaFile:
    """The documents of a Sigma file; a document that is none of the three kinds is a fault."""
    read = read_yaml(body)
    faults = [Fault(file, one.line, one.column, one.path, one.problem, one.hint, one.name) for one in read.faults]
    rules, filters, correlations = [], [], []
    for number, node in enumerate(read.documents, start=1):
        document = _map(node.value)
        if document.get("action") in _ACTIONS:
            faults.append(_collection_action(file, node))
        elif "detection" in document:
            rules.append(SigmaRule(file, node, number))
        elif "filter" in document:
            filters.append(SigmaFilter(file, node, number))
        elif "correlation" in document:
            correlations.append(SigmaCorrelation(file, node, number))
        else:
            faults.append(_no_rule(file, node))
    return SigmaFile(tuple(rules), tuple(filters), tuple(correlations), tuple(faults))


def _no_rule(file: str, node: YamlNode) -> Fault:
    what = "it has no detection, filter or correlation" if isinstance(node.value, dict) else quoted(node.value)
    return Fault(file, node.line, node.column, (), f"this is no Sigma rule: {what}", "", "bad-value")


def _collection_action(file: str, node: YamlNode) -> Fault:
    line, column = node.place(("action",))
    problem = f"action: {node.value['action']} is how Sigma 1 shared parts of rules, and is not read"
    return Fault(
        file, line, column, ("action",), problem, "write each rule whole, in a document of its own", "bad-value"
    )


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in (value if isinstance(value, list) else [value] if value else []))


def _is_logsource(value: Any) -> bool:
    return isinstance(value, dict) and all(
        value.get(part) is None or isinstance(value[part], str) for part in ("product", "service", "category")
    )
