"""The whole way of an event in memory: match, calendar, expression, correlation, dedupe. For tests and for replay.

The service does the same with its state in Redis; here it lives as long as the pipeline, and nobody acts. Events come
in the order of their times. Limits on how much may be open are the service's alone.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from approvalbot.events.event import Event
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
            match, stage = after_match(found, self.policies.calendars, at)
            if stage is None:
                match, stage = self._with_state(match, at.timestamp())
            yield Outcome(match, stage)

    def _with_state(self, match: Match, at_s: float) -> tuple[Match, Stage | None]:
        # The same delivery opens nothing twice, whatever the policy says of repeats, and is not counted again.
        delivery = (match.key, match.event.identity)
        if at_s < self._delivered.get(delivery, at_s):
            return match, "dedupe"
        plan = match.compiled.correlation
        if plan is not None and not match.error:
            try:
                if not self._correlator.completes(plan, match.key, match.event, at_s):
                    return match, "correlate"
            except EvaluationFault as fault:
                match = Match(match.compiled, match.event, str(fault))
        if self._deduper.is_repeat(match.policy, question_of(self.policies, match), at_s):
            source = self.policies.sources.get(match.event.source_name)
            self._delivered[delivery] = at_s + (source.replay_window_s if source is not None else 0)
            return match, "dedupe"
        # A request has the id of its event for good; that an event joined another's is forgotten after a while.
        self._delivered[delivery] = math.inf
        return match, None
