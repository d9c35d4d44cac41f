"""The home tab: what waits for me, what I asked for, what I hold and may keep or end."""

from dataclasses import dataclass

from approvalbot.errors import ApprovalBotError
from approvalbot.flow.ports import Journey
from approvalbot.flow.press import person_of
from approvalbot.log import get_logger
from approvalbot.policy.durations import show_duration
from approvalbot.request.held import grant_of, may_be_open
from approvalbot.request.request import Person, Request, State
from approvalbot.slack.api import SlackApi
from approvalbot.slack.forms import text_form
from approvalbot.slack.heldbuttons import holder_buttons
from approvalbot.slack.listing import MOST, Listing, held_until, listed
from approvalbot.slack.payloads import Interaction
from approvalbot.slack.replies import Reply
from approvalbot.slack.text import Block, actions, context, safe, section
from approvalbot.slack.values import Values

log = get_logger("home")


@dataclass(frozen=True, slots=True)
class Home:
    """Draws the home tab of one person."""

    journey: Journey
    api: SlackApi
    listing: Listing
    values: Values

    def publish(self, slack: str) -> None:
        """Draw it now. Failing is no harm: it is drawn anew whenever it is opened."""
        try:
            member = self.journey.people.who(slack)
            person = person_of(member, self.journey.policies().identities)
            self.api.write("views.publish", user_id=slack, view={"type": "home", "blocks": self._blocks(person)})
        except ApprovalBotError as fault:
            log.warning("home not drawn", code=fault.code)

    def answer(self, payload: Interaction, reply: Reply | None) -> None:
        """Answer a press on the tab, which no message can: in a form of its own, and by drawing the tab anew."""
        try:
            if reply is not None:
                self.api.write("views.open", trigger_id=payload.trigger_id, view=text_form("Your access", reply.text))
        except ApprovalBotError as fault:
            log.warning("press on the home tab not answered", code=fault.code)
        self.publish(payload.user.id)

    def _blocks(self, person: Person) -> list[Block]:
        waiting, asked = (listed(self.listing, person, what) for what in ("waiting", "mine"))
        blocks: list[Block] = [section(waiting), section(asked), *self._held(person)]
        if not self.listing.waiting_for(person, 1):
            blocks.insert(0, section("Nothing waits for you. `/access` asks for something."))
        blocks.append(context(f"known as {safe(person.key, 100)}"))
        return blocks

    def _held(self, person: Person) -> list[Block]:
        """Each access that is held, or may still be open, with its time left and its buttons."""
        asked = self.listing.asked_by(person, 50)
        held = [one for one in asked if one[0].state is State.ACTIVE or may_be_open(one[0])]
        blocks: list[Block] = [section("*Your access*" if held else "*Your access*\nnothing")]
        for request, title in held[:MOST]:
            blocks.append(
                section(f"*{safe(title, 120)}*{held_until(request)}{self._left(request)} `{request.short_id}`")
            )
            case, _ = self.journey.requests.load(request.id)
            if buttons := holder_buttons(request, case.terms, self.values):
                blocks.append(actions(f"held.{request.id}", buttons))
        if len(held) > MOST:
            blocks.append(context(f"{len(held) - MOST} more: `/access list active`"))
        return blocks

    def _left(self, request: Request) -> str:
        ends_at = grant_of(request).ends_at
        if request.state is not State.ACTIVE or ends_at is None or grant_of(request).ending:
            return ""
        return f", {show_duration((ends_at - self.journey.requests.now()).total_seconds())} left"
