"""Refusing: whatever somebody pressed and may not do stands in the request's trail before it is said."""

from collections.abc import Iterator
from contextlib import contextmanager

from approvalbot.errors import MoveRefused
from approvalbot.flow.advance import advance
from approvalbot.flow.ports import Journey
from approvalbot.policy.environment import Identities
from approvalbot.request.moves import Noted
from approvalbot.request.request import Person


@contextmanager
def in_the_trail(journey: Journey, request_id: str, slack: str, choice: str) -> Iterator[None]:
    """Keep a refusal of what somebody with this Slack id pressed, and let it go on to whoever says it."""
    try:
        yield
    except MoveRefused as fault:
        presser = presser_of(journey.policies().identities, slack)
        advance(journey, request_id, Noted("press_refused", presser, {"choice": choice, "code": fault.code}))
        raise


def presser_of(identities: Identities, slack: str) -> Person:
    """Whoever pressed, as the trail names them: also somebody whom Slack does not describe now."""
    known = identities.lookup("slack", slack)
    name = identities.by_id[known].name if known is not None else slack
    return Person(key=known or f"slack:{slack}", name=name, slack=slack)
