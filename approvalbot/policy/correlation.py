"""Counting events that belong together: what is counted under which key, and when it is enough. State is elsewhere.

A correlation counts one or several *strands*: kinds of events, each with the fields it is grouped by. An event adds its
members to the group of each strand that it meets, and `completes` tells whether one of those groups is now complete. A
full group always is: a review too many, never one too few. A strand may itself be a correlation: it is met by the event
that completes it, in the group that this event belongs to.

The store keeps, per key, members with the time each was last seen (a sorted set); `temporal_ordered` keeps the start of
the longest-lasting chain per rule instead. Both are behind `Counts`; `Correlator` is one in memory, for replay.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from approvalbot.events.digests import digest_of
from approvalbot.events.event import Event
from approvalbot.events.values import text_of
from approvalbot.policy.conditions.compile import Judge
from approvalbot.policy.conditions.view import Field, View
from approvalbot.policy.correlate import MOST_MEMBERS, Counted, Threshold

MISSING_GROUP = None
"""What an absent group value counts as: a group of its own, never dropped."""

Starts = Mapping[str, float]
Advance = Callable[[Starts, float], tuple[dict[str, float], bool]]


class Counts(Protocol):
    """Counts over time. `at` is when it happened; without it, now is the store's own time."""

    def count(self, key: str, members: Sequence[str], *, span_s: int, most: int, at: datetime | None) -> int:
        """Add members and count those of the last `span_s` seconds, at most `most`."""

    def chain(self, key: str, step: Advance, *, span_s: int, at: datetime | None) -> bool:
        """Take one step of a chain: `step` is given its starts and the time in seconds; gives whether it is whole."""


@dataclass(frozen=True)
class Strand:
    """One kind of event: its name, its condition (none: every event that comes), its fields, its own correlation."""

    name: str = ""
    judge: Judge | None = None
    group_by: tuple[Field, ...] = ()
    value: tuple[Field, ...] = ()
    inner: "CorrelationPlan | None" = None


@dataclass(frozen=True)
class CorrelationPlan:
    """A correlation, ready to use. `block` is its digest, so that an unrelated edit of the policy keeps its counts."""

    type: Counted
    strands: tuple[Strand, ...]
    timespan_s: int
    threshold: Threshold | None
    block: str
    by_event_time: bool = False

    def is_reached(self, count: int) -> bool:
        """Whether `count` members within the time span are enough."""
        if self.threshold is None:
            return count >= len(self.strands)
        return self.threshold.is_reached(count)

    def key(self, policy: str, strand: Strand, view: View) -> str:
        """The key of an event's group: the policy, the block, and the values it is grouped by."""
        groups = [
            sorted({text_of(v) for v in view.values(one) if v is not None}) or MISSING_GROUP for one in strand.group_by
        ]
        return f"corr:{policy}:{self.block[:16]}:{digest_of(groups)[:32]}"

    def members(self, strand: Strand, event: Event, view: View) -> list[str]:
        """What an event adds to its group: itself, the digests of its values, or the name of the strand it meets."""
        match self.type:
            case "event_count":
                return [event.identity]
            case "value_count" if len(strand.value) == 1:
                return [_digest(text.casefold()) for text in dict.fromkeys(view.texts(strand.value[0]))]
            case "value_count":
                texts = [sorted(view.folded(one)) for one in strand.value]
                return [digest_of(texts)] if any(texts) else []
            case "temporal" | "temporal_ordered":
                return [strand.name]

    def advance(self, starts: Starts, at_s: float, met: Sequence[str]) -> tuple[dict[str, float], bool]:
        """One step of `temporal_ordered`: the new starts by strand, and whether the chain is complete.

        `starts` has, for each strand reached so far, the latest moment at which a chain leading to it began; times are
        in seconds. Strands met by one event do not follow each other.
        """
        made, complete, before = dict(starts), False, None
        for name in (strand.name for strand in self.strands):
            begun = at_s if before is None else starts.get(before)
            if name in met and begun is not None and at_s - begun <= self.timespan_s:
                made[name] = max(begun, made.get(name, begun))
                complete = name == self.strands[-1].name
            before = name
        return made, complete


def completes(plan: CorrelationPlan, policy: str, event: Event, counts: Counts, at: datetime | None) -> bool:
    """Count an event, and tell whether it makes the condition true. Every group is counted, whichever completes.

    Raises:
        EvaluationFault: a condition of the block cannot be judged.
    """
    view = View(event)
    groups: dict[str, list[str]] = {}
    for strand in plan.strands:
        if strand.judge is not None and not strand.judge(view):
            continue
        if strand.inner is not None and not completes(strand.inner, policy, event, counts, at):
            continue
        groups.setdefault(plan.key(policy, strand, view), []).extend(plan.members(strand, event, view))
    done = [_take(plan, key, tuple(dict.fromkeys(met)), counts, at) for key, met in groups.items() if met]
    return any(done)


def _take(plan: CorrelationPlan, key: str, met: Sequence[str], counts: Counts, at: datetime | None) -> bool:
    if plan.type == "temporal_ordered":
        return counts.chain(key, partial(plan.advance, met=met), span_s=plan.timespan_s, at=at)
    return plan.is_reached(counts.count(key, met, span_s=plan.timespan_s, most=MOST_MEMBERS, at=at))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Correlator:
    """Counts in memory. Events come in the order of their times."""

    _seen: dict[str, dict[str, float]] = field(default_factory=dict)

    def completes(self, plan: CorrelationPlan, policy: str, event: Event, at_s: float) -> bool:
        """Whether this event, at this time in seconds, makes the condition true.

        Raises:
            EvaluationFault: a condition of the block cannot be judged.
        """
        return completes(plan, policy, event, self, datetime.fromtimestamp(at_s, UTC))

    def count(self, key: str, members: Sequence[str], *, span_s: int, most: int, at: datetime | None) -> int:
        """As `Counts`."""
        group, at_s = self._seen.setdefault(key, {}), _seconds(at)
        for member in [one for one, last in group.items() if at_s - last > span_s]:
            del group[member]
        for member in members:
            if member in group or len(group) < most:
                group[member] = max(at_s, group.get(member, at_s))
        return len(group)

    def chain(self, key: str, step: Advance, *, span_s: int, at: datetime | None) -> bool:  # noqa: ARG002 - as `Counts`
        """As `Counts`. What is too old is left to `step`."""
        group = self._seen.setdefault(key, {})
        made, complete = step(group, _seconds(at))
        group.update(made)
        return complete


def _seconds(at: datetime | None) -> float:
    if at is None:
        raise ValueError("in memory there is no time but that of the events")
    return at.timestamp()
