"""Advance: one move on one request, committed once, against whoever else is moving it."""

from collections.abc import Callable

from approvalbot.errors import Unavailable
from approvalbot.flow.ports import Journey
from approvalbot.flow.today import today_of
from approvalbot.log import get_logger
from approvalbot.request.case import Case
from approvalbot.request.change import Change
from approvalbot.request.effects import (
    Act,
    Answer,
    AskExtension,
    CheckMember,
    EndGrant,
    ExtendGrant,
    StartGrant,
    effect_id,
)
from approvalbot.request.lifecycle import is_due, step
from approvalbot.request.moves import Move, Wake

log = get_logger("flow")

OUTWARD = (Answer, Act, StartGrant, EndGrant, AskExtension, ExtendGrant, CheckMember)

MOST_TRIES = 100
"""How often a lost race is run again. Each loss means that somebody else's move was committed, so the request itself
gets on; a hundred losses in a row are a fault worth reporting rather than a crowd."""

MakeMove = Callable[[Case], Move]
"""Builds the move from the case as it stands: called again after every lost race."""


def advance(journey: Journey, request_id: str, move: Move | MakeMove) -> tuple[Case, Change]:
    """Move a request, and hand its effects on.

    Whatever is overdue happens first, so that a vote is judged by the deadlines and not by how busy the workers are.

    Raises:
        MoveRefused: the request does not take the move; it stands as it stood.
        NotFound: there is no such request.
        Unavailable: the store does not answer; whether the move counted is not known to be true, so it does not.
    """
    for _ in range(MOST_TRIES):
        case, now = journey.requests.load(request_id)
        if is_due(case.request, now):
            overdue = step(case.request, case.terms, Wake(today_of(journey.policies(), case)), now)
            if not overdue.is_nothing:
                _commit(journey, overdue)
                continue
        if isinstance(move, Wake):
            return case, Change(case.request, case.request.version)
        change = step(case.request, case.terms, move(case) if callable(move) else move, now)
        if change.is_nothing or _commit(journey, change):
            return Case(change.request, case.terms, case.about), change
    raise Unavailable("Too many people move this request at once; nothing was recorded. Try again.")


def _commit(journey: Journey, change: Change) -> bool:
    if not journey.requests.commit(change):
        return False
    hand_on(journey, change)
    return True


def hand_on(journey: Journey, change: Change) -> None:
    """Log what was committed and ask the workers for its effects. Losing this loses nothing but a second or two."""
    request = change.request
    for entry in change.entries:
        log.info(entry.what, request_id=request.id, policy=request.policy_id, state=request.state.value, step=entry.n)
    said: list[str] = []
    for index, effect in enumerate(change.effects):
        name = effect_id(request.id, request.version, index)
        if isinstance(effect, OUTWARD):
            # A receiver does not wait until Slack has been told, nor Slack for a receiver.
            # Whoever waits for an answer does not wait behind a storm of cards either.
            journey.outgoing.send([name], first=isinstance(effect, Answer))
        else:
            said.append(name)
    journey.outgoing.send(said)
