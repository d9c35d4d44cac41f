"""Questions: somebody who may decide wants to know something first, and whoever knows it answers.

Theory. One question is open at a time. Where the policy has `question_pause`, it stops the clock: reminders, the next
level and the end wait, by the time that the clock really stood. The clock goes on with the answer, with the next vote,
or when the pause is over, whatever comes first. Only the first `MOST_PAUSES` questions stop it, so the end of a request
moves by at most that many pauses. An answer is no vote: it decides nothing, and whoever may never vote may give it.
"""

from datetime import datetime, timedelta

from approvalbot.errors import MoveRefused
from approvalbot.policy.approval import Approval
from approvalbot.request import refusals, settling
from approvalbot.request.attention import Question
from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.effects import Effect, Note, PutQuestion, TellAnswer
from approvalbot.request.eligible import no_say
from approvalbot.request.moves import AddNote, AnswerQuestion, AskQuestion, Today
from approvalbot.request.request import Request
from approvalbot.request.timing import open_question, paused_by, stood_with, with_deadlines
from approvalbot.request.trail import Draft

MOST_QUESTIONS, MOST_NOTES = 10, 10
"""Of one request. Chosen by us: what needs more talk than this is talked over elsewhere, and a request stays small."""

MOST_PAUSES = 3
"""Questions of one request that stop its clock. The later ones are asked while it runs."""

MOST_LETTERS = 1000
"""Of a question, an answer or a note (ux.md section 4)."""


def ask(here: Here, terms: Terms, move: AskQuestion) -> Change:
    """Put a question.

    Raises:
        MoveRefused: not this person, another question is open, there were too many, or the text is none.
    """
    request, approval, seen = here.request, terms.approval, move.seen
    if fault := no_say(request, approval, seen):
        raise fault
    if (waiting := open_question(request)) is not None:
        raise refusals.question_open(waiting)
    if len(request.questions) >= MOST_QUESTIONS:
        raise refusals.too_many_questions(MOST_QUESTIONS)
    text = _text(move.text, "question")
    pause_s = pause_of(request, approval, seen.today)
    until = here.now + timedelta(seconds=pause_s) if pause_s else None
    asked = Question(by=seen.by, at=here.now, text=text, paused_until=until)
    nth = len(request.questions)
    changed = with_deadlines(request.model_copy(update={"questions": (*request.questions, asked)}), approval)
    drafts = [Draft("asked", seen.by, {"question": text})]
    if until is not None:
        drafts.append(Draft("paused", detail={"until": until.isoformat()}))
    return here.becomes(changed, drafts, [*settling.redraw(), PutQuestion(nth=nth)], valid_until=request.due_at)


def answer(here: Here, terms: Terms, move: AnswerQuestion) -> Change:
    """Answer the open question.

    Raises:
        MoveRefused: nothing is asked, the text is none, or it is not this person's to answer.
    """
    request, by = here.request, move.seen.by
    asked = open_question(request)
    if asked is None:
        raise refusals.nothing_asked(request.questions[-1] if request.questions else None)
    if move.nth is not None and move.nth != len(request.questions) - 1:
        raise refusals.stale_form()
    if not _may_answer(request, terms.approval, move):
        raise refusals.not_yours_to_answer(request)
    text = _text(move.text, "answer")
    running, drafts = goes_on(request, here.now)
    answered = running.questions[-1].model_copy(update={"answered_by": by, "answered_at": here.now, "answer": text})
    changed = running.model_copy(update={"questions": (*running.questions[:-1], answered)})
    effects: list[Effect] = [*settling.redraw(), TellAnswer(nth=len(request.questions) - 1)]
    drafts = [Draft("answered", by, {"answer": text}), *drafts]
    return here.becomes(with_deadlines(changed, terms.approval), drafts, effects, valid_until=request.due_at)


def _may_answer(request: Request, approval: Approval, move: AnswerQuestion) -> bool:
    """The requester and the actor with all their accounts, the policy's owner, and whoever else has a say."""
    by, requester = move.seen.by, request.requester
    concerned = move.seen.bars.get(by.key) in {"requester", "actor"}
    asked_for_it = requester is not None and requester.is_same(by)
    return concerned or asked_for_it or move.owner or no_say(request, approval, move.seen) is None


def add_note(here: Here, _terms: Terms, move: AddNote) -> Change:
    """The requester says something unasked: one line of the thread.

    Raises:
        MoveRefused: it is somebody else's request, there were too many, or the text is none.
    """
    request = here.request
    if request.requester is None or not request.requester.is_same(move.by):
        raise refusals.not_yours_to_note(request)
    if request.notes >= MOST_NOTES:
        raise refusals.too_many_notes(MOST_NOTES)
    text = _text(move.text, "note")
    said = {"text": text, "slack": move.by.slack or "", "name": move.by.name}
    note = Note(entry=request.trail_count + 1, what="note_added", detail=said)
    noted = request.model_copy(update={"notes": request.notes + 1})
    return here.becomes(noted, [Draft("note_added", move.by, {"note": text})], [note], valid_until=request.due_at)


def pause_is_over(here: Here, terms: Terms) -> Change:
    """The pause has taken all its time: the clock goes on, and the question stays open."""
    changed, drafts = goes_on(here.request, here.now)
    effects = [*settling.redraw(), Note(entry=here.request.trail_count + 1, what="resumed", detail={})]
    return here.becomes(with_deadlines(changed, terms.approval), drafts, effects, valid_from=here.request.due_at)


def is_over(request: Request, now: datetime) -> bool:
    """Whether the running pause has taken all its time."""
    pause = paused_by(request)
    return pause is not None and pause.paused_until is not None and now >= pause.paused_until


def goes_on(request: Request, now: datetime) -> tuple[Request, list[Draft]]:
    """The request with its clock running, and what the trail says of that; as it was where no clock stands.

    However late a worker comes, a pause ends when it was to end: an outage moves no deadline.
    """
    pause = paused_by(request)
    if pause is None or pause.paused_until is None:
        return request, []
    end = min(now, pause.paused_until)
    over = pause.model_copy(update={"resumed_at": end})
    stood_ms = stood_with(request, pause, end)
    stood_s = round((end - pause.at).total_seconds())
    running = request.model_copy(update={"questions": (*request.questions[:-1], over), "stood_ms": stood_ms})
    return running, [Draft("resumed", detail={"stood_s": str(stood_s)})]


def pause_of(request: Request, approval: Approval, today: Today | None = None) -> int:
    """For how many seconds the next question would stop the clock; 0 where it would not. Today's policy may only
    shorten it.
    """
    used = sum(asked.paused_until is not None for asked in request.questions)
    allowed = min(one.question_pause_s for one in (approval, *([today.approval] if today is not None else [])))
    return allowed if used < MOST_PAUSES else 0


def _text(text: str, what: str) -> str:
    """What was written, if it can be said.

    Raises:
        MoveRefused: code `text_invalid`.
    """
    found = text.strip()
    if not found or len(found) > MOST_LETTERS:
        raise MoveRefused("text_invalid", "Write the {what} in 1 to {most} characters.", what=what, most=MOST_LETTERS)
    return found
