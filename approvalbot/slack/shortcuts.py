"""Shortcuts: "Request access" from anywhere, "Request approval" on a message, whose link becomes the reason."""

import re
from dataclasses import dataclass

from approvalbot.errors import ApprovalBotError, Unavailable
from approvalbot.log import get_logger
from approvalbot.slack.api import SlackFault
from approvalbot.slack.asking import Access
from approvalbot.slack.checks import check_ours
from approvalbot.slack.forms import text_form
from approvalbot.slack.grammar import Typed
from approvalbot.slack.payloads import Interaction
from approvalbot.slack.replies import NOT_CONFIRMED
from approvalbot.slack.text import refusal

log = get_logger("shortcut")

ABOUT_MESSAGE = "request_about_message"

_CHANNEL, _TS = re.compile(r"[CDG][A-Z0-9]{2,20}"), re.compile(r"[0-9]{1,12}\.[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """Opens the request form. A refusal opens a form too: a shortcut has no other place to say it."""

    access: Access

    def on_shortcut(self, payload: Interaction) -> None:
        """Answer a shortcut, global or on a message."""
        try:
            check_ours(payload, self.access.ourselves.bot(), self.access.teams)
            reason = self._link(payload) if payload.callback_id == ABOUT_MESSAGE else ""
            # On the home tab the button says what is wanted; the form offers what this person may ask for anyway.
            wanted = payload.actions[0].value if payload.actions else ""
            self.access.open_form(payload.trigger_id, payload.user.id, Typed("form", wanted, reason=reason))
        except SlackFault as fault:
            # Slack shows the person nothing of ours without its own call; that call is what failed.
            log.warning("form not opened", error=fault.error)
        except Unavailable:
            self._say(payload, NOT_CONFIRMED)
        except ApprovalBotError as fault:
            log.info("refused", code=fault.code, slack=payload.user.id)
            self._say(payload, refusal(fault))

    def _link(self, payload: Interaction) -> str:
        """The message's permalink, made of ids alone: nothing of its text is read or kept.

        Asking Slack for it would need the bot to be in the channel, and cost a call of the three seconds.
        """
        channel, ts = payload.channel.id if payload.channel else "", payload.message_ts
        if not _CHANNEL.fullmatch(channel) or not _TS.fullmatch(ts):
            return ""
        return f"{self.access.ourselves.bot().url}/archives/{channel}/p{ts.replace('.', '')}"

    def _say(self, payload: Interaction, text: str) -> None:
        try:
            self.access.api.write("views.open", trigger_id=payload.trigger_id, view=text_form("Not asked", text))
        except SlackFault as fault:
            log.warning("form not opened", error=fault.error)
