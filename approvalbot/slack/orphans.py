"""Orphans: cards of ours whose post was answered by nobody, so that we posted again and do not know where they stand.

We learn it when somebody presses one. It decides nothing; who pressed is shown the way to the current card, and then
the orphan itself is drawn anew as a pointer there. Only a message of our own bot, under a value that we signed, is
touched: a copy that somebody else posted stays as it is, and Slack would not let us edit it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from approvalbot.log import get_logger
from approvalbot.request.posting import Posting
from approvalbot.slack.api import SlackFault
from approvalbot.slack.budget import UPDATE, PacedApi, Urgency
from approvalbot.slack.cards import CHANNEL_CARD, DM_CARD
from approvalbot.slack.checks import on_its_way
from approvalbot.slack.ourselves import Bot
from approvalbot.slack.payloads import Interaction
from approvalbot.slack.replies import Reply
from approvalbot.slack.storms import DIGEST
from approvalbot.slack.text import section
from approvalbot.slack.values import Values

log = get_logger("orphans")


@dataclass(frozen=True, slots=True)
class Orphans:
    """Answers a press on a message that is not where the card of its request stands."""

    api: PacedApi
    values: Values

    def answer(self, payload: Interaction, request_id: str, postings: Mapping[str, Posting], bot: Bot) -> Reply:
        """The way to the current card; afterwards the orphan shows it too."""
        link = _link(payload, postings, bot)
        page = self.values.page(request_id)
        if not link and not page:
            return Reply("This is not the current card. Nothing was recorded.")
        text = f"This is not the current card. Use {f'<{link}|this one>' if link else f'<{page}|its page>'}."
        ours = payload.message is not None and payload.message.bot_id == bot.bot
        if not (ours and link) or on_its_way(payload, dict(postings)):
            return Reply(text)
        return Reply(text, then=lambda: self._point(payload, text))

    def _point(self, payload: Interaction, text: str) -> None:
        """Draw the orphan anew. What Slack does not take now is left: the next press tries again."""
        place = payload.container
        try:
            self.api.ask(UPDATE, place.channel_id, Urgency.LATER)
            self.api.write(UPDATE, channel=place.channel_id, ts=place.message_ts, text=text, blocks=[section(text)])
        except SlackFault as fault:
            log.info("orphan left as it is", error=fault.error)
        else:
            log.info("orphan points to the current card", channel=place.channel_id)


def _link(payload: Interaction, postings: Mapping[str, Posting], bot: Bot) -> str:
    """The permalink of the current card, of the same conversation if it has one; never somebody else's own."""
    here = payload.container.channel_id
    cards = [
        held
        for purpose, held in postings.items()
        if held.is_posted and purpose.startswith((CHANNEL_CARD, DM_CARD, DIGEST))
    ]
    seen = [held for held in cards if held.channel == here or not held.person]
    current = min(seen, key=lambda held: (held.channel != here, held.ts), default=None)
    return f"{bot.url}/archives/{current.channel}/p{current.ts.replace('.', '')}" if current else ""
