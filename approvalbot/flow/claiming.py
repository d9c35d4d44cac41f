"""Claiming: which question a request stands for, so that the same one opens nothing twice, and which room it takes."""

from approvalbot.log import get_logger
from approvalbot.policy.dedupe import asks_once, question_of
from approvalbot.policy.documents import Policy
from approvalbot.policy.environment import fold
from approvalbot.policy.matching import Match
from approvalbot.policy.people import ActorOf
from approvalbot.policy.policyset import PolicySet
from approvalbot.request.names import name_of
from approvalbot.request.opening import Ceiling, Stands
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


def ceilings_of(policy: Policy, actor: ActorOf) -> tuple[Ceiling, ...]:
    """The counts of open requests that a new one must find room in.

    A pack counts all its rules together. An actor is their person, else their account; all events that name no actor
    are of one.
    """
    limits = policy.limits
    if limits is None:
        return ()
    document = ("pack" if policy.pack else "policy", policy.id)
    who = actor.person or "".join(f"{actor.system}/{fold(account)}" for account in actor.accounts[:1])
    wanted = (
        ("open", name_of("open", *document), limits.open),
        ("per_actor", name_of("open", *document, "actor", who), limits.per_actor),
    )
    return tuple(Ceiling(name, counted_in, most) for name, counted_in, most in wanted if most is not None)
