"""Deciding: an approval or a denial, at once or by a form that asks for what the policy wants to know besides."""

from dataclasses import dataclass, replace

from approvalbot.errors import ApprovalBotError, MoveRefused
from approvalbot.flow.narrowing import choices_now
from approvalbot.flow.ports import Journey
from approvalbot.flow.press import Press, press, rehearse
from approvalbot.flow.refusing import in_the_trail
from approvalbot.flow.today import wants_typing
from approvalbot.log import get_logger
from approvalbot.request.case import Case
from approvalbot.request.change import Change
from approvalbot.request.refusals import less_not_offered, level_entries, shown_entries
from approvalbot.request.request import Choice, Less, State
from approvalbot.slack.api import SlackApi, SlackFault
from approvalbot.slack.card import standing
from approvalbot.slack.checks import check_ours
from approvalbot.slack.forms import (
    ALERT,
    APPROVE_FORM,
    DENY_FORM,
    NOTE,
    REASON_CODE,
    TYPED,
    approve_form,
    deny_form,
)
from approvalbot.slack.lessform import AS_ASKED, LESS_DURATION, LESS_FORM, LESS_SCOPE, first_choice, less_form
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.payloads import Interaction, View
from approvalbot.slack.replies import Reply
from approvalbot.slack.text import Block, safe
from approvalbot.slack.values import Value, Values

log = get_logger("deciding")

SEAT_TAKEN = "Your approval is kept but cannot fill another seat: still needed is one person from {groups}."

FORMS = (APPROVE_FORM, DENY_FORM, LESS_FORM)
REDRAWN_BY = (REASON_CODE, LESS_DURATION, LESS_SCOPE)
"""The choices in these forms that draw them anew, before they are submitted."""

_FIELDS = {
    "reason_required": (NOTE,),
    "confirmation_required": (TYPED,),
    "confirmation_wrong": (TYPED,),
    "less_not_offered": (LESS_SCOPE, LESS_DURATION),
}
"""Where in a form a refusal belongs; what concerns the whole of it replaces the form."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """Everything that deciding needs."""

    journey: Journey
    api: SlackApi
    ourselves: Ourselves
    values: Values
    teams: frozenset[str] = frozenset()

    def choose(self, payload: Interaction, named: Value, choice: Choice) -> Reply | None:
        """Count a press at once; ask first for what the policy wants to know."""
        pressed = Press(named.request_id, payload.user.id, choice, named.content)
        case, _ = self.journey.requests.load(pressed.request_id)
        if case.request.state is not State.PENDING or not self._asks(case, choice):
            # On the home tab there is no room to say whose account it is, so nothing waits there.
            return counted(*press(self.journey, pressed, keep=payload.view is None))
        # Whoever may not decide learns it now, not after having filled in a form.
        rehearse(self.journey, pressed)
        drawn = deny_form(case, self.values) if choice == "deny" else self._approve_form(case)
        self._open(payload, drawn)
        return None

    def narrow(self, payload: Interaction, named: Value) -> None:
        """Open the form that approves with less.

        Raises:
            MoveRefused: this person could not approve it, or there is nothing less to approve.
        """
        case = rehearse(self.journey, Press(named.request_id, payload.user.id, "approve", named.content))
        choices = choices_now(self.journey.policies(), case)
        if choices.are_none:
            with in_the_trail(self.journey, named.request_id, payload.user.id, "less"):
                raise less_not_offered()
        self._open(payload, self._less_form(case, first_choice(choices)))

    def on_choice(self, payload: Interaction) -> None:
        """A choice in a form that changes what the form shows: draw it anew. What was typed stays, by its block."""
        view = payload.view or View()
        try:
            check_ours(payload, self.ourselves.bot(), self.teams)
            case, _ = self.journey.requests.load(self.values.read(view.private_metadata).request_id)
            if view.callback_id == DENY_FORM:
                drawn = deny_form(case, self.values, view.text(REASON_CODE))
            else:
                drawn = self._less_form(case, _less(view))
            # The form keeps the content it was opened with: a press on what has changed since is refused.
            drawn["private_metadata"] = view.private_metadata
            self.api.write("views.update", view_id=view.id, hash=view.hash, view=drawn)
        except SlackFault as fault:
            # Two choices in one moment, or a form that is closed by now: the newer one stands.
            log.info("form not drawn anew", error=fault.error)
        except ApprovalBotError as fault:
            log.info("form not drawn anew", code=fault.code)

    def submit(self, payload: Interaction) -> dict[str, str]:
        """Count a submitted form; gives what is wrong with it, by field, or nothing.

        Raises:
            ApprovalBotError: it is refused as a whole, or nothing was recorded.
        """
        view = payload.view or View()
        check_ours(payload, self.ourselves.bot(), self.teams)
        named = self.values.read(view.private_metadata)
        choice: Choice = "deny" if view.callback_id == DENY_FORM else "approve"
        pressed = Press(
            named.request_id,
            payload.user.id,
            choice,
            named.content,
            reason=view.text(NOTE),
            reason_code=view.text(REASON_CODE) if choice == "deny" else "",
            typed=view.text(TYPED),
            alert=view.is_checked(ALERT),
        )
        if view.callback_id == LESS_FORM:
            pressed = replace(pressed, less=_less(view))
        try:
            press(self.journey, pressed)
        except MoveRefused as fault:
            field = next((one for one in _FIELDS.get(fault.code, ()) if one in view.values), "")
            if not field:
                raise
            return {field: fault.text()}
        return {}

    def _asks(self, case: Case, choice: Choice) -> bool:
        """Whether a form has to come before the vote counts."""
        if choice == "deny":
            return True
        required = case.terms.approval.reason.approve == "required"
        return required or wants_typing(self.journey.policies(), case)

    def _approve_form(self, case: Case) -> Block:
        return approve_form(case, self.values, typed=wants_typing(self.journey.policies(), case))

    def _less_form(self, case: Case, chosen: Less) -> Block:
        policies = self.journey.policies()
        typed, now = wants_typing(policies, case), self.journey.requests.now()
        return less_form(case, choices_now(policies, case), chosen, self.values, now, typed=typed)

    def _open(self, payload: Interaction, view: Block) -> None:
        """Open a form within the 3 s of the trigger."""
        self.api.write("views.open", trigger_id=payload.trigger_id, view=view)


def counted(case: Case, change: Change) -> Reply | None:
    """Silence when the card itself shows it; a word when the vote was taken but could not fill a seat."""
    if case.request.state is not State.PENDING or change.tally is None:
        return None
    approvals, needed = standing(case)
    approving = sum(vote.choice == "approve" for vote in case.request.votes)
    if approvals >= approving or approvals >= needed:
        return None
    taken = {entry for vote in case.request.votes if vote.choice == "approve" for entry in vote.entries}
    levels = range(case.request.level + 1)
    asked = [entry for level in levels for entry in level_entries(case.request, case.terms.approval, level)]
    missing = [entry for entry in dict.fromkeys(asked) if entry not in taken]
    return Reply(SEAT_TAKEN.format(groups=safe(shown_entries(missing) if missing else "another group")))


def _less(view: View) -> Less:
    """What is chosen in the form; what no menu of ours holds is refused where votes are taken."""
    duration, scope = view.text(LESS_DURATION), view.text(LESS_SCOPE)
    seconds = int(duration) if duration.isascii() and duration.isdigit() and len(duration) < 10 else 0
    return Less(duration_s=seconds, scope="" if scope == AS_ASKED else scope)
