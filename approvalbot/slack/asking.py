"""Asking for access, in one line or by the form. All answers are private; what was typed is kept when it is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from approvalbot.errors import AccessRefused, ApprovalBotError, MoveRefused, Unavailable
from approvalbot.flow.ask import Asking, ask, requestable
from approvalbot.flow.foretelling import foretell
from approvalbot.flow.members import full_member, person_of
from approvalbot.flow.ports import Journey
from approvalbot.flow.refusing import in_the_trail
from approvalbot.log import get_logger
from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.case import Case
from approvalbot.request.refusals import not_yours, shown_entry
from approvalbot.request.request import Person, State
from approvalbot.slack.accessform import DURATION, ENTITLEMENT, INPUT, REASON, access_form, found_options, too_long
from approvalbot.slack.api import SlackApi
from approvalbot.slack.checks import check_ours
from approvalbot.slack.forms import text_form
from approvalbot.slack.grammar import Typed
from approvalbot.slack.listing import Listing
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.payloads import Command, Interaction, View
from approvalbot.slack.replies import NOT_CONFIRMED, Reply
from approvalbot.slack.text import Block, deadline, refusal, safe, when
from approvalbot.slack.thread import group_names
from approvalbot.slack.values import Value

log = get_logger("access")

A_MINUTE_S = 60
"""Seconds from which a usual time is told in whole minutes."""

FORM_FIELDS = {
    "duration_too_long": DURATION,
    "reason_too_short": REASON,
    "reason_required": REASON,
}
"""Where in the form a refusal belongs; `input_invalid` names its own field, everything else stands at the top."""


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that asking for access needs."""

    journey: Journey
    api: SlackApi
    ourselves: Ourselves
    listing: Listing
    teams: frozenset[str] = frozenset()

    def on_choice(self, payload: Interaction) -> None:
        """Another entitlement was chosen in the form: draw it with that one's fields, keeping what was typed."""
        view = payload.view
        if view is None:
            return
        offered = requestable(self.journey, payload.user.id)
        chosen = next((one for one in offered if one.id == view.text(ENTITLEMENT)), None)
        typed = {block: view.text(block) for block in view.values}
        drawn = access_form(offered, chosen, typed, self._told(payload.user.id, chosen))
        self.api.write("views.update", view_id=view.id, hash=view.hash, view=drawn)

    def on_options(self, payload: Interaction) -> list[Block]:
        """What there is to ask for, by the letters typed so far: for more entitlements than a menu holds."""
        return found_options(requestable(self.journey, payload.user.id), payload.value)

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
                duration_s=whole(view.text(DURATION)),
                reason=view.text(REASON),
                inputs=_inputs(terms, view),
            )
            ask(self.journey, asking)
        except Unavailable:
            return {ENTITLEMENT: NOT_CONFIRMED}, None
        except ApprovalBotError as fault:
            if fault.code == "monitor_only":
                return {}, text_form("Only watched", refusal(fault))
            return {_field_of(fault, view): fault.text()}, None
        return {}, None

    def again(self, payload: Interaction, named: Value) -> None:
        """Open the request form with what a request of theirs asked for, to change it and ask once more.

        Raises:
            MoveRefused: somebody else asked for that.
            AccessRefused: there is nothing this person may ask for.
        """
        with in_the_trail(self.journey, named.request_id, payload.user.id, "again"):
            full_member(self.journey.people, payload.user.id)
            case, _ = self.journey.requests.load(named.request_id)
            request, wish = case.request, case.request.wish
            if wish is None:
                raise MoveRefused("wrong_state", "An event asked for this, so it takes another event to ask again.")
            if request.requester is None or request.requester.slack != payload.user.id:
                raise not_yours(request.requester or "the requester")
        inputs = {f"{INPUT}{name}": value for name, value in wish.inputs.items()}
        typed = Typed("form", wish.entitlement, wish.duration_s, wish.reason)
        self.open_form(payload.trigger_id, payload.user.id, typed, inputs)

    def open_form(self, trigger_id: str, slack: str, typed: Typed, inputs: Mapping[str, str] | None = None) -> None:
        """Open the request form, with whatever was typed already filled in; `inputs` by block.

        Raises:
            AccessRefused: there is nothing this person may ask for.
        """
        offered = requestable(self.journey, slack)
        if not offered:
            raise AccessRefused("not_requestable", "There is nothing you may ask for here.")
        chosen = next((one for one in offered if one.id == typed.what), None)
        filled = {REASON: typed.reason, DURATION: str(typed.duration_s or ""), **(inputs or {})}
        told = [*too_long(chosen, typed.duration_s), *self._told(slack, chosen)]
        view = access_form(offered, chosen, filled, told)
        self.api.write("views.open", trigger_id=trigger_id, view=view)

    def request(self, command: Command, typed: Typed) -> Reply | None:
        """Ask in one line when everything is there; otherwise the form asks for the rest.

        Raises:
            AccessRefused: it cannot be asked for like this.
        """
        terms = self.journey.policies().entitlements.get(typed.what)
        if terms is None or terms.mode == "off":
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

    def _told(self, slack: str, chosen: Entitlement | None) -> Sequence[str]:
        """What is worth knowing before asking: who would be asked, and whether it is held already."""
        if chosen is None:
            return ()
        person = person_of(full_member(self.journey.people, slack), self.journey.policies().identities)
        lines = [self._asks(chosen, person)]
        for request, _ in self.listing.asked_by(person, 50):
            ends_at = request.grant.ends_at if request.grant else None
            if request.policy_id == chosen.id and request.state is State.ACTIVE and ends_at is not None:
                lines.append(f"You already hold this until {when(ends_at)} (`{request.short_id}`).")
        if chosen.mode == "monitor":
            lines.append("It only watches for now: asking shows what would happen, and gives nothing.")
        return lines

    def _asks(self, chosen: Entitlement, person: Person) -> str:
        told = foretell(self.journey.people.members, chosen, person)
        names = " or ".join(safe(shown_entry(key), 80) for key in told.entries)
        people = f" ({told.people} {'person' if told.people == 1 else 'people'})" if told.people else ""
        return f"Asks {names}{people}{self._usually(chosen)}."

    def _usually(self, chosen: Entitlement) -> str:
        usual_s = self.journey.past.usual_s(chosen.id)
        if usual_s is None:
            return ""
        return f", usually {show_duration(usual_s if usual_s < A_MINUTE_S else round(usual_s / 60) * 60)}"


def _is_complete(terms: Entitlement, typed: Typed) -> bool:
    return not any(one.required for one in terms.inputs) and (bool(typed.reason) or not terms.reason.required)


def _asked(case: Case) -> str:
    request = case.request
    until = f" They have until {deadline(request.expires_at, request.opened_at)}." if request.expires_at else ""
    return f"Asked {group_names(case, 0)} for *{safe(case.about.title, 120)}*.{until} `{request.short_id}`"


def _inputs(terms: Entitlement, view: View) -> Mapping[str, str]:
    entered = {one.id: view.text(f"{INPUT}{one.id}") for one in terms.inputs}
    return {name: value for name, value in entered.items() if value}


def whole(text: str) -> int | None:
    """A number of seconds as a menu's value holds it."""
    return int(text) if text.isascii() and text.isdigit() else None


def _field_of(fault: ApprovalBotError, view: View) -> str:
    """The block that a fault belongs to: its own if the form shows it, else the first one."""
    named = FORM_FIELDS.get(fault.code, ENTITLEMENT)
    if fault.code == "input_invalid":
        named = f"{INPUT}{fault.facts['input']}" if "input" in fault.facts else REASON
    return named if named in view.values else ENTITLEMENT
