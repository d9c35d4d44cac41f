"""Presses and forms about running access: more time for it, and the end of it. Who may do what is looked up now."""

from dataclasses import dataclass

from approvalbot.errors import ApprovalBotError, MoveRefused, Unavailable
from approvalbot.flow.ending import end_access
from approvalbot.flow.extending import MoreTime, check_more_time, more_time
from approvalbot.flow.ports import Journey
from approvalbot.request.case import Case
from approvalbot.request.held import grant_of, open_extension
from approvalbot.slack.accessform import DURATION, REASON
from approvalbot.slack.api import SlackApi
from approvalbot.slack.asking import whole
from approvalbot.slack.checks import check_ours
from approvalbot.slack.forms import NOTE, text_form
from approvalbot.slack.grantforms import END_FORM, end_form, extend_form
from approvalbot.slack.heldbuttons import EXTEND
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.payloads import Interaction, View
from approvalbot.slack.replies import NOT_CONFIRMED, Reply
from approvalbot.slack.text import Block, refusal, safe, when
from approvalbot.slack.thread import group_names
from approvalbot.slack.values import Values

FORM_FIELDS = {"duration_too_long": DURATION, "reason_too_short": REASON, "input_invalid": REASON}
"""Where in the form for more time a refusal belongs; what concerns the whole of it replaces the form."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Everything that running access needs."""

    journey: Journey
    api: SlackApi
    ourselves: Ourselves
    values: Values
    teams: frozenset[str] = frozenset()

    def on_press(self, payload: Interaction, action: str, request_id: str) -> Reply | None:
        """A button of running access.

        Raises:
            ApprovalBotError: it is refused, or nothing was recorded.
        """
        if action == EXTEND:
            return self.extend(payload.trigger_id, MoreTime(request_id, payload.user.id, payload.trigger_id))
        return self.end(payload.trigger_id, request_id, payload.user.id)

    def end(self, trigger_id: str, request_id: str, slack: str, reason: str = "") -> Reply | None:
        """End access; an owner who gave no reason is asked for one by a form."""
        try:
            case = end_access(self.journey, request_id, slack, reason)
        except MoveRefused as fault:
            if fault.code != "reason_required":
                raise
            case, _ = self.journey.requests.load(request_id)
            self.api.write("views.open", trigger_id=trigger_id, view=end_form(case, self.values))
            return None
        return Reply(f"Ending *{safe(case.about.title)}* now. You hear when the provider confirms.")

    def extend(self, trigger_id: str, wanted: MoreTime) -> Reply | None:
        """Extend access when everything is said; otherwise a form asks for the rest."""
        case, rule = check_more_time(self.journey, wanted.request_id, wanted.slack)
        terms = self.journey.policies().entitlements[case.request.policy_id]
        if wanted.extra_s is not None and (wanted.reason or not terms.reason.required):
            return Reply(_extending(more_time(self.journey, wanted), case))
        filled = {DURATION: str(wanted.extra_s or ""), REASON: wanted.reason}
        view = extend_form(case, terms, rule, self.values, filled)
        self.api.write("views.open", trigger_id=trigger_id, view=view)
        return None

    def on_form(self, payload: Interaction) -> tuple[dict[str, str], Block | None]:
        """A submitted form; gives the faults by field, or a form that replaces it, or neither: it is done."""
        view = payload.view or View()
        title = "Not ended" if view.callback_id == END_FORM else "Not extended"
        try:
            check_ours(payload, self.ourselves.bot(), self.teams)
            request_id = self.values.read(view.private_metadata).request_id
            if view.callback_id == END_FORM:
                end_access(self.journey, request_id, payload.user.id, view.text(NOTE))
                return {}, None
            wanted = MoreTime(request_id, payload.user.id, view.id, whole(view.text(DURATION)), view.text(REASON))
            more_time(self.journey, wanted)
        except Unavailable:
            return {}, text_form(title, NOT_CONFIRMED)
        except ApprovalBotError as fault:
            field = {"reason_required": NOTE} if view.callback_id == END_FORM else FORM_FIELDS
            named = field.get(fault.code, "")
            return ({named: fault.text()}, None) if named in view.values else ({}, text_form(title, refusal(fault)))
        return {}, None


def _extending(case: Case, held: Case) -> str:
    """What an extension that was asked for now waits for."""
    title = f"*{safe(case.about.title, 120)}*"
    if case.request.extends:
        ends_at = grant_of(held.request).ends_at
        until = f" It ends at {when(ends_at)} until they approve." if ends_at else ""
        return f"Asked {group_names(case, 0)} to extend {title}.{until} `{case.request.short_id}`"
    asked = open_extension(grant_of(case.request))
    until = f", until {when(asked.until)}" if asked else ""
    return f"Asked the provider of {title} for more time{until}. You hear when it agrees."
