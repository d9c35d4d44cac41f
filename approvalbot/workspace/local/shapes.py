"""What a person sees, as JSON for the page: less than the Web API gives, and only what is theirs to see."""

from approvalbot.workspace.api.shapes import permalink
from approvalbot.workspace.errors import Json
from approvalbot.workspace.state.cast import Channel, Group, Person
from approvalbot.workspace.state.messages import Message
from approvalbot.workspace.state.views import View
from approvalbot.workspace.workspace import Workspace


def person_seen(person: Person) -> Json:
    """A person for the page's lists."""
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "title": person.title,
        "tz": person.tz,
        "kind": _kind(person),
        "is_admin": person.is_admin,
        "is_owner": person.is_owner,
        "deleted": person.deleted,
    }


def _kind(person: Person) -> str:
    if person.is_bot:
        return "bot"
    if person.is_ultra_restricted:
        return "single_channel_guest"
    return "guest" if person.is_restricted else "outsider" if person.is_stranger else "member"


def group_seen(group: Group) -> Json:
    """A user group for the page's lists."""
    return {
        "id": group.id,
        "handle": group.handle,
        "name": group.name,
        "members": list(group.members),
        "disabled": group.deleted,
    }


def room_seen(channel: Channel) -> Json:
    """A channel for the page's lists, whoever looks: what the workbench may change."""
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_ext_shared": channel.is_ext_shared,
        "posting": channel.posting,
        "members": list(channel.members),
    }


def channel_seen(workspace: Workspace, person: Person, channel: Channel) -> Json:
    """A conversation in the sidebar of one person."""
    others = [one for one in channel.members if one != person.id]
    if channel.is_im and others:
        name = workspace.directory.people[others[0]].real_name
    elif channel.is_mpim:
        name = ", ".join(workspace.directory.people[one].real_name for one in others)
    else:
        name = channel.name
    return {
        "id": channel.id,
        "name": name,
        "topic": channel.topic,
        "is_im": channel.is_im,
        "is_mpim": channel.is_mpim,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_ext_shared": channel.is_ext_shared,
        "with": others[0] if channel.is_im and others else None,
        "posting": channel.posting,
        "has_app": workspace.directory.app.user_id in channel.members,
        "members": list(channel.members),
        "unread": workspace.messages.unread(person.id, channel.id),
    }


def message_seen(workspace: Workspace, message: Message) -> Json:
    """A message in a channel or thread."""
    replies = workspace.messages.replies(message.channel, message.ts)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "by_app": message.by_app,
        "text": message.text,
        "blocks": list(message.blocks),
        "attachments": list(message.attachments),
        "subtype": message.subtype,
        "edited": message.edited,
        "thread_ts": message.thread_ts,
        "is_broadcast": message.is_broadcast,
        "is_locked": message.is_locked,
        "only_you": message.only_for is not None,
        "reactions": message.reactions,
        "reply_count": len(replies),
        "reply_users": list(dict.fromkeys(reply.user for reply in replies)),
        "latest_reply": replies[-1].ts if replies else None,
        "permalink": None if message.only_for else permalink(workspace.origin, message),
    }


def view_seen(view: View) -> Json:
    """A modal or Home tab with the state of its inputs."""
    body = view.body
    return {
        "id": view.id,
        "type": view.type,
        "callback_id": body.get("callback_id") or "",
        "title": body.get("title"),
        "submit": body.get("submit"),
        "close": body.get("close"),
        "submit_disabled": bool(body.get("submit_disabled")),
        "blocks": view.blocks,
        "state": view.state,
        "hash": view.hash,
    }
