"""The words of questions and answers, pure. What people wrote stands in quotes of its own, where nothing is parsed."""

from collections.abc import Mapping

from approvalbot.policy.durations import show_duration
from approvalbot.request.attention import Question
from approvalbot.request.case import Case
from approvalbot.request.questions import MOST_QUESTIONS, pause_of
from approvalbot.request.request import Request, State
from approvalbot.request.timing import open_question
from approvalbot.slack.text import Block, actions, button, context, quote, safe, section, show, when
from approvalbot.slack.values import Values

ASK, ANSWER, ADD_NOTE = "request.ask", "request.answer", "request.note"

ON_A_CARD = 300
"""Characters of a question or an answer on a card; its thread has the whole of it."""


def ask_option(case: Case) -> list[tuple[str, str]]:
    """The way to a question, in the card's menu, while one can be asked."""
    request = case.request
    if open_question(request) is not None or len(request.questions) >= MOST_QUESTIONS:
        return []
    return [(ASK, "Ask a question…")]


def question_rows(case: Case) -> list[Block]:
    """The last question, and its answer: rows of the card while it is open."""
    if case.request.state is not State.PENDING or not case.request.questions:
        return []
    last = case.request.questions[-1]
    rows = [context(f"*Question*  {show(last.by)} asked {when(last.at)}; {clock_line(case, last)}")]
    rows.append(quote(last.text, ON_A_CARD))
    if last.answered_by is not None and last.answered_at is not None:
        rows = [context(f"*Question*  {show(last.by)} asked {when(last.at)}"), rows[1]]
        rows += [context(f"*Answer*  {show(last.answered_by)} {when(last.answered_at)}"), quote(last.answer, ON_A_CARD)]
    return rows


def clock_line(case: Case, asked: Question) -> str:
    """What the question does to the clock, now."""
    if asked.paused_until is not None and asked.resumed_at is None and case.request.state is State.PENDING:
        return f"the clock is paused until {when(asked.paused_until)}"
    return "the clock runs"


def effect_on_the_clock(case: Case) -> str:
    """What a question would do to the clock, for whoever is about to ask."""
    pause_s = pause_of(case.request, case.terms.approval)
    if not pause_s:
        return "The clock runs on while it is open."
    return (
        f"The clock stops until the answer, for {show_duration(pause_s)} at most: meanwhile nobody else is called and "
        "nothing expires. Everybody may still decide."
    )


def who_answers(case: Case) -> str:
    """Who may answer. Their answer decides nothing."""
    requester = case.request.requester
    first = f"{show(requester)}, " if requester is not None else "Whoever acted, "
    return f"{first}an owner of the policy or whoever may decide can answer. An answer approves nothing."


def question_message(case: Case, nth: int, values: Values, *, named: bool = False) -> tuple[str, list[Block]]:
    """A question as it is put in the thread or to one person: with a button while it waits.

    `named` is for places where nothing else says what it is about; there it shows its answer too. In the thread
    of a card the answer comes below it.
    """
    request, asked = case.request, case.request.questions[nth]
    waits = asked.answered_at is None and request.state is State.PENDING
    head = f"{show(asked.by)} asks about *{safe(case.about.title, 120)}*" if named else f"{show(asked.by)} asks:"
    blocks = [section(head), quote(asked.text)]
    if asked.answered_by is not None and named:
        blocks += [context(f"{show(asked.answered_by)} answered:"), quote(asked.answer)]
    elif waits:
        blocks.append(context(f"{_sentence(clock_line(case, asked))} {who_answers(case)}"))
        blocks.append(actions(f"question.{nth}", [_answer_button(request, values)]))
    return f"{show(asked.by)} asks: {safe(asked.text, 1000)}", blocks


def answer_message(case: Case, nth: int, link: str) -> tuple[str, list[Block]]:
    """An answer, as the thread and whoever asked read it. `link` leads to the card from a message of its own."""
    asked = case.request.questions[nth]
    who = show(asked.answered_by) if asked.answered_by is not None else "Somebody"
    about = f" about <{link}|{safe(case.about.title, 120)}>" if link else ""
    blocks = [section(f"{who} answers {show(asked.by)}{about}:"), quote(asked.answer)]
    return f"{who} answers: {safe(asked.answer, 1000)}", blocks


def note_blocks(detail: Mapping[str, str]) -> list[Block]:
    """What the requester added unasked."""
    return [section(f"{_writer(detail)} adds:"), quote(detail.get("text", ""))]


def note_line(detail: Mapping[str, str]) -> str:
    """The same for notifications."""
    return f"{_writer(detail)} adds: {safe(detail.get('text', ''), 1000)}"


def talk_buttons(case: Case, values: Values, *, mine: bool) -> list[Block]:
    """What can be said about an open request by whoever looks at it alone: an answer, and a note of the requester's."""
    request, made = case.request, []
    if request.state is not State.PENDING:
        return []
    if open_question(request) is not None:
        made.append(_answer_button(request, values))
    if mine:
        value = values.write(request.id, request.content)
        made.append(button("Add a note", ADD_NOTE, value, f"Add a note to request {request.short_id}"))
    return made


def question_to_me(request: Request, values: Values) -> list[Block]:
    """The question that waits for the answer of whoever asked for it, among all that they asked for."""
    asked = open_question(request)
    if asked is None:
        return []
    row = [context(f"*Question*  {show(asked.by)} asked {when(asked.at)}"), quote(asked.text, ON_A_CARD)]
    return [*row, actions(f"answer.{request.id}", [_answer_button(request, values)])]


def _answer_button(request: Request, values: Values) -> Block:
    value = values.write(request.id, request.content)
    label = f"Answer the question about request {request.short_id}"
    return button("Answer", ANSWER, value, label, style="primary")


def _writer(detail: Mapping[str, str]) -> str:
    return f"<@{detail['slack']}>" if detail.get("slack") else safe(detail.get("name", "somebody"), 80)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
