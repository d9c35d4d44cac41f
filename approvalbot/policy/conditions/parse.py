"""The `match` map of our own documents, read into a tree; every fault at its key path, all of them at once."""

from collections.abc import Mapping
from typing import Any

from approvalbot.policy.conditions.fields import event_field
from approvalbot.policy.conditions.leaves import Reading, leaf_of
from approvalbot.policy.conditions.modifiers import ConditionFault
from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.tree import AllOf, AnyOf, Node, Not
from approvalbot.policy.faults import Finding, KeyPath, quoted

_LISTS: Mapping[str, type[AnyOf] | type[AllOf]] = {"any": AnyOf, "all": AllOf}
NEVER: Node = AnyOf(())
"""Holds for no event: what stands where a condition could not be read."""


def parse_match(match: Any, findings: list[Finding], placeholders: Placeholders | None = None) -> Node:
    """The tree of a `match` map. Faults are added to `findings`; with any, the tree is not to be used."""
    reading = Reading(event_field, placeholders or Placeholders())
    return _map(match, (), reading, findings)


def _map(match: Any, path: KeyPath, reading: Reading, findings: list[Finding]) -> Node:
    if not isinstance(match, dict) or not match:
        findings.append(
            Finding(
                path, f"a condition is a map of field: value, not {quoted(match)}", "write field: value", "bad-value"
            )
        )
        return NEVER
    children = tuple(_entry(key, value, (*path, key), reading, findings) for key, value in match.items())
    return children[0] if len(children) == 1 else AllOf(children)


def _entry(key: str, value: Any, path: KeyPath, reading: Reading, findings: list[Finding]) -> Node:
    if key == "not":
        return Not(_map(value, path, reading, findings))
    if key in _LISTS:
        return _list(key, value, path, reading, findings)
    try:
        return leaf_of(key, value, reading)
    except ConditionFault as fault:
        findings.append(Finding(path, fault.problem, fault.hint, fault.name))
        return NEVER


def _list(key: str, value: Any, path: KeyPath, reading: Reading, findings: list[Finding]) -> Node:
    if not isinstance(value, list) or not value:
        findings.append(
            Finding(
                path, f"{key} is a list of maps, not {quoted(value)}", f"write {key}: [{{field: value}}]", "bad-value"
            )
        )
        return NEVER
    return _LISTS[key](tuple(_map(item, (*path, place), reading, findings) for place, item in enumerate(value)))
