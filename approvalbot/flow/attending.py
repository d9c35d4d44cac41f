"""Attending: what people do about an open question besides deciding it. Each is one move, and each refusal is kept."""

from collections.abc import Callable

from approvalbot.errors import MoveRefused
from approvalbot.flow.advance import advance, advance_or_note
from approvalbot.flow.ports import Journey, Member
from approvalbot.flow.press import Press, cast_vote, full_member, person_of
from approvalbot.request.case import Case
from approvalbot.request.lifecycle import step
from approvalbot.request.moves import CastVote, Move, Noted
from approvalbot.request.request import Person

MoveOf = Callable[[Case, Member, Person], Move]
"""Builds the move of somebody from the case as it stands."""


def by_member(journey: Journey, request_id: str, slack: str, what: str, move: MoveOf) -> Case:
    """Make a move for a member; gives the case as it then is. `what` names the move where its refusal is kept.

    Raises:
        MoveRefused: not this person, not now, not like this; the trail has the refusal.
        Unavailable: nothing was recorded.
    """
    member, person = _who(journey, request_id, slack, what)
    return advance_or_note(
        journey, request_id, lambda case: move(case, member, person), lambda fault: _note(person, what, fault)
    )[0]


def rehearse_move(journey: Journey, request_id: str, slack: str, what: str, move: MoveOf) -> Case:
    """Find out whether a move would be refused, without making it: before somebody fills in a form.

    Raises:
        MoveRefused: as `by_member` would; the trail has the refusal.
    """
    member, person = _who(journey, request_id, slack, what)
    try:
        case, now = journey.requests.load(request_id)
        step(case.request, case.terms, move(case, member, person), now)
    except MoveRefused as fault:
        advance(journey, request_id, _note(person, what, fault))
        raise
    return case


def seen_as(journey: Journey, case: Case, member: Member, person: Person) -> CastVote:
    """Somebody as a denial of theirs would be seen: whoever may deny has a say."""
    return cast_vote(journey, case, Press(case.request.id, member.slack, "deny", case.request.content), member, person)


def _who(journey: Journey, request_id: str, slack: str, what: str) -> tuple[Member, Person]:
    try:
        member = full_member(journey.people, slack)
    except MoveRefused as fault:
        stranger = Person(key=f"slack:{slack}", name=slack, slack=slack)
        advance(journey, request_id, _note(stranger, what, fault))
        raise
    return member, person_of(member, journey.policies().identities)


def _note(person: Person, what: str, fault: MoveRefused) -> Noted:
    return Noted("press_refused", person, {"choice": what, "code": fault.code})
