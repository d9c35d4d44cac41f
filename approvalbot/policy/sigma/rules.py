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


@dataclass(frozen=True)
class SigmaDocument:
    """One document of a Sigma file, with what rules, filters and correlations share."""

    file: str
    node: YamlNode = field(repr=False)

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The document word for word."""
        return self.node.value if isinstance(self.node.value, dict) else {}

    def text(self, key: str) -> str:
        """A text of the document; empty where there is none."""
        value = self.document.get(key)
        return value if isinstance(value, str) else ""

    @property
    def id(self) -> str:
        """The rule's id, else its name, else the file it stands in."""
        return self.text("id") or self.text("name") or self.file

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
        findings += [finding.under("detection") for finding in found]
        return tree


class SigmaFilter(SigmaDocument):
    """A filter rule: a condition that is ANDed to the rules it names."""

    @property
    def written(self) -> Mapping[str, Any]:
        """The `filter` block."""
        found = self.document.get("filter")
        return found if isinstance(found, dict) else {}

    @property
    def targets(self) -> tuple[str, ...]:
        """The ids or names of the rules it is for; `any` is every rule of its logsource."""
        rules = self.written.get("rules")
        return tuple(str(one) for one in (rules if isinstance(rules, list) else [rules] if rules else []))

    def applies_to(self, rule: SigmaDocument) -> bool:
        """Whether a rule is named and its logsource agrees."""
        named = "any" in {target.casefold() for target in self.targets} or bool(rule.names.intersection(self.targets))
        return named and rule.logsource.agrees(self.logsource)

    def tree(self, placeholders: Placeholders, findings: list[Finding]) -> Node:
        """The filter's condition."""
        detection = {key: value for key, value in self.written.items() if key != "rules"}
        found: list[Finding] = []
        tree = parse_detection(detection, sigma_reading(self.known, placeholders), found)
        findings += [finding.under("filter") for finding in found]
        return tree


class SigmaCorrelation(SigmaDocument):
    """A correlation document over other rules."""

    @property
    def written(self) -> Mapping[str, Any]:
        """The `correlation` block."""
        found = self.document.get("correlation")
        return found if isinstance(found, dict) else {}

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids or names of the rules it is about."""
        rules = self.written.get("rules")
        return tuple(str(one) for one in (rules if isinstance(rules, list) else [rules] if rules else []))


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
    for node in read.documents:
        document = node.value if isinstance(node.value, dict) else {}
        if "detection" in document:
            rules.append(SigmaRule(file, node))
        elif "filter" in document:
            filters.append(SigmaFilter(file, node))
        elif "correlation" in document:
            correlations.append(SigmaCorrelation(file, node))
        else:
            faults.append(_no_rule(file, node))
    return SigmaFile(tuple(rules), tuple(filters), tuple(correlations), tuple(faults))


def _no_rule(file: str, node: YamlNode) -> Fault:
    what = "it has no detection, filter or correlation" if isinstance(node.value, dict) else quoted(node.value)
    return Fault(file, node.line, node.column, (), f"this is no Sigma rule: {what}", "", "bad-value")
