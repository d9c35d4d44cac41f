"""Correlation documents of Sigma files: the four types that can be counted as events arrive, also one inside another.

Source: Sigma specification 2.1, "Sigma Correlation Rules". What it leaves open: an alias is a field of the events that
one rule matches, so the same event may fall into another group for another rule; a rule is judged on the events of its
own logsource alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from approvalbot.events.digests import digest_of
from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.fields import sigma_field
from approvalbot.policy.conditions.parse import NEVER
from approvalbot.policy.conditions.tree import AnyOf, Node
from approvalbot.policy.conditions.view import Field
from approvalbot.policy.correlate import Correlate
from approvalbot.policy.correlation import CorrelationPlan, Strand
from approvalbot.policy.faults import Fault, Finding, guess, parted, quoted
from approvalbot.policy.sigma.collection import Collection, Member, only_from
from approvalbot.policy.sigma.rules import SigmaCorrelation, SigmaDocument

_TYPES = ("event_count", "value_count", "temporal", "temporal_ordered")
_NO_COUNTS = ("value_sum", "value_avg", "value_percentile", "value_median", "value_max", "value_min")
_TIMESPAN = re.compile(r"([1-9][0-9]{0,5})([smhdw])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_KEYS = ("type", "rules", "group-by", "timespan", "condition", "aliases", "generate")
_COMPARISONS = ("gt", "gte", "lt", "lte", "eq")


def plan_of(
    correlation: SigmaCorrelation, collection: Collection, faults: list[Fault], hint: str = ""
) -> tuple[Node, CorrelationPlan] | None:
    """The condition of the events that a correlation counts, and how it counts them; None with `faults`."""
    sources = {collection.sources(rule) for rule in collection.rules_of(correlation)}
    work = _Work(collection, hint, several=len(sources) > 1)
    made = _plan(correlation, work, ())
    faults += work.faults
    return None if made is None or work.faults else made


@dataclass(slots=True)
class _Work:
    """`several` says that the rules are about different sources, so that each has to be kept to its own."""

    collection: Collection
    hint: str
    several: bool
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, document: SigmaDocument, findings: list[Finding]) -> None:
        for one in findings:
            under = one.under("correlation")
            self.faults.append(document.fault(Finding(under.path, one.problem, one.hint or self.hint, one.name)))


def _plan(
    correlation: SigmaCorrelation, work: _Work, above: tuple[SigmaCorrelation, ...]
) -> tuple[Node, CorrelationPlan] | None:
    found: list[Finding] = []
    members = _members(correlation, work.collection, above, found)
    block = _block(correlation.written, tuple(members), found)
    aliases = _aliases(correlation.written.get("aliases"), tuple(members), found)
    work.refuse(correlation, found)
    work.faults += [correlation.fault(finding) for finding in correlation.findings()]
    # The rules are compiled in any case: all faults are told at once.
    compiled = {name: _member(member, work, (*above, correlation)) for name, member in members.items()}
    if block is None or found:
        return None
    counted = _fields(correlation.written.get("condition"))
    strands = [
        Strand(
            name=name,
            judge=compile_tree(tree),
            group_by=tuple(_field(one, aliases, name, members[name], work.collection) for one in block.group_by),
            value=tuple(_field(one, aliases, name, members[name], work.collection) for one in counted),
            inner=inner,
        )
        for name, (tree, inner) in compiled.items()
    ]
    plan = CorrelationPlan(
        type=block.type,
        strands=tuple(strands),
        timespan_s=block.timespan_s,
        threshold=None if block.type == "temporal_ordered" else block.condition,
        block=digest_of(dict(correlation.written)),
    )
    return AnyOf(tuple(tree for tree, _ in compiled.values()), correlation.text("name")), plan


def _member(member: Member, work: _Work, above: tuple[SigmaCorrelation, ...]) -> tuple[Node, CorrelationPlan | None]:
    """The condition of one rule that is counted; of a correlation, that of its events and its own plan."""
    if isinstance(member, SigmaCorrelation):
        return _plan(member, work, above) or (NEVER, None)
    tree = work.collection.tree(member, work.faults, work.hint)
    sources = work.collection.sources(member)
    return (only_from(sources, tree) if work.several and sources else tree), None


def _members(
    correlation: SigmaCorrelation, collection: Collection, above: tuple[SigmaCorrelation, ...], found: list[Finding]
) -> dict[str, Member]:
    members: dict[str, Member] = {}
    for name in correlation.rules:
        member = collection.named(name)
        if member is None:
            found.append(collection.unknown(name, ("rules",)))
        elif member != correlation and member not in above:  # what counts itself is a fault of the collection
            members[name] = member
    if not correlation.rules:
        found.append(Finding(("rules",), "the correlation names no rules", "list their ids or names", "bad-value"))
    return members


def _block(written: Mapping[str, Any], names: tuple[str, ...], found: list[Finding]) -> Correlate | None:
    """The same in our own form, so that one validation holds for both."""
    found += [
        Finding((key,), f"{key} is no key of a correlation", guess(key, _KEYS), "unknown-key")
        for key in written
        if key not in _KEYS
    ]
    kind, condition = written.get("type"), written.get("condition")
    if kind not in _TYPES:
        hint = "only counts can be told when an event arrives" if kind in _NO_COUNTS else guess(str(kind), _TYPES)
        found.append(Finding(("type",), f"{quoted(kind)} is not supported", hint, "bad-value"))
        return None
    if condition is not None and not isinstance(condition, dict):
        hint = "write a comparison such as gte: 3, or list the rules of a temporal correlation alone"
        found.append(Finding(("condition",), f"{quoted(condition)} is no comparison", hint, "bad-value"))
        return None
    timespan = _TIMESPAN.fullmatch(str(written.get("timespan", "")))
    if timespan is None:
        what = quoted(written.get("timespan"))
        found.append(Finding(("timespan",), f"{what} is no timespan", "write 10m, 2h, 7d or 1w", "bad-value"))
        return None
    temporal = str(kind).startswith("temporal")
    compared = {key: value for key, value in (condition or {}).items() if key != "field"}
    if unknown := [key for key in compared if key not in _COMPARISONS]:
        hint = guess(unknown[0], _COMPARISONS)
        found.append(Finding(("condition", unknown[0]), f"{unknown[0]} is no comparison", hint, "bad-value"))
        return None
    try:
        return Correlate.model_validate(
            {
                "type": kind,
                "group_by": _texts(written.get("group-by")),
                "timespan": f"{int(timespan[1]) * _UNITS[timespan[2]]}s",
                "condition": compared or None,
                "field": ", ".join(_fields(condition)) or None,
                "rules": {name: {"rule": name} for name in names} if temporal else {},
            }
        )
    except ValueError as fault:
        told = str(fault).partition("Value error, ")[2].partition(" [type=")[0] or str(fault).partition("\n")[2]
        found.append(Finding(("condition",), *parted(told.removeprefix("condition: ")), "bad-value"))
        return None


Aliases = Mapping[str, Mapping[str, str]]


def _aliases(written: Any, names: tuple[str, ...], found: list[Finding]) -> Aliases:
    """For each alias, the field of each rule's events that it stands for."""
    if written is None:
        return {}
    made: dict[str, dict[str, str]] = {}
    for alias, fields in written.items() if isinstance(written, dict) else ():
        if not isinstance(fields, dict) or not all(isinstance(one, str) for one in fields.values()):
            hint = "write rule-name: field for each rule"
            found.append(Finding(("aliases", alias), f"{quoted(fields)} is no map of fields", hint, "bad-value"))
            continue
        for name in fields:
            if name not in names:
                problem = f"{name} is none of the rules of this correlation"
                found.append(Finding(("aliases", alias, name), problem, guess(name, names), "bad-value"))
        made[alias] = fields
    if not isinstance(written, dict):
        found.append(Finding(("aliases",), "aliases is a map of names", "write alias: {rule: field}", "bad-value"))
    return made


def _texts(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value] if value else [])]


def _fields(condition: Any) -> list[str]:
    """The fields whose values are counted; several count together."""
    return _texts(condition.get("field")) if isinstance(condition, dict) else []


def _field(name: str, aliases: Aliases, rule: str, member: Member, collection: Collection) -> Field:
    """A field of one rule's events: what an alias stands for there, or its own name, with what its logsource knows."""
    own = aliases.get(name, {}).get(rule, name)
    rules = list(collection.rules_of(member))
    others = dict.fromkeys(other for one in rules for other in one.known.aliases(own))
    return sigma_field(own, tuple(others), any_case=any(one.known.any_case for one in rules))
