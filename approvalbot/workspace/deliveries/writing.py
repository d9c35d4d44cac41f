"""What people write and how they react, by the rules of the channel. The bot hears of messages in its own DM alone."""

import re

from approvalbot.workspace.deliveries.acting import seen_message
from approvalbot.workspace.deliveries.events import send_event
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.state.cast import Channel, Person
from approvalbot.workspace.state.messages import Message
from approvalbot.workspace.workspace import Workspace

LONGEST_MESSAGE = 4_000


def write_message(
    workspace: Workspace, person: Person, channel: Channel, text: str, thread_ts: str | None = None
) -> Message:
    """Post a message as a person. `text` is mrkdwn already.

    Raises:
        Unable: the channel, the thread or the app's Messages tab takes no message from them.
    """
    head = seen_message(workspace, person, channel, thread_ts) if thread_ts else None
    if sentence := _why_not(workspace, person, channel, head):
        raise Unable(sentence)
    message = workspace.messages.add(channel.id, person.id, text=text[:LONGEST_MESSAGE], thread_ts=thread_ts)
    workspace.messages.mark_read(person.id, channel.id)
    workspace.hub.tell(f"channel:{channel.id}")
    if _is_with_app(workspace, channel):
        _tell_app(workspace, message)
    return message


def _why_not(workspace: Workspace, person: Person, channel: Channel, head: Message | None) -> str:
    """Why nothing can be written there; empty when it can. Admins may write in a channel that others only read."""
    if channel.is_archived:
        return f"#{channel.name} is archived"
    if _is_with_app(workspace, channel) and workspace.config.messages_tab != "writable":
        return "sending messages to this app has been turned off"
    if channel.is_read_only and not person.is_admin:
        return f"#{channel.name} is read-only: its admins write here"
    if channel.is_thread_only and head is None:
        return f"#{channel.name} takes replies in threads only"
    if channel.is_non_threadable and head is not None:
        return f"#{channel.name} takes no replies in threads"
    return "this thread is locked" if head is not None and head.is_locked else ""


def _is_with_app(workspace: Workspace, channel: Channel) -> bool:
    return channel.is_im and workspace.directory.app.user_id in channel.members


def _tell_app(workspace: Workspace, message: Message) -> None:
    event: Json = {
        "type": "message",
        "channel": message.channel,
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": workspace.directory.team.id,
        "event_ts": message.ts,
        "channel_type": "im",
    }
    if message.thread_ts:
        event["thread_ts"] = message.thread_ts
    send_event(workspace, event, message.user, subscription="message.im")


def toggle_reaction(workspace: Workspace, person: Person, channel: Channel, message: Message, name: str) -> None:
    """Add a person's reaction, or take it back.

    Raises:
        Unable: the name is none of an emoji, the channel is archived, the thread locked, or nobody else sees it.
    """
    head = workspace.messages.get(channel.id, message.thread_ts or message.ts)
    if not re.fullmatch(r"[a-z0-9_+'-]{1,100}", name):
        raise Unable(f"{name!r} is not the name of an emoji", status=400)
    if channel.is_archived or (head is not None and head.is_locked) or message.only_for is not None:
        raise Unable("nobody can react to this message: it is archived, locked, or only visible to one person")
    held = {key: list(users) for key, users in message.reactions.items()}
    users = held.setdefault(name, [])
    users.remove(person.id) if person.id in users else users.append(person.id)
    workspace.messages.change(message, reactions={key: users for key, users in held.items() if users})
    workspace.hub.tell(f"channel:{channel.id}")
