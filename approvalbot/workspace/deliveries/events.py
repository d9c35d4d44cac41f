"""The Events API: what happened in the workspace, told to the bot, and told again when it did not listen."""

import asyncio
from collections.abc import Mapping

import orjson

from approvalbot.workspace.deliveries.deliver import deliver
from approvalbot.workspace.deliveries.link import Delivery, Reply
from approvalbot.workspace.deliveries.outcome import Outcome, outcome_of
from approvalbot.workspace.deliveries.payloads import VERIFICATION_TOKEN, event_callback
from approvalbot.workspace.errors import Json
from approvalbot.workspace.workspace import Workspace

SCOPES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("user_change", "team_join"), ("users:read",)),
    **dict.fromkeys(("subteam_created", "subteam_updated", "subteam_members_changed"), ("usergroups:read",)),
    **dict.fromkeys(("member_joined_channel", "member_left_channel"), ("channels:read", "groups:read")),
    **dict.fromkeys(
        ("channel_created", "channel_deleted", "channel_archive", "channel_unarchive", "channel_rename"),
        ("channels:read",),
    ),
    **dict.fromkeys(("group_deleted", "group_archive", "group_unarchive", "group_rename"), ("groups:read",)),
    "message.im": ("im:history",),
}
"""The scopes any one of which an event needs (docs.slack.dev, each event's page). Those not here need none."""


def send_event(workspace: Workspace, event: Json, user: str | None = None, *, subscription: str | None = None) -> None:
    """Tell the bot of an event, in the background, with Slack's retries.

    Only what the app subscribed to and has a scope for is told, and nothing to an app that was removed. `subscription`
    names it where that is not the event's type, as with `message.im`.
    """
    name = subscription or event["type"]
    scopes = SCOPES.get(name, ())
    allowed = not scopes or bool(set(scopes) & set(workspace.tokens.bot.scopes))
    if name not in workspace.config.events or not allowed or not workspace.installed:
        return
    if workspace.health.is_disabled:
        return
    if workspace.limits.takes_event():
        workspace.in_background(_until_taken(workspace, event_callback(workspace, event), user))
    elif (minute := workspace.limits.minute_to_tell()) is not None:
        workspace.in_background(_tell_limited(workspace, minute))


async def _tell_limited(workspace: Workspace, minute: int) -> None:
    """`app_rate_limited`, which comes unasked and has no event inside."""
    payload: Json = {
        "token": VERIFICATION_TOKEN,
        "type": "app_rate_limited",
        "team_id": workspace.directory.team.id,
        "minute_rate_limited": minute,
        "api_app_id": workspace.directory.app.id,
    }
    await deliver(workspace, Delivery("events_api", "app_rate_limited", payload), None)


def event_ts(workspace: Workspace) -> str:
    """The `event_ts` of something that happens now."""
    return f"{workspace.clock.now_s():.6f}"


async def _until_taken(workspace: Workspace, payload: Json, user: str | None) -> None:
    """One delivery, then up to three more: at once, after a minute and after five, all with the same event_id."""
    what = payload["event"]["type"]
    reply = await _told(workspace, Delivery("events_api", what, payload), user)
    for attempt, wait_s in enumerate(workspace.config.timing.event_retries_s, start=1):
        if not reply.failure or _wants_no_retry(reply):
            return
        await asyncio.sleep(wait_s)
        if workspace.health.is_disabled:
            return
        again = Delivery("events_api", what, payload, attempt=attempt, reason=reply.failure)
        reply = await _told(workspace, again, user)


async def _told(workspace: Workspace, delivery: Delivery, user: str | None) -> Reply:
    """One delivery of an event, counted. `app_rate_limited` tells of the one that was too many to fail."""
    was_disabled = workspace.health.is_disabled
    reply, _ = await deliver(workspace, delivery, user)
    workspace.health.note(taken=not reply.failure)
    if workspace.health.is_disabled and not was_disabled:
        workspace.hub.tell("app")
        if (minute := workspace.limits.minute_to_tell()) is not None:
            await _tell_limited(workspace, minute)
    return reply


def _wants_no_retry(reply: Reply) -> bool:
    """`x-slack-no-retry: 1` stops the retries; after a timeout there was no answer to carry it."""
    return reply.headers.get("x-slack-no-retry") == "1"


async def verify_bot(workspace: Workspace) -> Outcome:
    """The two checks that Slack makes of a request URL: the signed challenge and the ssl_check.

    In Socket Mode there is no address to check, only whether the bot is connected.
    """
    if workspace.config.mode == "socket":
        count = workspace.sockets.connections
        return Outcome(failure="" if count else "approvalbot has no WebSocket open", delivered=False)
    challenge = "local-challenge"
    payload: Json = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
    reply, entry = await deliver(workspace, Delivery("events_api", "url_verification", payload), None)
    if reply.failure:
        return outcome_of(entry, entry.failure)
    if not _echoes(reply, challenge):
        return outcome_of(entry, "approvalbot did not echo the challenge")
    check = Delivery("slash_commands", "ssl_check", {"ssl_check": "1", "token": VERIFICATION_TOKEN})
    reply, entry = await deliver(workspace, check, None)
    if not reply.failure:
        workspace.health.restore()
        workspace.hub.tell("app")
    return outcome_of(entry, entry.failure if reply.failure else "")


def _echoes(reply: Reply, challenge: str) -> bool:
    try:
        answer = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return reply.body.decode("utf-8", "replace").strip() == challenge
    return isinstance(answer, dict) and answer.get("challenge") == challenge
