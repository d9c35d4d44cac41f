"""Questions: somebody who may decide asks, whoever knows answers, and the requester may say something unasked."""

from approvalbot.errors import MoveRefused
from approvalbot.flow.attending import MoveOf, by_member, rehearse_move, seen_as
from approvalbot.flow.members import bars_now
from approvalbot.flow.owning import is_owner
from approvalbot.flow.ports import Journey, Member
from approvalbot.policy.environment import Identities
from approvalbot.request.case import Case
from approvalbot.request.moves import AddNote, AnswerQuestion, AskQuestion, CastVote
from approvalbot.request.request import Bar, Person, State

TO_BE_WRITTEN = "(to be written)"


def ask_question(journey: Journey, request_id: str, slack: str, text: str) -> Case:
    """Ask, for the person with that Slack id; gives the case as it then is.

    Raises:
        MoveRefused: they may not decide it, another question is open, or the text is none; the trail has it.
        NotFound: there is no such request.
        Unavailable: nothing was recorded.
    """
    return by_member(journey, request_id, slack, "ask", asking(journey, text))


def may_ask(journey: Journey, request_id: str, slack: str) -> Case:
    """Find out whether a question would be refused, before it is written.

    Raises:
        MoveRefused: as `ask_question` would.
    """
    return rehearse_move(journey, request_id, slack, "ask", asking(journey, TO_BE_WRITTEN))


def answer_question(journey: Journey, request_id: str, slack: str, text: str, nth: int | None = None) -> Case:
    """Answer the open question, if it is still the `nth` where that is given.

    It decides nothing, so whoever may never vote may answer: the requester first of all.

    Raises:
        MoveRefused: nothing is asked, it is not theirs to answer, or the text is none; the trail has it.
    """
    return by_member(journey, request_id, slack, "answer", answering(journey, text, nth))


def may_answer(journey: Journey, request_id: str, slack: str) -> Case:
    """Find out whether an answer would be refused, before it is written.

    Raises:
        MoveRefused: as `answer_question` would.
    """
    return rehearse_move(journey, request_id, slack, "answer", answering(journey, TO_BE_WRITTEN))


def add_note(journey: Journey, request_id: str, slack: str, text: str) -> Case:
    """Say something unasked about what one asked for.

    Raises:
        MoveRefused: somebody else asked for it, or the text is none; the trail has it.
    """
    return by_member(journey, request_id, slack, "note", lambda _case, _member, person: AddNote(person, text))


def may_note(journey: Journey, request_id: str, slack: str) -> Case:
    """Find out whether a note would be refused, before it is written.

    Raises:
        MoveRefused: as `add_note` would.
    """
    return rehearse_move(journey, request_id, slack, "note", lambda _case, _member, by: AddNote(by, TO_BE_WRITTEN))


def put_question(journey: Journey, case: Case, nth: int) -> None:
    """Put a question to whoever can answer it. A question that was answered meanwhile is put to nobody."""
    asked = case.request.questions[nth]
    waits = case.request.state is State.PENDING and asked.answered_at is None
    people = who_knows(case, journey.policies().identities) if waits else ()
    journey.conversation.put_question(case, nth, [person for person in people if person != asked.by.slack])


def who_knows(case: Case, identities: Identities) -> tuple[str, ...]:
    """The Slack ids of those who can be asked in person: the requester, else the actor as the identities know them."""
    requester = case.request.requester
    if requester is not None and requester.slack is not None:
        return (requester.slack,)
    accounts = [one for bar in case.request.bars if bar.role != "excluded" if (one := _slack_of(bar, identities))]
    return tuple(dict.fromkeys(accounts))


def _slack_of(bar: Bar, identities: Identities) -> str | None:
    if bar.system == "slack":
        return bar.account
    person = identities.by_id.get(bar.person or "") or identities.by_id.get(
        identities.lookup(bar.system, bar.account) or ""
    )
    return next(iter(person.accounts("slack")), None) if person is not None else None


def asking(journey: Journey, text: str) -> MoveOf:
    """The move that puts a question."""
    return lambda case, member, person: AskQuestion(seen_as(journey, case, member, person), text)


def answering(journey: Journey, text: str, nth: int | None = None) -> MoveOf:
    """The move that answers one."""

    def move(case: Case, member: Member, person: Person) -> AnswerQuestion:
        seen = _answerer(journey, case, member, person)
        return AnswerQuestion(seen, text, owner=is_owner(journey, case.terms, member), nth=nth)

    return move


def _answerer(journey: Journey, case: Case, member: Member, person: Person) -> CastVote:
    try:
        return seen_as(journey, case, member, person)
    except MoveRefused:
        # Whom it is about may answer without being of any group, so groups that nobody can read do not keep them.
        requester = case.request.requester
        bars = bars_now(case.request, journey.policies().identities, member, person)
        if person.key not in bars and (requester is None or not requester.is_same(person)):
            raise
        return CastVote(by=person, choice="deny", entries=frozenset(), bars=bars)
