"""Weighing: whether somebody's vote would count now, without anything being recorded. For pages that only show."""

from dataclasses import replace

from approvalbot.errors import MoveRefused
from approvalbot.flow.attending import MoveOf
from approvalbot.flow.members import person_of
from approvalbot.flow.ports import Journey, Member
from approvalbot.flow.press import Press, as_filled_in, cast_vote
from approvalbot.flow.questions import TO_BE_WRITTEN, answering, asking
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


def could_ask(journey: Journey, case: Case, member: Member, *, whatever_is_open: bool = False) -> bool:
    """Whether somebody could ask a question now; with `whatever_is_open`, whether they could if none were open."""
    if whatever_is_open:
        case = replace(case, request=case.request.model_copy(update={"questions": ()}))
    return _could(journey, case, member, asking(journey, TO_BE_WRITTEN))


def could_answer(journey: Journey, case: Case, member: Member) -> bool:
    """Whether somebody could answer the open question now."""
    return _could(journey, case, member, answering(journey, TO_BE_WRITTEN))


def _could(journey: Journey, case: Case, member: Member, move: MoveOf) -> bool:
    try:
        person = person_of(member, journey.policies().identities)
        step(case.request, case.terms, move(case, member, person), journey.requests.now())
    except MoveRefused:
        return False
    return True
