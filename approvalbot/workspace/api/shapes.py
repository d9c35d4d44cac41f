"""Records as Slack's JSON shows them: users, user groups, channels, messages, views. Field names are Slack's own."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from approvalbot.workspace.errors import Json
from approvalbot.workspace.state.cast import Channel, Group, Person
from approvalbot.workspace.state.directory import Directory
from approvalbot.workspace.state.messages import Message
from approvalbot.workspace.state.views import View

ICON_SIZES = (24, 32, 48, 72, 192, 512)


def icons(origin: str, user: str) -> Json:
    """The `image_…` fields of a picture."""
    return {f"image_{size}": f"{origin}/avatars/{user}/{size}.svg" for size in ICON_SIZES}


def user_shape(directory: Directory, person: Person, origin: str, scopes: Iterable[str]) -> Json:
    """A user as `users.info` gives it. The e-mail needs the scope `users:read.email`."""
    profile: Json = {
        "title": person.title,
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "team": person.team_id,
        **icons(origin, person.id),
    }
    if person.email and "users:read.email" in scopes:
        profile["email"] = person.email
    if person.id == directory.app.user_id:
        profile |= {"api_app_id": directory.app.id, "bot_id": directory.app.bot_id, "always_active": True}
    shape: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "color": "9f69e7",
        "real_name": person.real_name,
        "profile": profile,
        "is_bot": person.is_bot,
        "is_app_user": person.is_app_user,
        "updated": person.updated_at,
    }
    if person.is_stranger:
        shape["is_stranger"] = True
    if not person.deleted:
        shape |= _living(person)
    return shape


def _living(person: Person) -> Json:
    zone = ZoneInfo(person.tz)
    here = datetime.now(zone)
    offset = here.utcoffset()
    return {
        "tz": person.tz,
        "tz_label": here.tzname() or person.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": person.is_admin,
        "is_owner": person.is_owner,
        "is_primary_owner": person.is_owner,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_workflow_bot": person.is_workflow_bot,
        "is_connector_bot": person.is_connector_bot,
        "is_invited_user": False,
        "is_email_confirmed": person.email is not None,
        "has_2fa": False,
        "locale": "en-US",
        "who_can_share_contact_card": "EVERYONE",
    }


def group_shape(directory: Directory, group: Group, *, with_users: bool) -> Json:
    """A user group as `usergroups.list` gives it."""
    shape: Json = {
        "id": group.id,
        "team_id": directory.team.id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": 1_700_000_000,
        "date_update": group.updated_at,
        "date_delete": group.updated_at if group.deleted else 0,
        "auto_type": None,
        "auto_provision": False,
        "is_idp_group": False,
        "enterprise_subteam_id": "",
        "created_by": "U0CAT",
        "updated_by": "U0CAT",
        "deleted_by": "U0CAT" if group.deleted else None,
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.members),
    }
    if with_users:
        shape["users"] = list(group.members)
    return shape


def channel_shape(directory: Directory, channel: Channel, *, with_members: bool = False) -> Json:
    """A conversation as `conversations.info` gives it."""
    if channel.is_im:
        other = next((one for one in channel.members if one != directory.app.user_id), directory.app.user_id)
        return {
            "id": channel.id,
            "created": channel.created_at,
            "is_im": True,
            "is_archived": False,
            "is_org_shared": False,
            "is_user_deleted": directory.people[other].deleted,
            "context_team_id": directory.team.id,
            "user": other,
            "priority": 0,
        }
    teams = [directory.team.id, directory.cast.other_team.id] if channel.is_ext_shared else [directory.team.id]
    note: Json = {"creator": "U0CAT", "last_set": channel.created_at}
    shape: Json = {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not (channel.is_private or channel.is_mpim),
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": channel.is_mpim,
        "is_private": channel.is_private or channel.is_mpim,
        "is_archived": channel.is_archived,
        "is_general": channel.is_general,
        "is_member": directory.app.user_id in channel.members,
        "is_read_only": channel.is_read_only,
        "is_thread_only": channel.is_thread_only,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "shared_team_ids": teams,
        "connected_team_ids": teams[1:],
        "context_team_id": directory.team.id,
        "creator": "U0CAT",
        "created": channel.created_at,
        "unlinked": 0,
        "topic": {"value": channel.topic, **note},
        "purpose": {"value": "", **note},
    }
    if with_members:
        shape["num_members"] = len(channel.members)
    return shape


def message_shape(directory: Directory, message: Message, origin: str, *, replies: Iterable[Message] = ()) -> Json:
    """A message as posts, updates and deliveries show it."""
    shape: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.subtype:
        shape["subtype"] = message.subtype
    if message.by_app:
        shape |= {
            "bot_id": directory.app.bot_id,
            "app_id": directory.app.id,
            "bot_profile": bot_profile(directory, origin),
        }
    shape["team"] = directory.team.id
    if message.blocks:
        shape["blocks"] = list(message.blocks)
    for name in ("attachments", "thread_ts", "edited", "metadata"):
        if held := getattr(message, name):
            shape[name] = list(held) if isinstance(held, tuple) else held
    if message.is_broadcast:
        shape["subtype"] = "thread_broadcast"
    if message.reactions:
        shape["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    return shape | _thread_fields(list(replies), message)


def _thread_fields(replies: list[Message], message: Message) -> Json:
    if not replies:
        return {}
    people = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": people,
        "reply_users_count": len(people),
        "latest_reply": replies[-1].ts,
        "is_locked": message.is_locked,
        "subscribed": False,
    }


def bot_profile(directory: Directory, origin: str) -> Json:
    """The `bot_profile` on every message of the app."""
    app = directory.app
    return {
        "id": app.bot_id,
        "app_id": app.id,
        "user_id": app.user_id,
        "name": app.name,
        "icons": {key: value for key, value in icons(origin, app.user_id).items() if key in {"image_48", "image_72"}},
        "deleted": False,
        "updated": 1_700_000_000,
        "team_id": directory.team.id,
    }


def view_shape(directory: Directory, view: View) -> Json:
    """A view as `views.*` answers and deliveries show it."""
    body = view.body
    return {
        "id": view.id,
        "team_id": directory.team.id,
        "type": view.type,
        "callback_id": body.get("callback_id") or "",
        "private_metadata": body.get("private_metadata") or "",
        "title": body.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "submit": body.get("submit"),
        "close": body.get("close"),
        "blocks": view.blocks,
        "external_id": view.external_id,
        "state": {"values": view.state},
        "hash": view.hash,
        "clear_on_close": bool(body.get("clear_on_close")),
        "notify_on_close": bool(body.get("notify_on_close")),
        "submit_disabled": bool(body.get("submit_disabled")),
        "root_view_id": view.root_view_id,
        "previous_view_id": view.previous_view_id,
        "app_id": directory.app.id,
        "app_installed_team_id": directory.team.id,
        "bot_id": directory.app.bot_id,
    }


def permalink(origin: str, message: Message) -> str:
    """The address that opens the page at a message."""
    link = f"{origin}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.is_reply else link
