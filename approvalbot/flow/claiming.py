"""Claiming: which question a request stands for, so that the same one opens nothing twice."""

from approvalbot.log import get_logger
from approvalbot.policy.dedupe import asks_once, question_of
from approvalbot.policy.matching import Match
from approvalbot.policy.policyset import PolicySet
from approvalbot.request.opening import Stands
from approvalbot.request.request import State

log = get_logger("flow")


def stands_for(policies: PolicySet, match: Match) -> Stands | None:
    """The question of a match, or None where the event is one of its own.

    That is worth a word where the policy wanted it otherwise: an event without any of the key's values may be one of
    thousands alike.
    """
    question = question_of(policies, match)
    if question is None:
        if asks_once(match.policy):
            log.warning("not deduplicated: every value of its key is missing", policy=match.key)
        return None
    states = frozenset({State.PENDING}) if question.only_pending else None
    return Stands(question.key, states, question.window_s, counted=question.counted)
