"""Matching: which policies an event concerns, and by which of its fields.

Only the policies of the event's own source are looked at, of those only the index's candidates are judged, and a
policy that cannot be judged is a match with an `error`: never "no match".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from approvalbot.events.event import Event
from approvalbot.policy.compiled import Compiled
from approvalbot.policy.conditions.reasons import Reason, reasons
from approvalbot.policy.conditions.view import View
from approvalbot.policy.credit import Credit
from approvalbot.policy.documents import Policy
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.index import Index


@dataclass(frozen=True)
class Match:
    """A policy whose condition an event meets, or that could not be judged (`error` says why)."""

    compiled: Compiled = field(repr=False)
    event: Event = field(repr=False)
    error: str = ""

    @property
    def policy(self) -> Policy:
        return self.compiled.policy

    @property
    def key(self) -> str:
        """What tells this match apart among those of one event."""
        return self.compiled.key

    @property
    def rule(self) -> Credit | None:
        """The Sigma rule behind it; its credit goes with every message."""
        return self.compiled.rule

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """The fields that made it match, in the order of the policy, with the values that met its conditions."""
        return () if self.error else reasons(self.compiled.tree, View(self.event))

    def names(self) -> Mapping[str, Any]:
        """What `$rule` stands for in this match's templates."""
        return self.compiled.names


@dataclass(frozen=True)
class _Plan:
    """The policies of one source."""

    compiled: tuple[Compiled, ...]

    @cached_property
    def index(self) -> Index:
        return Index([one.tree for one in self.compiled])


@dataclass(frozen=True)
class Matcher:
    """The policies by source, indexed."""

    plans: dict[str, _Plan]

    @classmethod
    def of(cls, compiled: Iterable[Compiled]) -> "Matcher":
        """A matcher over these policies, in their order. Everything is built now, not at the first event."""
        by_source: dict[str, list[Compiled]] = {}
        for one in compiled:
            for source in dict.fromkeys(one.policy.source):
                by_source.setdefault(source, []).append(one)
            _ = one.judge
        plans = {source: _Plan(tuple(found)) for source, found in by_source.items()}
        for plan in plans.values():
            _ = plan.index
        return cls(plans)

    def match(self, event: Event) -> tuple[Match, ...]:
        """The policies whose condition the event meets, in the order of their files."""
        plan = self.plans.get(event.source_name)
        if plan is None:
            return ()
        view = View(event)
        candidates = plan.index.candidates(view)
        if not candidates:
            return ()
        compiled = plan.compiled
        # A list and no generator: this runs for every event, and half of them have one candidate.
        judged = [match for number in candidates if (match := judge(compiled[number], event, view)) is not None]
        return tuple(judged)

    def match_all(self, event: Event) -> tuple[Match, ...]:
        """The same without the index: every policy of the source is judged. For tests and explanations."""
        plan = self.plans.get(event.source_name)
        view = View(event)
        judged = (judge(one, event, view) for one in plan.compiled) if plan else ()
        return tuple(match for match in judged if match is not None)


def judge(compiled: Compiled, event: Event, view: View) -> Match | None:
    """Whether one policy's condition is met; a fault while judging is a match with an error."""
    try:
        return Match(compiled, event) if compiled.judge(view) else None
    except EvaluationFault as fault:
        return Match(compiled, event, str(fault))
