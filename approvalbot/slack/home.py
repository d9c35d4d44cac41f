"""The home tab: what waits for me, what I asked for, what I hold."""

from dataclasses import dataclass

from approvalbot.errors import ApprovalBotError
from approvalbot.flow.ports import Journey
from approvalbot.flow.press import person_of
from approvalbot.log import get_logger
from approvalbot.request.request import Person, State
from approvalbot.slack.api import SlackApi
from approvalbot.slack.listing import MOST, Listing, listed
from approvalbot.slack.text import Block, context, section

log = get_logger("home")


@dataclass(frozen=True, slots=True)
class Home:
    """Draws the home tab of one person."""

    journey: Journey
    api: SlackApi
    listing: Listing

    def publish(self, slack: str) -> None:
        """Draw it now. Failing is no harm: it is drawn anew whenever it is opened."""
        try:
            member = self.journey.people.who(slack)
            person = person_of(member, self.journey.policies().identities)
            self.api.write("views.publish", user_id=slack, view={"type": "home", "blocks": self._blocks(person)})
        except ApprovalBotError as fault:
            log.warning("home not drawn", code=fault.code)

    def _blocks(self, person: Person) -> list[Block]:
        blocks: list[Block] = [section(part) for part in listed(self.listing, person, "").split("\n\n")]
        waiting = len(self.listing.waiting_for(person, MOST))
        if waiting == 0:
            blocks.insert(0, section("Nothing waits for you. `/access` asks for something."))
        active = sum(one.state is State.ACTIVE for one, _ in self.listing.asked_by(person, MOST))
        blocks.append(context(f"known as {person.key} · {active} active"))
        return blocks
