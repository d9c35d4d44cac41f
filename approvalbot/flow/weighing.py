"""Weighing: whether somebody's vote would count now, without anything being recorded. For pages that only show."""

from approvalbot.errors import MoveRefused
from approvalbot.flow.ports import Journey, Member
from approvalbot.flow.press import Press, as_filled_in, cast_vote, person_of
from approvalbot.request.case import Case
from approvalbot.request.lifecycle import step
from approvalbot.request.request import Choice


def why_not(journey: Journey, case: Case, member: Member, choice: Choice, *, confirmed: str = "") -> MoveRefused | None:
    """The refusal that a vote would meet, or None where it would count. A missing reason is no refusal here."""
    person = person_of(member, journey.policies().identities)
    asked = Press(case.request.id, member.slack, choice, case.request.content, confirmed=confirmed)
    try:
        vote = cast_vote(journey, case, asked, member, person)
        step(case.request, case.terms, as_filled_in(vote), journey.requests.now())
    except MoveRefused as fault:
        return fault
    return None
