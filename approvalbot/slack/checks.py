"""What must hold before a press is looked at: it comes from our app, our workspace, and a card that stands.

A signature proves that Slack sent it, a button that somebody pressed it; neither proves that it is the card we posted.
"""

from approvalbot.errors import MoveRefused
from approvalbot.request.posting import Posting
from approvalbot.slack.ourselves import Bot
from approvalbot.slack.payloads import Command, Interaction


def check_ours(payload: Interaction | Command, bot: Bot, teams: frozenset[str]) -> None:
    """The app is ours, and the person and the place belong to an allowed team.

    Raises:
        MoveRefused: `not_a_member`; an absent field counts as a foreign one.
    """
    allowed = teams or frozenset({bot.team})
    if bot.app and payload.api_app_id != bot.app:
        raise MoveRefused("stale_card", "This button belongs to another app. Nothing was recorded.")
    team = payload.team_id
    # A Connect partner presses in our channel, so the place is ours and only the person's own team tells.
    person = payload.user.team_id or team if isinstance(payload, Interaction) else team
    if team not in allowed or person not in allowed:
        raise MoveRefused("not_a_member", "Only full members of this workspace can decide. Nothing was recorded.")


def check_card(payload: Interaction, bot: Bot, postings: dict[str, Posting]) -> None:
    """The message that was pressed is one of ours, and one that stands for this request.

    Raises:
        MoveRefused: `stale_card`; a copy, a forwarded card, or one whose delivery was uncertain and repeated.
    """
    message = payload.message
    if message is None or message.bot_id != bot.bot or not stands(payload, postings):
        raise MoveRefused("stale_card", "This is not the current card. Nothing was recorded.")


def check_home(payload: Interaction, bot: Bot) -> None:
    """The press is on a home tab that our app drew. Slack shows it to one person alone, so no copy of it can exist; an
    absent field counts as a foreign one. Which request is meant says the button's value, under our MAC.

    Raises:
        MoveRefused: `stale_card`.
    """
    view = payload.view
    if view is None or view.type != "home" or not bot.app or view.app_id != bot.app:
        raise MoveRefused("stale_card", "This is no button of our home tab. Nothing was recorded.")


def stands(payload: Interaction, postings: dict[str, Posting]) -> bool:
    """Whether the message that was pressed is one that we know of."""
    place = (payload.container.channel_id, payload.container.message_ts)
    return any((held.channel, held.ts) == place for held in postings.values() if held.is_posted)


def on_its_way(payload: Interaction, postings: dict[str, Posting]) -> bool:
    """Whether a post to the channel of the press has not been answered yet, so that it may be the one."""
    channel = payload.container.channel_id
    return any(held.sending and not held.is_posted and held.channel == channel for held in postings.values())
