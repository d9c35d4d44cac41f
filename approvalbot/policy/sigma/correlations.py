"""Correlation documents of Sigma files: the four types that can be counted as events arrive.

Source: Sigma specification 2.1, "Sigma Correlation Rules".
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from approvalbot.events.digests import digest_of
from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.fields import sigma_field
from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.tree import AnyOf, Node
from approvalbot.policy.conditions.view import Field
from approvalbot.policy.correlate import Correlate
from approvalbot.policy.correlation import CorrelationPlan
from approvalbot.policy.faults import Finding, guess, quoted
from approvalbot.policy.sigma.rules import SigmaCorrelation, SigmaRule

_TYPES = ("event_count", "value_count", "temporal", "temporal_ordered")
_TIMESPAN = re.compile(r"([1-9][0-9]{0,5})([smhdw])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_COMPARISONS = ("gt", "gte", "lt", "lte", "eq", "neq")


def plan_of(
    correlation: SigmaCorrelation, rules: Sequence[SigmaRule], placeholders: Placeholders, findings: list[Finding]
) -> tuple[Node, CorrelationPlan] | None:
    """The condition of the events that a correlation counts, and how it counts them; None with `findings`."""
    written, found = correlation.written, list[Finding]()
    named = _named(correlation, rules, found)
    trees = {name: rule.tree(placeholders, found) for name, rule in named.items()}
    block = _block(written, tuple(named), found)
    if block is None or found:
        findings += [finding.under("correlation") for finding in found]
        return None
    aliases = written.get("aliases")
    plan = CorrelationPlan(
        type=block.type,
        group_by=tuple(_field(name, aliases, named) for name in block.group_by),
        timespan_s=block.timespan_s,
        threshold=block.condition,
        block=digest_of(dict(written)),
        value=None if block.field is None else _field(block.field, aliases, named),
        rules=tuple((name, compile_tree(tree)) for name, tree in trees.items()) if block.rules else (),
    )
    return AnyOf(tuple(trees.values()), correlation.text("name")), plan


def _named(correlation: SigmaCorrelation, rules: Sequence[SigmaRule], found: list[Finding]) -> dict[str, SigmaRule]:
    named: dict[str, SigmaRule] = {}
    for name in correlation.rules:
        rule = next((rule for rule in rules if name in rule.names), None)
        if rule is None:
            known = [one for rule in rules for one in rule.names]
            found.append(
                Finding(("rules",), f"{name} names no rule here", guess(name, known, "add the rule"), "bad-value")
            )
        else:
            named[name] = rule
    if not correlation.rules:
        found.append(Finding(("rules",), "the correlation names no rules", "list their ids or names", "bad-value"))
    return named


def _block(written: Mapping[str, Any], names: tuple[str, ...], found: list[Finding]) -> Correlate | None:
    """The same in our own form, so that one validation holds for both."""
    kind = written.get("type")
    if kind not in _TYPES:
        found.append(Finding(("type",), f"{quoted(kind)} is not supported", guess(str(kind), _TYPES), "bad-value"))
        return None
    condition = written.get("condition")
    if isinstance(condition, str):
        found.append(Finding(("condition",), "a condition over rule names is not supported", "", "bad-value"))
        return None
    counted = condition if isinstance(condition, dict) else {}
    timespan = _TIMESPAN.fullmatch(str(written.get("timespan", "")))
    if timespan is None:
        what = quoted(written.get("timespan"))
        found.append(Finding(("timespan",), f"{what} is no timespan", "write 10m, 2h, 7d or 1w", "bad-value"))
        return None
    temporal = str(kind).startswith("temporal")
    try:
        return Correlate.model_validate(
            {
                "type": kind,
                "group_by": _texts(written.get("group-by")),
                "timespan": f"{int(timespan[1]) * _UNITS[timespan[2]]}s",
                "condition": {key: counted[key] for key in _COMPARISONS if key in counted} or None,
                "field": counted.get("field"),
                "rules": {name: {"rule": name} for name in names} if temporal else {},
            }
        )
    except ValueError as fault:
        told = str(fault).partition("Value error, ")[2].partition(" [type=")[0] or str(fault).partition("\n")[2]
        found.append(Finding(("condition",), told, "", "bad-value"))
        return None


def _texts(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value] if value else [])]


def _field(name: str, aliases: Any, named: Mapping[str, SigmaRule]) -> Field:
    """A field to group by: by its own name, by an alias of the correlation, or by one of a rule's logsource."""
    own = aliases.get(name) if isinstance(aliases, dict) else None
    others = [str(one) for one in own.values()] if isinstance(own, dict) else []
    for rule in named.values():
        others += rule.known.aliases(name)
    any_case = any(rule.known.any_case for rule in named.values())
    return sigma_field(name, tuple(dict.fromkeys(others)), any_case=any_case)
