"""Correlating: a policy that waits for several events asks with the one that completes them."""

from approvalbot.flow.ports import Journey
from approvalbot.policy.correlation import CorrelationPlan, completes
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.matching import Match
from approvalbot.policy.stages import FUTURE_TOLERANCE


def correlated(journey: Journey, match: Match) -> Match | None:
    """The match if its policy asks now; None while it still counts. What cannot be judged keeps the match, as an error.

    Raises:
        Unavailable: the counts are out of reach; the event should come again.
    """
    plan = match.compiled.correlation
    if plan is None or match.error:
        return match
    try:
        return match if _completes(journey, plan, match) else None
    except EvaluationFault as fault:
        return Match(match.compiled, match.event, str(fault))


def _completes(journey: Journey, plan: CorrelationPlan, match: Match) -> bool:
    event = match.event
    own_time = event.time is not None and event.time <= event.received_at + FUTURE_TOLERANCE
    at = event.time if plan.by_event_time and own_time else None
    return completes(plan, match.key, event, journey.counts, at)
