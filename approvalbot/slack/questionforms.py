"""The modals of questions, pure: ask, answer, add a note. The first line repeats what it is about."""

from typing import Any

from approvalbot.plaintext import cut
from approvalbot.request.case import Case
from approvalbot.request.questions import MOST_LETTERS
from approvalbot.slack.forms import input_block, modal
from approvalbot.slack.questionwords import effect_on_the_clock, who_answers
from approvalbot.slack.text import Block, context, quote, rich_text, section, show, words
from approvalbot.slack.values import Values, option_value

ASK_FORM, ANSWER_FORM, NOTE_FORM = "form.ask", "form.answer", "form.note"
TO_WHOM = "It goes into the thread, and to whoever acted if we know them in Slack."
WRITTEN = "written"
"""The field of what is written."""


def ask_form(case: Case, values: Values) -> Block:
    """What do you want to know, with what it does to the clock."""
    requester = case.request.requester
    to = f"It goes to {show(requester)} and into the thread." if requester is not None else TO_WHOM
    blocks = [_what(case), _written("Your question"), context(effect_on_the_clock(case), to)]
    return modal("Ask a question", ASK_FORM, blocks, submit="Ask", metadata=_carried(case, values))


def answer_form(case: Case, values: Values) -> Block:
    """The question once more, and what to say to it. The form knows which question it answers."""
    nth = len(case.request.questions) - 1
    asked = case.request.questions[nth]
    blocks = [
        _what(case),
        section(f"{show(asked.by)} asks:"),
        quote(asked.text),
        _written("Your answer"),
        context(f"{who_answers(case)} Everybody who sees the card can read it."),
    ]
    metadata = option_value(str(nth), _carried(case, values))
    return modal("Answer the question", ANSWER_FORM, blocks, submit="Answer", metadata=metadata)


def note_form(case: Case, values: Values) -> Block:
    """What the approvers should know besides."""
    blocks = [_what(case), _written("Your note"), context("It goes into the thread of the card. It approves nothing.")]
    return modal("Add a note", NOTE_FORM, blocks, submit="Add", metadata=_carried(case, values))


def _what(case: Case) -> Block:
    about = case.about
    return rich_text(words(cut(about.summary or f"{about.who}: {about.action} on {about.resource}", 1000)))


def _written(label: str) -> Block:
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": WRITTEN,
        "multiline": True,
        "max_length": MOST_LETTERS,
    }
    return input_block(WRITTEN, label, element)


def _carried(case: Case, values: Values) -> str:
    return values.write(case.request.id, case.request.content)
