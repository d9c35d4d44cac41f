"""Changes of channels and threads, and the events that tell the bot: `member_*`, `channel_*`, `group_*`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from approvalbot.workspace.api.shapes import channel_shape
from approvalbot.workspace.deliveries.acting import known_people
from approvalbot.workspace.deliveries.events import event_ts, send_event
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.state.cast import Channel, Person
from approvalbot.workspace.state.messages import Message
from approvalbot.workspace.state.views import new_id
from approvalbot.workspace.workspace import Workspace

Posting = Literal["everyone", "read_only", "thread_only", "no_threads"]
POSTING: dict[str, Json] = {
    "everyone": {"is_read_only": False, "is_thread_only": False, "is_non_threadable": False},
    "read_only": {"is_read_only": True, "is_thread_only": False, "is_non_threadable": False},
    "thread_only": {"is_read_only": False, "is_thread_only": True, "is_non_threadable": False},
    "no_threads": {"is_read_only": False, "is_thread_only": False, "is_non_threadable": True},
}
"""What a channel lets its members post."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,80}$")]


class ChannelChange(BaseModel):
    """Changes of one channel; what is not named stays. `shared` shares it with the other company."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    archived: bool | None = None
    deleted: bool | None = None
    members: Annotated[tuple[str, ...], Field(strict=False)] | None = None
    name: Name | None = None
    shared: bool | None = None
    limited_access: bool | None = None
    posting: Posting | None = None


class NewChannel(BaseModel):
    """A channel that somebody makes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Name
    private: bool = False
    members: Annotated[tuple[str, ...], Field(strict=False)] = ()


def add_channel(workspace: Workspace, maker: Person, wanted: NewChannel) -> Channel:
    """Make a channel with its maker in it: `channel_created` where it is public.

    Raises:
        Unable: the name is taken, or a member is not here.
    """
    if workspace.directory.channel(wanted.name) is not None:
        raise Unable(f"there is a channel #{wanted.name} already")
    known_people(workspace, wanted.members)
    members = tuple(dict.fromkeys((maker.id, *wanted.members)))
    now = int(workspace.clock.now_s())
    key = new_id("G" if wanted.private else "C")
    made = Channel(id=key, name=wanted.name, members=members, is_private=wanted.private, created_at=now)
    workspace.directory.change_channel(made)
    if not wanted.private:
        shape = channel_shape(workspace.directory, made) | {"creator": maker.id}
        send_event(workspace, {"type": "channel_created", "channel": shape, "event_ts": event_ts(workspace)})
    workspace.hub.tell("people", "channels")
    return made


def change_channel(workspace: Workspace, reference: str, wanted: ChannelChange, by: str = "U0CAT") -> Channel:
    """Change a channel, and tell the bot what it may know of. `by` is who did it.

    A private channel's events come only while the app is in it, and are called `group_…`.

    Raises:
        Unable: there is no such channel or person, or the name is taken.
    """
    directory = workspace.directory
    channel = directory.channel(reference)
    if channel is None:
        raise Unable(f"there is no channel {reference!r}", status=404)
    if wanted.name is not None and directory.channel(wanted.name) not in {None, channel}:
        raise Unable(f"there is a channel #{wanted.name} already")
    changed = directory.change_channel(channel.model_copy(update=_update(workspace, wanted)))
    if directory.app_sees(channel):
        _tell_changes(workspace, channel, changed, by)
    _tell_members(workspace, channel, changed, by)
    workspace.hub.tell("people", "channels")
    return changed


def _update(workspace: Workspace, wanted: ChannelChange) -> Json:
    names = {
        "archived": "is_archived",
        "deleted": "is_deleted",
        "shared": "is_ext_shared",
        "limited_access": "is_limited_access",
        "name": "name",
    }
    given = wanted.model_dump(include=set(names), exclude_none=True)
    update: Json = {names[key]: value for key, value in given.items()}
    if wanted.members is not None:
        known_people(workspace, wanted.members)
        update["members"] = tuple(dict.fromkeys(wanted.members))
    return update | (POSTING[wanted.posting] if wanted.posting is not None else {})


def _tell_changes(workspace: Workspace, before: Channel, now: Channel, by: str) -> None:
    kind = "group" if now.is_private else "channel"
    at: Json = {"event_ts": event_ts(workspace)}
    if now.is_deleted and not before.is_deleted:
        send_event(workspace, {"type": f"{kind}_deleted", "channel": now.id, "actor_id": by, **at})
    if now.is_archived != before.is_archived:
        what = "archive" if now.is_archived else "unarchive"
        send_event(workspace, {"type": f"{kind}_{what}", "channel": now.id, "user": by, "is_moved": 0, **at})
    if now.name != before.name:
        shape = {"id": now.id, "name": now.name, "name_normalized": now.name, "created": now.created_at}
        send_event(workspace, {"type": f"{kind}_rename", "channel": shape, **at})


def _tell_members(workspace: Workspace, before: Channel, now: Channel, by: str) -> None:
    """Who left, to an app that was in the channel; who joined, to one that is in it now."""
    app = workspace.directory.app.user_id
    common: Json = {
        "channel": now.id,
        "channel_type": "G" if now.is_private else "C",
        "team": workspace.directory.team.id,
        "event_ts": event_ts(workspace),
    }
    for user in before.members:
        if app in before.members and user not in now.members:
            send_event(workspace, {"type": "member_left_channel", "user": user, **common})
    for user in now.members:
        if app in now.members and user not in before.members:
            invited: Json = {} if user == by else {"inviter": by}
            send_event(workspace, {"type": "member_joined_channel", "user": user, **common, **invited})


def lock_thread(workspace: Workspace, channel: Channel, message: Message, *, locked: bool) -> Message:
    """Lock a thread or open it again. Apps hear nothing of it; they find out by the refusal of a reply."""
    changed = workspace.messages.change(message, is_locked=locked)
    workspace.hub.tell(f"channel:{channel.id}")
    return changed
