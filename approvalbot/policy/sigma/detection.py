"""The `detection:` of a Sigma rule, read into the same tree as our own conditions.

A map under a selection is "and"; a list of maps is "or"; a text or a list of texts, or the key `''`, are keywords: they
stand anywhere in the event.
"""

from typing import Any

from approvalbot.policy.conditions.fields import sigma_field
from approvalbot.policy.conditions.leaves import Reading, keywords_of, leaf_of
from approvalbot.policy.conditions.modifiers import ConditionFault
from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.tree import AllOf, AnyOf, Node
from approvalbot.policy.faults import Finding, KeyPath, quoted
from approvalbot.policy.sigma.grammar import parse_condition
from approvalbot.policy.sigma.logsources import Known

NEVER: Node = AnyOf(())


def sigma_reading(known: Known, placeholders: Placeholders) -> Reading:
    """How a Sigma file's keys are read: no selectors in brackets, and the aliases of its logsource."""
    return Reading(lambda name: sigma_field(name, known.aliases(name), any_case=known.any_case), placeholders)


def parse_detection(detection: Any, reading: Reading, findings: list[Finding]) -> Node:
    """The tree of a detection. Faults are added to `findings`, with paths inside the detection."""
    if not isinstance(detection, dict) or not detection:
        findings.append(Finding((), f"a detection is a map of selections, not {quoted(detection)}", "", "bad-value"))
        return NEVER
    if "timeframe" in detection:
        findings.append(
            Finding(("timeframe",), "timeframe is not read", "write a correlation document, or correlate:", "bad-value")
        )
    selections = {
        name: _labelled(_selection(value, (name,), reading, findings), name)
        for name, value in detection.items()
        if name not in {"condition", "timeframe"}
    }
    return parse_conditions(detection.get("condition"), selections, findings)


def parse_conditions(condition: Any, selections: dict[str, Node], findings: list[Finding]) -> Node:
    """The tree of a `condition`; a list of them is "or"."""
    if condition is None:
        hint = f"write condition: {next(iter(selections), 'selection')}"
        findings.append(Finding((), "the detection has no condition", hint, "bad-value"))
        return NEVER
    written = condition if isinstance(condition, list) and condition else [condition]
    found: list[Node] = []
    for one in written:
        try:
            found.append(parse_condition(one, selections))
        except ConditionFault as fault:
            findings.append(Finding(("condition",), fault.problem, fault.hint, fault.name))
    return found[0] if len(found) == 1 else AnyOf(tuple(found))


def _selection(value: Any, path: KeyPath, reading: Reading, findings: list[Finding]) -> Node:
    if isinstance(value, dict) and value:
        return _map(value, path, reading, findings)
    if isinstance(value, list) and value:
        if not any(isinstance(item, dict) for item in value):
            return _keywords(value, (), path, reading, findings)
        return AnyOf(tuple(_selection(item, (*path, place), reading, findings) for place, item in enumerate(value)))
    if isinstance(value, dict | list) or value is None:
        findings.append(Finding(path, "the selection is empty", "write field: value", "bad-value"))
        return NEVER
    return _keywords([value], (), path, reading, findings)


def _map(value: dict[str, Any], path: KeyPath, reading: Reading, findings: list[Finding]) -> Node:
    children: list[Node] = []
    for key, want in value.items():
        name, *modifiers = key.split("|")
        if name:
            children.append(_leaf(key, want, (*path, key), reading, findings))
        else:
            children.append(_keywords(want, tuple(modifiers), (*path, key), reading, findings))
    return children[0] if len(children) == 1 else AllOf(tuple(children))


def _leaf(key: str, want: Any, path: KeyPath, reading: Reading, findings: list[Finding]) -> Node:
    try:
        return leaf_of(key, want, reading)
    except ConditionFault as fault:
        findings.append(Finding(path, fault.problem, fault.hint, fault.name))
        return NEVER


def _keywords(want: Any, modifiers: tuple[str, ...], path: KeyPath, reading: Reading, findings: list[Finding]) -> Node:
    try:
        return keywords_of(want, modifiers, reading)
    except ConditionFault as fault:
        findings.append(Finding(path, fault.problem, fault.hint, fault.name))
        return NEVER


def _labelled(node: Node, name: str) -> Node:
    """The selection under its name, so that an explanation can say which one held."""
    match node:
        case AllOf():
            return AllOf(node.children, name)
        case AnyOf():
            return AnyOf(node.children, name)
        case _:
            return AllOf((node,), name)
