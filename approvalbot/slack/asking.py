"""`/access` and its form: ask, list, help. All answers are private."""

from collections.abc import Mapping
from dataclasses import dataclass

from approvalbot.errors import AccessRefused, ApprovalBotError, BadInput, MoveRefused, Unavailable
from approvalbot.flow.ask import Asking, ask, requestable
from approvalbot.flow.ports import Journey
from approvalbot.flow.press import full_member, person_of
from approvalbot.log import get_logger
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.case import Case
from approvalbot.slack.api import SlackApi, SlackFault
from approvalbot.slack.checks import check_ours
from approvalbot.slack.forms import (
    ACCESS_FORM,
    DURATION,
    ENTITLEMENT,
    INPUT,
    REASON,
    access_form,
    text_form,
)
from approvalbot.slack.grammar import HELP, Typed, read_command
from approvalbot.slack.listing import Listing, listed
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.payloads import Command, Interaction, View
from approvalbot.slack.presses import NOT_CONFIRMED
from approvalbot.slack.replies import Reply
from approvalbot.slack.text import Block, refusal, safe, when
from approvalbot.slack.thread import group_names

log = get_logger("access")

FORM_FIELDS = {
    "duration_too_long": DURATION,
    "reason_too_short": REASON,
    "reason_required": REASON,
}
"""Where in the form a refusal belongs; `input_invalid` names its own field."""


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that asking for access needs."""

    journey: Journey
    api: SlackApi
    ourselves: Ourselves
    listing: Listing
    teams: frozenset[str] = frozenset()

    def on_command(self, command: Command) -> Reply | None:
        """A slash command; gives the private answer, or None when a form answers."""
        try:
            check_ours(command, self.ourselves.bot(), self.teams)
            return self._run(command, read_command(command.text))
        except Unavailable:
            return Reply(NOT_CONFIRMED)
        except SlackFault as fault:
            log.warning("form not opened", error=fault.error)
            return Reply("Slack did not open the form in time. Nothing was recorded; try again.")
        except (BadInput, AccessRefused, MoveRefused) as fault:
            return Reply(refusal(fault))

    def on_choice(self, payload: Interaction) -> None:
        """Another entitlement was chosen in the form: draw it with that one's fields, keeping what was typed."""
        view = payload.view
        if view is None:
            return
        offered = requestable(self.journey, payload.user.id)
        chosen = next((one for one in offered if one.id == view.text(ENTITLEMENT)), None)
        drawn = access_form(offered, chosen, {REASON: view.text(REASON)})
        self.api.write("views.update", view_id=view.id, hash=view.hash, view=drawn)

    def on_form(self, payload: Interaction) -> tuple[dict[str, str], Block | None]:
        """The submitted form; gives the faults by field, or a form that replaces it, or neither: it is asked."""
        view = payload.view or View()
        try:
            check_ours(payload, self.ourselves.bot(), self.teams)
            terms = self.journey.policies().entitlements.get(view.text(ENTITLEMENT))
            if terms is None:
                return {ENTITLEMENT: "Choose what you need."}, None
            if view.private_metadata != terms.id:
                return {ENTITLEMENT: "The fields below belong to another choice; choose once more."}, None
            asking = Asking(
                slack=payload.user.id,
                entitlement=terms.id,
                key=view.id,
                duration_s=_whole(view.text(DURATION)),
                reason=view.text(REASON),
                inputs=_inputs(terms, view),
            )
            ask(self.journey, asking)
        except Unavailable:
            return {}, text_form("Not recorded", NOT_CONFIRMED)
        except ApprovalBotError as fault:
            field = _field_of(fault, view)
            return ({field: fault.text()}, None) if field else ({}, text_form("Not asked", refusal(fault)))
        return {}, None

    def open_form(self, trigger_id: str, slack: str, typed: Typed) -> None:
        """Open the request form, with whatever was typed already filled in."""
        offered = requestable(self.journey, slack)
        if not offered:
            raise AccessRefused("not_requestable", "There is nothing you may ask for here.")
        chosen = next((one for one in offered if one.id == typed.what), None)
        filled = {REASON: typed.reason, DURATION: str(typed.duration_s or "")}
        self.api.write("views.open", trigger_id=trigger_id, view=access_form(offered, chosen, filled))

    def _run(self, command: Command, typed: Typed) -> Reply | None:
        match typed.verb:
            case "request":
                return self._request(command, typed)
            case "list":
                person = person_of(
                    full_member(self.journey.people, command.user_id), self.journey.policies().identities
                )
                return Reply(listed(self.listing, person, typed.what))
            case "help":
                return Reply(_help(typed.what))
            case _:
                self.open_form(command.trigger_id, command.user_id, typed)
                return None

    def _request(self, command: Command, typed: Typed) -> Reply | None:
        """Ask in one line when everything is there; otherwise the form asks for the rest."""
        terms = self.journey.policies().entitlements.get(typed.what)
        if terms is None:
            offered = ", ".join(f"`{one.id}`" for one in requestable(self.journey, command.user_id))
            raise AccessRefused(
                "unknown_entitlement",
                "There is nothing called {name} to ask for.",
                hint=f"You may ask for: {offered}." if offered else "",
                name=typed.what[:60],
            )
        if _is_complete(terms, typed):
            # The trigger is new with every command, and the same when Slack delivers one twice.
            asking = Asking(command.user_id, terms.id, command.trigger_id, typed.duration_s, typed.reason, {})
            return Reply(_asked(ask(self.journey, asking)))
        self.open_form(command.trigger_id, command.user_id, typed)
        return None


def _is_complete(terms: Entitlement, typed: Typed) -> bool:
    return not any(one.required for one in terms.inputs) and (bool(typed.reason) or not terms.reason.required)


def _asked(case: Case) -> str:
    request = case.request
    until = f" They have until {when(request.expires_at)}." if request.expires_at else ""
    return f"Asked {group_names(case, 0)} for *{safe(case.about.title, 120)}*.{until} `{request.short_id}`"


def _help(verb: str) -> str:
    if verb in HELP:
        return HELP[verb]
    return "\n".join(["`/access` opens the request form.", *HELP.values()])


def _inputs(terms: Entitlement, view: View) -> Mapping[str, str]:
    entered = {one.id: view.text(f"{INPUT}{one.id}") for one in terms.inputs}
    return {name: value for name, value in entered.items() if value}


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _field_of(fault: ApprovalBotError, view: View) -> str:
    """The block that a fault belongs to, if the form shows it."""
    named = f"{INPUT}{fault.facts.get('input', '')}" if fault.code == "input_invalid" else FORM_FIELDS.get(fault.code)
    return named if named and named in view.values else ""


__all__ = ["ACCESS_FORM", "Access"]
