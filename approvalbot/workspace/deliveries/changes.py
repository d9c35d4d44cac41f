"""Changes of the workspace that the bot hears of: groups, people, channels, the Home tab, the installation."""

from approvalbot.workspace.api.shapes import group_shape, user_shape, view_shape
from approvalbot.workspace.deliveries.events import send_event
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.state.cast import Channel, Group, Person
from approvalbot.workspace.workspace import Workspace


def set_members(workspace: Workspace, group_id: str, members: tuple[str, ...]) -> Group:
    """Give a user group other members, and tell the bot: `subteam_members_changed`, then `subteam_updated`.

    Raises:
        Unable: there is no such group or person.
    """
    group = workspace.directory.groups.get(group_id)
    if group is None:
        raise Unable(f"there is no user group {group_id!r}", status=404)
    _known_people(workspace, members)
    changed = workspace.directory.change_group(group.model_copy(update={"members": members}))
    added = [one for one in members if one not in group.members]
    removed = [one for one in group.members if one not in members]
    at: Json = {"event_ts": _event_ts(workspace)}
    send_event(
        workspace,
        {
            "type": "subteam_members_changed",
            "subteam_id": group.id,
            "team_id": workspace.directory.team.id,
            "date_previous_update": group.updated_at,
            "date_update": changed.updated_at,
            "added_users": added,
            "added_users_count": len(added),
            "removed_users": removed,
            "removed_users_count": len(removed),
            **at,
        },
    )
    shape = group_shape(workspace.directory, changed, with_users=True)
    send_event(workspace, {"type": "subteam_updated", "subteam": shape, **at})
    workspace.hub.tell("people")
    return changed


def set_active(workspace: Workspace, user: str, *, active: bool) -> Person:
    """Deactivate a person or take them back, and tell the bot: `user_change`. Their open modals close."""
    person = workspace.directory.people.get(user)
    if person is None or person.is_bot:
        raise Unable(f"there is no person {user!r} to change", status=404)
    changed = workspace.directory.change_person(person.model_copy(update={"deleted": not active}))
    if not active:
        workspace.views.close_all(user)
    shape = user_shape(workspace.directory, changed, workspace.origin, workspace.tokens.bot.scopes)
    send_event(
        workspace,
        {
            "type": "user_change",
            "user": shape,
            "cache_ts": changed.updated_at,
            "event_ts": _event_ts(workspace),
        },
    )
    workspace.hub.tell("people", f"modal:{user}")
    return changed


def change_channel(workspace: Workspace, reference: str, changes: Json) -> Channel:
    """Archive, delete or re-people a channel. The bot hears `channel_deleted` and `member_left_channel`.

    `changes` may hold `archived`, `deleted` and `members`.
    """
    channel = workspace.directory.channel(reference)
    if channel is None:
        raise Unable(f"there is no channel {reference!r}", status=404)
    names = {"archived": "is_archived", "deleted": "is_deleted"}
    update: Json = {names[key]: bool(changes[key]) for key in names if key in changes}
    if "members" in changes:
        update["members"] = tuple(changes["members"])
        _known_people(workspace, update["members"])
    changed = workspace.directory.change_channel(channel.model_copy(update=update))
    if changed.is_deleted:
        send_event(workspace, {"type": "channel_deleted", "channel": channel.id, "event_ts": _event_ts(workspace)})
    app_sees = workspace.directory.app.user_id in channel.members
    for user in channel.members:
        if app_sees and user not in changed.members:
            send_event(
                workspace,
                {
                    "type": "member_left_channel",
                    "user": user,
                    "channel": channel.id,
                    "channel_type": "G" if channel.is_private else "C",
                    "team": workspace.directory.team.id,
                    "event_ts": _event_ts(workspace),
                },
            )
    workspace.hub.tell("people", "channels")
    return changed


def open_home(workspace: Workspace, person: Person, tab: str) -> None:
    """Somebody opens the app's Home or Messages tab: `app_home_opened`, with the view that is published so far."""
    event: Json = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": workspace.directory.app_dm(person.id).id,
        "tab": tab,
        "event_ts": _event_ts(workspace),
    }
    view = workspace.views.homes.get(person.id)
    if tab == "home" and view is not None:
        event["view"] = view_shape(workspace.directory, view)
    send_event(workspace, event, person.id)


def uninstall(workspace: Workspace) -> None:
    """Remove the app: the bot hears `app_uninstalled` and `tokens_revoked`, and its tokens stop working."""
    app_user = workspace.directory.app.user_id
    tokens: Json = {"oauth": [], "bot": [app_user]}
    send_event(workspace, {"type": "tokens_revoked", "tokens": tokens, "event_ts": _event_ts(workspace)})
    send_event(workspace, {"type": "app_uninstalled", "event_ts": _event_ts(workspace)})
    workspace.tokens.bot.fault = "account_inactive"
    workspace.hub.tell("app")


def install(workspace: Workspace) -> None:
    """Take the app back with the token it had."""
    workspace.tokens.bot.fault = None
    workspace.hub.tell("app")


def _known_people(workspace: Workspace, users: tuple[str, ...]) -> None:
    unknown = [one for one in users if one not in workspace.directory.people]
    if unknown:
        raise Unable(f"there is no person {unknown[0]!r}", status=404)


def _event_ts(workspace: Workspace) -> str:
    return f"{workspace.clock.now_s():.6f}"
