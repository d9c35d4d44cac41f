"""Doing: everything the signed-in person can press, type, choose and close. Each answers with what they would see."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.deliveries.acting import channel_of, seen_message
from approvalbot.workspace.deliveries.changes import open_home
from approvalbot.workspace.deliveries.commands import run_command, run_shortcut
from approvalbot.workspace.deliveries.forms import close, submit
from approvalbot.workspace.deliveries.outcome import Outcome
from approvalbot.workspace.deliveries.press import Press, press_in_message, press_in_view
from approvalbot.workspace.deliveries.suggestions import suggest
from approvalbot.workspace.deliveries.writing import toggle_reaction, write_message
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.local.mentions import typed_text
from approvalbot.workspace.local.sessions import actor, as_json, body_of, needed, place_of_request, viewer
from approvalbot.workspace.local.shapes import message_seen


async def write(request: Request) -> Response:
    """`POST /local/messages {"channel", "text", "thread_ts"?}`: post a message, or run a slash command."""
    workspace = place_of_request(request)
    person = actor(request)
    body = await body_of(request)
    text = needed(body, "text").strip()
    channel = channel_of(workspace, person, needed(body, "channel"))
    thread_ts = body.get("thread_ts")
    if text.startswith("/"):
        if thread_ts:
            raise Unable("slash commands do not work in threads, on Slack as little as here")
        return as_json((await run_command(workspace, person, channel.id, text)).shown())
    message = write_message(workspace, person, channel, typed_text(workspace.directory, text), thread_ts)
    return as_json({"ok": True, "message": message_seen(workspace, message)})


async def command(request: Request) -> Response:
    """`POST /local/commands {"command", "text"?, "channel"}`: run a slash command."""
    workspace = place_of_request(request)
    person = actor(request)
    body = await body_of(request)
    line = f"{needed(body, 'command')} {body.get('text') or ''}"
    return as_json((await run_command(workspace, person, needed(body, "channel"), line)).shown())


async def press(request: Request) -> Response:
    """`POST /local/actions`: press or choose; see `routes.py` for the three places."""
    workspace = place_of_request(request)
    person = actor(request)
    body = await body_of(request)
    wanted = Press(
        action_id=needed(body, "action_id"),
        block_id=body.get("block_id"),
        value=body.get("value"),
        values=_values(body),
        confirmed=bool(body.get("confirmed")),
    )
    outcome: Outcome
    if "channel" in body:
        outcome = await press_in_message(workspace, person, needed(body, "channel"), needed(body, "ts"), wanted)
    else:
        home = bool(body.get("home"))
        outcome = await press_in_view(workspace, person, body.get("view_id"), wanted, home=home)
    return as_json(outcome.shown())


async def suggestions(request: Request) -> Response:
    """`POST /local/suggestions`: the options the bot offers for what was typed into an external select."""
    workspace = place_of_request(request)
    person = actor(request)
    body = await body_of(request)
    typed = str(body.get("value") or "")
    return as_json(await suggest(workspace, person, body, needed(body, "action_id"), body.get("block_id"), typed))


async def submit_modal(request: Request) -> Response:
    """`POST /local/modals/submit {"view_id"?, "values"?}`: submit the modal on top."""
    body = await body_of(request)
    outcome = await submit(place_of_request(request), actor(request), body.get("view_id"), _values(body))
    return as_json(outcome.shown())


async def close_modal(request: Request) -> Response:
    """`POST /local/modals/close {"view_id"?, "all"?}`: close the modal on top, or the whole stack."""
    body = await body_of(request)
    whole = bool(body.get("all"))
    outcome = await close(place_of_request(request), actor(request), body.get("view_id"), whole=whole)
    return as_json(outcome.shown())


async def shortcut(request: Request) -> Response:
    """`POST /local/shortcuts {"callback_id", "channel"?, "ts"?}`: run a global or a message shortcut."""
    body = await body_of(request)
    outcome = await run_shortcut(
        place_of_request(request), actor(request), needed(body, "callback_id"), body.get("channel"), body.get("ts")
    )
    return as_json(outcome.shown())


async def visit_home(request: Request) -> Response:
    """`POST /local/home {"tab"?}`: open the app's Home (or `messages`) tab; the bot hears of it."""
    workspace = place_of_request(request)
    body = await body_of(request)
    tab = "messages" if body.get("tab") == "messages" else "home"
    open_home(workspace, actor(request), tab)
    return as_json({"ok": True})


async def mark_read(request: Request) -> Response:
    """`POST /local/read {"channel"}`: the person has seen everything in it."""
    workspace = place_of_request(request)
    person = viewer(request)
    found = channel_of(workspace, person, needed(await body_of(request), "channel"))
    if workspace.messages.mark_read(person.id, found.id):
        workspace.hub.tell(f"read:{person.id}")
    return as_json({"ok": True})


async def dismiss(request: Request) -> Response:
    """`POST /local/dismiss {"channel", "ts"}`: put away an ephemeral message."""
    workspace = place_of_request(request)
    person = viewer(request)
    body = await body_of(request)
    found = channel_of(workspace, person, needed(body, "channel"))
    message = seen_message(workspace, person, found, needed(body, "ts"))
    if message.only_for is None:
        raise Unable("only messages that nobody else sees can be dismissed")
    workspace.messages.remove(message)
    workspace.hub.tell(f"channel:{found.id}")
    return as_json({"ok": True})


async def react(request: Request) -> Response:
    """`POST /local/reactions {"channel", "ts", "name"}`: add the person's reaction, or take it back."""
    workspace = place_of_request(request)
    person = actor(request)
    body = await body_of(request)
    found = channel_of(workspace, person, needed(body, "channel"))
    message = seen_message(workspace, person, found, needed(body, "ts"))
    toggle_reaction(workspace, person, found, message, needed(body, "name").strip(":"))
    return as_json({"ok": True})


def _values(body: Json) -> Mapping[str, Mapping[str, Any]]:
    values = body.get("values") or {}
    if not isinstance(values, dict) or not all(isinstance(one, dict) for one in values.values()):
        raise Unable("'values' is an object of objects: block_id, action_id, value", status=400)
    return values
