"""What follows a match before a request opens: the calendar and the expression. Correlation and dedupe need state.

Time enters here: `now` is when the request would open. A stage that cannot be judged keeps the match, with its error.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from approvalbot.events.event import Event
from approvalbot.policy.calendars import Calendars, is_inside
from approvalbot.policy.documents import Policy
from approvalbot.policy.during import During
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.matching import Match
from approvalbot.policy.policyset import PolicySet

FUTURE_TOLERANCE = timedelta(minutes=5)
"""An event time further in the future is not usable (policy.md section 2)."""

Stage = Literal["source", "index", "match", "during", "when", "correlate", "dedupe"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What an event comes to. `holds` go on to correlation and dedupe, `stopped` ended at a stage."""

    holds: tuple[Match, ...] = ()
    stopped: tuple[tuple[Match, Stage], ...] = field(default=())


def judge_event(policies: PolicySet, event: Event, now: datetime) -> Judged:
    """Every policy an event concerns at `now`."""
    matches = policies.matcher.match(event)
    if not matches:
        return Judged()
    holds: list[Match] = []
    stopped: list[tuple[Match, Stage]] = []
    for match in matches:
        judged, stage = after_match(match, policies.calendars, now)
        if stage is None:
            holds.append(judged)
        else:
            stopped.append((judged, stage))
    return Judged(tuple(holds), tuple(stopped))


def after_match(match: Match, calendars: Calendars, now: datetime) -> tuple[Match, Stage | None]:
    """The match, and the stage that stops it if one does. A fault becomes the match's error and stops nothing."""
    if match.error:
        return match, None
    policy, when = match.policy, match.compiled.when
    try:
        if policy.during is not None and not during_holds(policy, policy.during, match.event, calendars, now):
            return match, "during"
        if when is not None and not when.holds(match.event, now):
            return match, "when"
    except EvaluationFault as fault:
        return Match(match.compiled, match.event, str(fault)), None
    return match, None


def during_holds(policy: Policy, during: During, event: Event, calendars: Calendars, now: datetime) -> bool:
    """Whether the policy applies at this time.

    Raises:
        EvaluationFault: the calendar cannot tell.
    """
    return is_inside(calendars, during.calendar, clock_of(policy, during, event, now)) is (during.is_ == "inside")


def clock_of(policy: Policy, during: During, event: Event, now: datetime) -> datetime:
    """The moment that counts: the event's for a review, the opening otherwise; arrival where that is not usable."""
    by_event = during.clock == "event" or (during.clock is None and policy.request == "review")
    if not by_event:
        return now
    if event.time is None or event.time > now + FUTURE_TOLERANCE:
        return event.received_at
    return event.time
