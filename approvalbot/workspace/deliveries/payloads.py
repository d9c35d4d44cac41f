"""The bodies of deliveries, with Slack's own field names (slack.md section 5; docs.slack.dev, "Payloads")."""

from approvalbot.workspace.api.shapes import message_shape, view_shape
from approvalbot.workspace.errors import Json
from approvalbot.workspace.state.cast import Channel, Person
from approvalbot.workspace.state.messages import Message
from approvalbot.workspace.state.views import View, new_id
from approvalbot.workspace.workspace import Workspace

VERIFICATION_TOKEN = "local-verification-token"  # noqa: S105 - deprecated by Slack, sent all the same, proves nothing


def envelope(workspace: Workspace, kind: str, person: Person) -> Json:
    """What every interaction starts with."""
    directory = workspace.directory
    return {
        "type": kind,
        "team": {"id": directory.team.id, "domain": directory.team.domain},
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": directory.app.id,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_place(workspace: Workspace, message: Message, channel: Channel, person: Person) -> Json:
    """What an interaction in a message adds: container, channel, the message as it stands, and a response_url."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
        "is_app_unfurl": False,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    shape = message_shape(workspace.directory, message, workspace.origin)
    if message.only_for is not None:
        # Slack stores nothing of an ephemeral message that it could repeat: a bot must not count on its content.
        shape = {key: shape[key] for key in ("type", "user", "ts", "team") if key in shape} | {"subtype": "ephemeral"}
    return {
        "container": container,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "message": shape,
        "response_url": workspace.origin + workspace.response_urls.make(channel.id, person.id, message.ts),
    }


def view_place(workspace: Workspace, view: View) -> Json:
    """What an interaction in a modal or a Home tab adds."""
    return {
        "container": {"type": "view", "view_id": view.id},
        "view": view_shape(workspace.directory, view),
    }


def channel_name(channel: Channel) -> str:
    """The name that payloads carry: DMs and private groups have a fixed one."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def slash_command(workspace: Workspace, person: Person, channel: Channel, command: str, text: str) -> Json:
    """The form fields of a slash command. Someone of another company comes with their own team."""
    directory = workspace.directory
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": person.team_id,
        "team_domain": directory.team_of(person),
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": directory.app.id,
        "is_enterprise_install": "false",
        "response_url": workspace.origin + workspace.response_urls.make(channel.id, person.id),
        "trigger_id": trigger(workspace, person, command, channel=channel.id),
    }


def trigger(
    workspace: Workspace, person: Person, what: str, view: View | None = None, *, channel: str | None = None
) -> str:
    """A trigger_id for one delivery; already dead when that fault was ordered. `channel` is where the person is."""
    expired = workspace.faults.take(("expired_trigger",), what) is not None
    from_view = view.id if view else None
    return workspace.triggers.make(person.id, from_view=from_view, channel=channel, expired=expired)


def event_callback(workspace: Workspace, event: Json) -> Json:
    """The Events API envelope around one event."""
    directory = workspace.directory
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": directory.team.id,
        "api_app_id": directory.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(workspace.clock.now_s()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": directory.team.id,
                "user_id": directory.app.user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": new_id("4-"),
    }
