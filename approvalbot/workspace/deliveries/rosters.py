"""Changes of people and user groups, and the events that tell the bot: `user_change`, `team_join`, `subteam_*`."""

import re
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from approvalbot.workspace.api.shapes import group_shape, user_shape
from approvalbot.workspace.deliveries.acting import known_people
from approvalbot.workspace.deliveries.events import event_ts, send_event
from approvalbot.workspace.deliveries.rooms import ChannelChange, change_channel
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.state.cast import Group, Person
from approvalbot.workspace.state.views import new_id
from approvalbot.workspace.workspace import Workspace

Kind = Literal["member", "guest", "single_channel_guest", "outsider"]
Role = Literal["member", "admin", "owner"]

Ids = Annotated[tuple[str, ...], Field(strict=False)]
"""JSON has no tuples, so a list is taken for one."""


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"{value!r} is not a time zone such as Europe/Paris")
    return value


Zone = Annotated[str, AfterValidator(_zone)]

KINDS: dict[str, tuple[bool, bool, bool]] = {
    "member": (False, False, False),
    "guest": (True, False, False),
    "single_channel_guest": (True, True, False),
    "outsider": (False, False, True),
}
"""For each kind: is_restricted, is_ultra_restricted (Slack sets both for a single-channel guest), is_stranger."""


class Wanted(BaseModel):
    """What is to change; what is not named stays."""

    # Strict: "yes" is no boolean here, nor a text a list.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PersonChange(Wanted):
    """Changes of one person. `kind: outsider` makes them somebody of the other company, seen through Slack Connect."""

    active: bool | None = None
    kind: Kind | None = None
    role: Role | None = None
    real_name: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    email: Annotated[str, Field(max_length=120)] | None = None
    tz: Zone | None = None
    groups: Ids | None = None


