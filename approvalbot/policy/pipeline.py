"""The whole way of an event in memory: match, calendar, expression, correlation, dedupe. For tests and for replay.

The service does the same with its state in Redis; here it lives as long as the pipeline. Events come in the order of
their times. What nearly every match needs of its event is worked out first (`prepare`), so that whoever has many of
them need not keep them until their turn comes (`settle`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from approvalbot.events.event import Event
from approvalbot.policy.calendars import Calendars
from approvalbot.policy.correlation import CorrelationPlan, Correlator
from approvalbot.policy.dedupe import Deduper
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.matching import Match, Matcher
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.stages import Stage, after_match


@dataclass(frozen=True, slots=True)
class Outcome:
    """A match and the stage that stopped it; None where a request opens."""

    match: Match
    stopped: Stage | None


class Counted(NamedTuple):
    """What a correlation counts: its members, under its key."""

    plan: CorrelationPlan
    key: str
    members: tuple[str, ...]


class Prepared(NamedTuple):
    """What the stages with state ask of one match. `stopped` is where it ended already, `error` what was not judged."""

    key: str
    stopped: Stage | None
    error: str = ""
    identity: str = ""
    counted: Counted | None = None


def prepare(found: Match, calendars: Calendars, at: datetime) -> Prepared:
    """The stages without state, and what those with state will ask."""
    match, stopped = after_match(found, calendars, at)
    if stopped is not None:
        return Prepared(match.key, stopped)
    event, plan = match.event, None if match.error else match.compiled.correlation
    try:
        counted = None if plan is None else Counted(plan, plan.key(match.key, event), plan.members(event))
    except EvaluationFault as fault:
        # What cannot be counted asks at once, whatever was asked before.
        return Prepared(match.key, None, str(fault))
    return Prepared(match.key, None, match.error, event.identity, counted)


@dataclass
class Pipeline:
    """A set of policies with the state that correlation and dedupe need."""

    policies: PolicySet
    matcher: Matcher
    _correlator: Correlator = field(default_factory=Correlator)
    _deduper: Deduper = field(default_factory=Deduper)
    _delivered: set[tuple[str, str]] = field(default_factory=set)

    def feed(self, event: Event, at: datetime) -> Iterator[Outcome]:
        """What becomes of an event at `at`."""
        for found in self.matcher.match(event):
            prepared = prepare(found, self.policies.calendars, at)
            match = Match(found.compiled, event, prepared.error) if prepared.error else found
            yield Outcome(match, self.settle(prepared, at, lambda held=match: held))  # type: ignore[misc]

    def settle(self, match: Prepared, at: datetime, whole: Callable[[], Match]) -> Stage | None:
        """The stage that stops a match at `at`; None where a request opens. `whole` gives the match with its event.

        It is asked for only where what makes a repeat has to be looked up, which is not so for a second delivery.
        """
        if match.stopped is not None or not match.identity:
            return match.stopped
        at_s = at.timestamp()
        if match.counted is not None and not self._correlator.counts(*match.counted, at_s):
            return "correlate"
        # The same delivery opens nothing twice, whatever the policy says of repeats.
        delivery = (match.key, match.identity)
        if delivery in self._delivered:
            return "dedupe"
        found = whole()
        if self._deduper.is_repeat(found.policy, found.names(), found.event, at_s):
            return "dedupe"
        self._delivered.add(delivery)
        return None
