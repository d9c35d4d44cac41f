"""The whole way of an event in memory: match, calendar, expression, correlation, dedupe. For tests and for replay.

The service does the same with its state in Redis; here it lives as long as the pipeline, and nobody acts. Events come
in the order of their times. Limits on how much may be open are the service's alone.

The stages without state come first (`prepare`), so that whoever has many events need not keep them until their turn
comes (`settle`).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from approvalbot.events.event import Event
from approvalbot.policy.calendars import Calendars
from approvalbot.policy.correlation import Correlator
from approvalbot.policy.dedupe import Deduper, question_of
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.matching import Match, Matcher
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.stages import Stage, after_match


@dataclass(frozen=True, slots=True)
class Outcome:
    """A match and the stage that stopped it; None where a request opens."""

    match: Match
    stopped: Stage | None


class Prepared(NamedTuple):
    """A match after the stages without state. `stopped` is where it ended already, `error` what was not judged."""

    key: str
    identity: str
    stopped: Stage | None = None
    error: str = ""


class Settled(NamedTuple):
    """How a match ended, `stopped` by a stage or not, and what could not be judged on the way."""

    stopped: Stage | None = None
    error: str = ""


def prepare(found: Match, calendars: Calendars, at: datetime) -> Prepared:
    """The stages without state."""
    match, stopped = after_match(found, calendars, at)
    return Prepared(match.key, "" if stopped else match.event.identity, stopped, match.error)


@dataclass
class Pipeline:
    """A set of policies with the state that correlation and dedupe need."""

    policies: PolicySet
    matcher: Matcher
    _correlator: Correlator = field(default_factory=Correlator)
    _deduper: Deduper = field(default_factory=Deduper)
    _delivered: dict[tuple[str, str], float] = field(default_factory=dict)

    def feed(self, event: Event, at: datetime) -> Iterator[Outcome]:
        """What becomes of an event at `at`."""
        for found in self.matcher.match(event):
            prepared = prepare(found, self.policies.calendars, at)
            match = _with_error(found, prepared.error)
            settled = self.settle(prepared, at, lambda held=match: held)  # type: ignore[misc]
            yield Outcome(_with_error(match, settled.error), settled.stopped)

    def settle(self, match: Prepared, at: datetime, whole: Callable[[], Match]) -> Settled:
        """How a match ends at `at`. `whole` gives it with its event, of which a second delivery has no need."""
        if match.stopped is not None:
            return Settled(match.stopped, match.error)
        at_s = at.timestamp()
        # The same delivery opens nothing twice, whatever the policy says of repeats, and is not counted again.
        delivery = (match.key, match.identity)
        if at_s < self._delivered.get(delivery, at_s):
            return Settled("dedupe", match.error)
        held = whole()
        plan = held.compiled.correlation
        if plan is not None and not held.error:
            try:
                if not self._correlator.completes(plan, match.key, held.event, at_s):
                    return Settled("correlate")
            except EvaluationFault as fault:
                held = _with_error(held, str(fault))
        if self._deduper.is_repeat(held.policy, question_of(self.policies, held), at_s):
            source = self.policies.sources.get(held.event.source_name)
            self._delivered[delivery] = at_s + (source.replay_window_s if source is not None else 0)
            return Settled("dedupe", held.error)
        # A request has the id of its event for good; that an event joined another's is forgotten after a while.
        self._delivered[delivery] = math.inf
        return Settled(None, held.error)


def _with_error(match: Match, error: str) -> Match:
    return match if error == match.error else Match(match.compiled, match.event, error)
