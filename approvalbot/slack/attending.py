"""Presses and forms of what people do besides deciding: looking, asking, answering, adding a note."""

from collections.abc import Callable
from dataclasses import dataclass

from approvalbot.errors import ApprovalBotError, MoveRefused, Unavailable
from approvalbot.flow.looking import How, claim, release
from approvalbot.flow.ports import Journey
from approvalbot.flow.questions import add_note, answer_question, ask_question, may_answer, may_ask, may_note
from approvalbot.request.case import Case
from approvalbot.slack.api import SlackApi
from approvalbot.slack.asking import whole
from approvalbot.slack.checks import check_ours
from approvalbot.slack.forms import text_form
from approvalbot.slack.lookbuttons import looker_blocks
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.payloads import Interaction, View
from approvalbot.slack.questionforms import ANSWER_FORM, ASK_FORM, WRITTEN, answer_form, ask_form, note_form
from approvalbot.slack.replies import NOT_CONFIRMED, Reply
from approvalbot.slack.text import Block, refusal, safe, when
from approvalbot.slack.values import Value, Values


@dataclass(frozen=True, slots=True)
class Attending:
    """Everything that these presses need."""

    journey: Journey
    api: SlackApi
    ourselves: Ourselves
    values: Values
    teams: frozenset[str] = frozenset()

    def look(self, payload: Interaction, named: Value, how: How = "look") -> Reply:
        """Claim it, and say so to the claimer in private: there they can keep it or let it go."""
        try:
            case = claim(self.journey, named.request_id, payload.user.id, how)
        except MoveRefused as fault:
            if fault.code != "already_looking":
                raise
            case, _ = self.journey.requests.load(named.request_id)
            return self._looker(case, refusal(fault))
        held = case.request.claim
        until = f" until {when(held.until)}" if held is not None else ""
        return self._looker(case, f"You are looking{until}; everybody sees it, and may still decide.")

    def release(self, payload: Interaction, named: Value) -> Reply:
        """Let it go."""
        case = release(self.journey, named.request_id, payload.user.id)
        return Reply(f"You are not looking any more: *{safe(case.about.title, 120)}* is free again.")

    def ask(self, payload: Interaction, named: Value) -> None:
        """Open the form for a question, to somebody who may ask."""
        self._open(payload, ask_form(may_ask(self.journey, named.request_id, payload.user.id), self.values))

    def answer(self, payload: Interaction, named: Value) -> None:
        """Open the form for the answer, to somebody who may give it."""
        self._open(payload, answer_form(may_answer(self.journey, named.request_id, payload.user.id), self.values))

    def note(self, payload: Interaction, named: Value) -> None:
        """Open the form for a note."""
        self._open(payload, note_form(may_note(self.journey, named.request_id, payload.user.id), self.values))

    def on_form(self, payload: Interaction) -> tuple[dict[str, str], Block | None]:
        """A submitted form; gives the faults by field, or a form that replaces it, or neither: it is done."""
        view = payload.view or View()
        try:
            check_ours(payload, self.ourselves.bot(), self.teams)
            self._submitted(view, payload.user.id)
        except Unavailable:
            return {}, text_form("Not recorded", NOT_CONFIRMED)
        except ApprovalBotError as fault:
            if fault.code == "text_invalid" and WRITTEN in view.values:
                return {WRITTEN: fault.text()}, None
            return {}, text_form("Not recorded", refusal(fault))
        return {}, None

    def _submitted(self, view: View, slack: str) -> None:
        carried, text = view.private_metadata, view.text(WRITTEN)
        if view.callback_id == ANSWER_FORM:
            nth, _, carried = carried.partition("|")
            answer_question(self.journey, self.values.read(carried).request_id, slack, text, whole(nth))
            return
        act: Callable[[Journey, str, str, str], Case] = ask_question if view.callback_id == ASK_FORM else add_note
        act(self.journey, self.values.read(carried).request_id, slack, text)

    def _looker(self, case: Case, text: str) -> Reply:
        return Reply(text, tuple(looker_blocks(case, self.values, text)))

    def _open(self, payload: Interaction, view: Block) -> None:
        self.api.write("views.open", trigger_id=payload.trigger_id, view=view)
