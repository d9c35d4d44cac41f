"""What makes two matches of a policy in `monitor` the same sight: what would make them one question.

A policy that says nothing of it sees the same where everything its card shows is equal: a storm of one event is one
card with a count, also where nobody thought of storms.
"""

from approvalbot.events.digests import digest_of
from approvalbot.policy.dedupe import KEY_LETTERS, Question, asks_once, content_of, question_of
from approvalbot.policy.matching import Match
from approvalbot.policy.policyset import PolicySet

WINDOW_S = 3600
"""Seconds within which the same is counted and not shown anew, where the policy names no window: as `dedupe` has it."""


def seen_as(policies: PolicySet, match: Match) -> Question | None:
    """What a match is seen as; None where its policy wants every one shown (`on_repeat: new`)."""
    policy = match.policy
    if policy.dedupe is not None and not asks_once(policy):
        return None
    question = question_of(policies, match)
    if question is not None:
        return question
    window_s = policy.dedupe.window_s if policy.dedupe is not None else WINDOW_S
    return Question(f"content:{policy.id}:{digest_of(content_of(policies, match))[:KEY_LETTERS]}", window_s)
