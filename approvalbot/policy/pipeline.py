"""The whole way of an event in memory: match, calendar, expression, correlation, dedupe. For tests and for replay.

The service does the same with its state in Redis; here it lives as long as the pipeline. Events come in the order of
their times.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from approvalbot.events.event import Event
from approvalbot.policy.correlation import Correlator
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
        return self.follow(self.matcher.match(event), at)

    def follow(self, matches: Iterable[Match], at: datetime) -> Iterator[Outcome]:
        """What becomes of the matches of one event at `at`."""
        for found in matches:
            match, stage = after_match(found, self.policies.calendars, at)
            if stage is None:
                match, stage = self._with_state(match, at.timestamp())
            yield Outcome(match, stage)

    def _with_state(self, match: Match, at_s: float) -> tuple[Match, Stage | None]:
        plan = match.compiled.correlation
        if plan is not None and not match.error:
            try:
                if not self._correlator.completes(plan, match.key, match.event, at_s):
                    return match, "correlate"
            except EvaluationFault as fault:
                return Match(match.compiled, match.event, str(fault)), None
        # The same delivery opens nothing twice, whatever the policy says of repeats.
        delivery = (match.key, match.event.identity)
        if delivery in self._delivered:
            return match, "dedupe"
        if self._deduper.is_repeat(match.policy, match.names(), match.event, at_s):
            return match, "dedupe"
        self._delivered.add(delivery)
        return match, None
