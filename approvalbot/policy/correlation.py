"""Counting events that belong together: what is counted under which key, and when it is enough. State is elsewhere.

The store keeps, per key, members with the time each was last seen (a sorted set). Everything that decides is here:

1. `plan.key(policy, event)` names the group; an unrelated edit of the policy keeps its counts.
2. `plan.members(event)` are what the event adds. Drop members older than the time span, then count.
3. `plan.is_reached(count)` tells whether this event completes the question. A full key always does: a review too many,
   never one too few.

`temporal_ordered` keeps the start of the longest-lasting chain per rule instead, with `plan.advance`.
`Correlator` does the same in memory, for replay and tests.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from approvalbot.events.digests import digest_of
from approvalbot.events.event import Event
from approvalbot.events.values import text_of
from approvalbot.policy.conditions.compile import Judge
from approvalbot.policy.conditions.view import Field, View
from approvalbot.policy.correlate import MOST_MEMBERS, Counted, Threshold

MISSING_GROUP = None
"""What an absent group value counts as: a group of its own, never dropped."""


@dataclass(frozen=True)
class CorrelationPlan:
    """A `correlate:` block, ready to use. `block` is its digest, `rules` are the named conditions in their order."""

    type: Counted
    group_by: tuple[Field, ...]
    timespan_s: int
    threshold: Threshold | None
    block: str
    value: Field | None = None
    rules: tuple[tuple[str, Judge], ...] = ()
    by_event_time: bool = False

    def key(self, policy: str, event: Event) -> str:
        """The key of this event's group: the policy, the block, and the values it is grouped by."""
        view = View(event)
        groups = [
            sorted({text_of(v) for v in view.values(one) if v is not None}) or MISSING_GROUP for one in self.group_by
        ]
        return f"corr:{policy}:{self.block[:16]}:{digest_of(groups)[:32]}"

    def members(self, event: Event) -> tuple[str, ...]:
        """What the event adds to its group: itself, the digests of its values, or the names of the rules it meets.

        Raises:
            EvaluationFault: a rule cannot be judged.
        """
        view = View(event)
        match self.type:
            case "event_count":
                return (event.identity,)
            case "value_count":
                texts = view.texts(self.value) if self.value is not None else ()
                return tuple(hashlib.sha256(text.casefold().encode()).hexdigest() for text in dict.fromkeys(texts))
            case "temporal" | "temporal_ordered":
                return tuple(name for name, judge in self.rules if judge(view))

    def is_reached(self, count: int) -> bool:
        """Whether `count` members within the time span are enough."""
        if self.threshold is None:
            return count >= len(self.rules)
        return self.threshold.is_reached(count)

    def advance(self, starts: Mapping[str, float], met: tuple[str, ...], at_s: float) -> tuple[dict[str, float], bool]:
        """One step of `temporal_ordered`: the new starts by rule name, and whether the chain is complete.

        `starts` has, for each rule reached so far, the latest moment at which a chain leading to it began; times are in
        seconds. Rules met by one event do not follow each other.
        """
        made, complete, before = dict(starts), False, None
        for name, _ in self.rules:
            begun = at_s if before is None else starts.get(before)
            if name in met and begun is not None and at_s - begun <= self.timespan_s:
                made[name] = max(begun, made.get(name, begun))
                complete = name == self.rules[-1][0]
            before = name
        return made, complete


@dataclass
class Correlator:
    """Correlation in memory. Times are seconds; events come in the order of their times."""

    _seen: dict[str, dict[str, float]] = field(default_factory=dict)

    def completes(self, plan: CorrelationPlan, policy: str, event: Event, at_s: float) -> bool:
        """Whether this event makes the condition true.

        Raises:
            EvaluationFault: a rule of the block cannot be judged.
        """
        return self.counts(plan, plan.key(policy, event), plan.members(event), at_s)

    def counts(self, plan: CorrelationPlan, key: str, met: tuple[str, ...], at_s: float) -> bool:
        """The same, for a key and members that were worked out before."""
        group = self._seen.setdefault(key, {})
        if plan.type == "temporal_ordered":
            made, complete = plan.advance(group, met, at_s)
            group.update(made)
            return complete
        for member in [one for one, last in group.items() if at_s - last > plan.timespan_s]:
            del group[member]
        for member in met:
            if len(group) < MOST_MEMBERS:
                group[member] = max(at_s, group.get(member, at_s))
        return bool(met) and plan.is_reached(len(group))