class NewPerson(Wanted):
    """Somebody who joins."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{0,20}$")]
    real_name: Annotated[str, Field(min_length=1, max_length=80)]
    email: str | None = None
    tz: Zone = "Etc/UTC"
    kind: Kind = "member"


class GroupChange(Wanted):
    """Changes of one user group. A disabled one keeps its members, and a date of deletion."""

    members: Ids | None = None
    handle: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{0,40}$")] | None = None
    name: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    disabled: bool | None = None


def change_person(workspace: Workspace, user: str, wanted: PersonChange) -> Person:
    """Change a person, and tell the bot: `user_change`. Somebody who is deactivated loses their open modals.

    Raises:
        Unable: there is no such person or group, or they are an app.
    """
    person = workspace.directory.people.get(user)
    if person is None or person.is_bot:
        raise Unable(f"there is no person {user!r} to change", status=404)
    update = _of_person(workspace, wanted)
    if update:
        person = workspace.directory.change_person(person.model_copy(update=update))
        if person.deleted:
            workspace.views.close_all(user)
        _tell_user(workspace, "user_change", person)
        workspace.hub.tell("people", f"modal:{user}")
    if wanted.groups is not None:
        _put_into_groups(workspace, user, wanted.groups)
    return person


def _of_person(workspace: Workspace, wanted: PersonChange) -> Json:
    update: Json = wanted.model_dump(include={"real_name", "email", "tz"}, exclude_none=True)
    if wanted.active is not None:
        update["deleted"] = not wanted.active
    if wanted.kind is not None:
        update |= _of_kind(workspace, wanted.kind)
    if wanted.role is not None:
        update |= {"is_admin": wanted.role != "member", "is_owner": wanted.role == "owner"}
    return update


def _of_kind(workspace: Workspace, kind: Kind) -> Json:
    restricted, ultra, stranger = KINDS[kind]
    cast = workspace.directory.cast
    team = cast.other_team.id if stranger else cast.team.id
    flags = {"is_restricted": restricted, "is_ultra_restricted": ultra, "is_stranger": stranger}
    return {**flags, "team_id": team}


def _put_into_groups(workspace: Workspace, user: str, groups: tuple[str, ...]) -> None:
    for unknown in set(groups) - workspace.directory.groups.keys():
        raise Unable(f"there is no user group {unknown!r}", status=404)
    for group in list(workspace.directory.groups.values()):
        others = tuple(one for one in group.members if one != user)
        members = (*others, user) if group.id in groups else others
        if set(members) != set(group.members):
            change_group(workspace, group.id, GroupChange(members=members))


def add_person(workspace: Workspace, wanted: NewPerson) -> Person:
    """Somebody joins: `team_join`, and for full members `member_joined_channel` of #general.

    Raises:
        Unable: the name is taken.
    """
    directory = workspace.directory
    if any(person.name == wanted.name for person in directory.people.values()):
        raise Unable(f"somebody is called {wanted.name!r} already")
    key = "U0" + re.sub(r"[^A-Z0-9]", "", wanted.name.upper())
    fields: dict[str, Any] = wanted.model_dump(exclude={"kind"}) | _of_kind(workspace, wanted.kind)
    person = directory.change_person(Person(id=new_id("U") if key in directory.people else key, **fields))
    _tell_user(workspace, "team_join", person)
    workspace.hub.tell("people")
    if wanted.kind == "member":
        for channel in [one for one in directory.channels.values() if one.is_general]:
            change_channel(workspace, channel.id, ChannelChange(members=(*channel.members, person.id)))
    return person


def _tell_user(workspace: Workspace, kind: str, person: Person) -> None:
    shape = user_shape(workspace.directory, person, workspace.origin, workspace.tokens.bot.scopes)
    at = event_ts(workspace)
    send_event(workspace, {"type": kind, "user": shape, "cache_ts": person.updated_at, "event_ts": at})


def change_group(workspace: Workspace, group_id: str, wanted: GroupChange) -> Group:
    """Change a user group: `subteam_members_changed` where the members differ, then `subteam_updated`.

    Raises:
        Unable: there is no such group or person, or the handle is taken.
    """
    group = workspace.directory.groups.get(group_id)
    if group is None:
        raise Unable(f"there is no user group {group_id!r}", status=404)
    update: Json = wanted.model_dump(include={"handle", "name"}, exclude_none=True)
    if wanted.disabled is not None:
        update["deleted"] = wanted.disabled
    if wanted.members is not None:
        known_people(workspace, wanted.members)
        update["members"] = tuple(dict.fromkeys(wanted.members))
    _free_handle(workspace, wanted.handle, group_id)
    changed = workspace.directory.change_group(group.model_copy(update=update))
    if changed.members != group.members:
        _tell_members(workspace, group, changed)
    _tell_group(workspace, "subteam_updated", changed)
    return changed


def add_group(workspace: Workspace, wanted: GroupChange) -> Group:
    """Make a user group: `subteam_created`.

    Raises:
        Unable: it has no handle, or one that is taken, or a member who is not here.
    """
    if wanted.handle is None:
        raise Unable("a user group needs a 'handle'", status=400)
    _free_handle(workspace, wanted.handle, None)
    members = tuple(dict.fromkeys(wanted.members or ()))
    known_people(workspace, members)
    name = wanted.name or wanted.handle
    made = workspace.directory.change_group(Group(id=new_id("S"), handle=wanted.handle, name=name, members=members))
    _tell_group(workspace, "subteam_created", made)
    return made


def _tell_members(workspace: Workspace, before: Group, now: Group) -> None:
    added = [one for one in now.members if one not in before.members]
    removed = [one for one in before.members if one not in now.members]
    event: Json = {
        "type": "subteam_members_changed",
        "subteam_id": now.id,
        "team_id": workspace.directory.team.id,
        "date_previous_update": before.updated_at,
        "date_update": now.updated_at,
        "added_users": added,
        "added_users_count": len(added),
        "removed_users": removed,
        "removed_users_count": len(removed),
        "event_ts": event_ts(workspace),
    }
    send_event(workspace, event)


def _tell_group(workspace: Workspace, kind: str, group: Group) -> None:
    shape = group_shape(workspace.directory, group, with_users=True)
    send_event(workspace, {"type": kind, "subteam": shape, "event_ts": event_ts(workspace)})
    workspace.hub.tell("people")


def _free_handle(workspace: Workspace, handle: str | None, own: str | None) -> None:
    if any(one.handle == handle and one.id != own for one in workspace.directory.groups.values()):
        raise Unable(f"there is a user group @{handle} already")
