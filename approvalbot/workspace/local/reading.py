"""Reading: what the signed-in person sees, and who and what there is."""

from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.deliveries.acting import channel_of
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.local.sessions import (
    as_json,
    body_of,
    cookie_name,
    needed,
    place_of_request,
    viewer,
)
from approvalbot.workspace.local.shapes import channel_seen, group_seen, message_seen, person_seen, room_seen, view_seen

SHOWN_MESSAGES = 200


async def sign_in(request: Request) -> Response:
    """`POST /local/session {"user"}`: a new session for that person; the old one of this browser ends."""
    workspace = place_of_request(request)
    user = needed(await body_of(request), "user")
    person = workspace.directory.people.get(user)
    if person is None or user == workspace.directory.app.user_id:
        raise Unable(f"there is no person {user!r} to sign in as", status=404)
    name = cookie_name(workspace)
    request.app.state.sessions.close(request.cookies.get(name))
    response = as_json({"user": person_seen(person), "n": workspace.hub.number})
    key = request.app.state.sessions.open(user)
    response.set_cookie(name, key, httponly=True, samesite="strict", path="/")
    return response


async def who_am_i(request: Request) -> Response:
    """`GET /local/session`: the signed-in person and the number of the last change."""
    person = viewer(request)
    return as_json({"user": person_seen(person), "n": place_of_request(request).hub.number})


async def directory(request: Request) -> Response:
    """`GET /local/directory`: names for ids, and what the app offers."""
    workspace = place_of_request(request)
    held = workspace.directory
    config = workspace.config
    return as_json(
        {
            "team": held.team.model_dump(),
            "app": held.app.model_dump(),
            "people": [person_seen(one) for one in held.people.values()],
            "groups": [group_seen(one) for one in held.groups.values()],
            "channels": [
                room_seen(one) for one in held.channels.values() if not (one.is_im or one.is_mpim or one.is_deleted)
            ],
            "commands": [one.model_dump() for one in config.commands],
            "shortcuts": [one.model_dump() for one in config.shortcuts],
            "messages_tab": config.messages_tab,
            "home_tab": config.home_tab,
            "start_persona": config.start_persona,
            "mode": config.mode,
            "bot_url": config.bot_url,
            "installed": workspace.installed,
            "has_gallery": config.gallery is not None,
            "events_disabled": workspace.health.is_disabled,
            "token": workspace.tokens.bot.fault or "good",
        }
    )


async def sidebar(request: Request) -> Response:
    """`GET /local/channels`: the person's conversations, channels first, with what is unread."""
    workspace = place_of_request(request)
    person = viewer(request)
    if not person.is_bot:
        workspace.directory.app_dm(person.id)
    channels = workspace.directory.channels_of(person.id)
    return as_json({"channels": [channel_seen(workspace, person, one) for one in channels]})


async def channel(request: Request) -> Response:
    """`GET /local/channels/{id}`: the last messages as the person sees them, ephemeral ones among them."""
    workspace = place_of_request(request)
    person = viewer(request)
    found = channel_of(workspace, person, request.path_params["channel"])
    public = [one for one in workspace.messages.in_channel(found.id) if not one.is_reply or one.is_broadcast]
    private = [one for one in workspace.messages.ephemeral(person.id, found.id) if not one.thread_ts]
    shown = sorted([*public[-SHOWN_MESSAGES:], *private], key=lambda one: one.ts)
    return as_json(
        {
            "n": workspace.hub.number,
            "channel": channel_seen(workspace, person, found),
            "read_until": workspace.messages.read_until.get((person.id, found.id), ""),
            "messages": [message_seen(workspace, one) for one in shown],
        }
    )


async def thread(request: Request) -> Response:
    """`GET /local/channels/{id}/threads/{ts}`: a thread with its head, ephemeral replies among them."""
    workspace = place_of_request(request)
    person = viewer(request)
    found = channel_of(workspace, person, request.path_params["channel"])
    ts = request.path_params["ts"]
    head = workspace.messages.get(found.id, ts)
    if head is None:
        raise Unable(f"there is no message {ts} in #{found.name}", status=404)
    private = [one for one in workspace.messages.ephemeral(person.id, found.id) if one.thread_ts == ts]
    replies = sorted([*workspace.messages.replies(found.id, ts), *private], key=lambda one: one.ts)
    shown: Json = {
        "channel": channel_seen(workspace, person, found),
        "head": message_seen(workspace, head),
        "replies": [message_seen(workspace, one) for one in replies],
    }
    return as_json(shown)


async def modals(request: Request) -> Response:
    """`GET /local/modals`: the person's stack, lowest first."""
    workspace = place_of_request(request)
    stack = workspace.views.stacks.get(viewer(request).id, [])
    return as_json({"n": workspace.hub.number, "stack": [view_seen(one) for one in stack]})


async def home(request: Request) -> Response:
    """`GET /local/home`: the person's Home tab; null while the app has published none."""
    workspace = place_of_request(request)
    view = workspace.views.homes.get(viewer(request).id)
    return as_json({"n": workspace.hub.number, "view": view_seen(view) if view else None})
