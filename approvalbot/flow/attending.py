"""Attending: what people do about an open question besides deciding it. Each is one move, and each refusal is kept."""

from collections.abc import Callable

from approvalbot.flow.advance import advance
from approvalbot.flow.members import full_member, person_of
from approvalbot.flow.ports import Journey, Member
from approvalbot.flow.press import Press, cast_vote
from approvalbot.flow.refusing import in_the_trail
from approvalbot.request.case import Case
from approvalbot.request.lifecycle import step
from approvalbot.request.moves import CastVote, Move
from approvalbot.request.request import Person

MoveOf = Callable[[Case, Member, Person], Move]
"""Builds the move of somebody from the case as it stands."""


def by_member(journey: Journey, request_id: str, slack: str, what: str, move: MoveOf) -> Case:
    """Make a move for a member; gives the case as it then is. `what` names the move where its refusal is kept.

    Raises:
        MoveRefused: not this person, not now, not like this; the trail has the refusal.
        Unavailable: nothing was recorded.
    """
    with in_the_trail(journey, request_id, slack, what):
        member, person = _who(journey, slack)
        return advance(journey, request_id, lambda case: move(case, member, person))[0]


def rehearse_move(journey: Journey, request_id: str, slack: str, what: str, move: MoveOf) -> Case:
    """Find out whether a move would be refused, without making it: before somebody fills in a form.

    Raises:
        MoveRefused: as `by_member` would; the trail has the refusal.
    """
    with in_the_trail(journey, request_id, slack, what):
        member, person = _who(journey, slack)
        case, now = journey.requests.load(request_id)
        step(case.request, case.terms, move(case, member, person), now)
    return case


def seen_as(journey: Journey, case: Case, member: Member, person: Person) -> CastVote:
    """Somebody as a denial of theirs would be seen: whoever may deny has a say."""
    return cast_vote(journey, case, Press(case.request.id, member.slack, "deny", case.request.content), member, person)


def _who(journey: Journey, slack: str) -> tuple[Member, Person]:
    member = full_member(journey.people, slack)
    return member, person_of(member, journey.policies().identities)
