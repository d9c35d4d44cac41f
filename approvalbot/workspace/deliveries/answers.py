"""Answers that are messages: the reply to a slash command, and everything that comes by a response_url."""

from http import HTTPStatus
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from approvalbot.workspace.api.arguments import Arguments
from approvalbot.workspace.api.content import Content, content_of
from approvalbot.workspace.api.strikes import DROPPED, code_in, under_fault
from approvalbot.workspace.deliveries.link import Reply
from approvalbot.workspace.errors import Json, Refusal
from approvalbot.workspace.state.faults import RESPONSE_URL, TRANSPORT_FAULTS
from approvalbot.workspace.state.messages import Message
from approvalbot.workspace.state.response_urls import ResponseUrl
from approvalbot.workspace.workspace import Workspace

LARGEST_ANSWER = 1024 * 1024


def show_reply(workspace: Workspace, reply: Reply, channel: str, user: str) -> None:
    """Show what the bot answered to a command: nothing, a plain text, or a message as JSON.

    Raises:
        Refusal: it is a message that Slack does not take.
    """
    if not reply.body.strip():
        return
    answer = reply.json() or {"text": reply.body.decode("utf-8", "replace")}
    arguments = Arguments(answer)
    _post(workspace, channel, user, arguments, content_of(arguments))


async def take_response(request: Request) -> Response:
    """`POST /hooks/{key}`: an answer by response_url, with the fault that was ordered for it."""
    workspace: Workspace = request.app.state.workspace
    entry = workspace.traffic.begin("response_url", "response_url")
    body = await request.body()
    entry.request = body.decode("utf-8", "replace")
    fault = workspace.faults.take(TRANSPORT_FAULTS, RESPONSE_URL)

    def carry_out() -> Response:
        return _taken(workspace, request.path_params["key"], body)

    response = await under_fault(fault, request, workspace.traffic, entry, carry_out)
    if entry.failure != DROPPED:
        answer = bytes(response.body).decode()
        failure = "" if response.status_code == HTTPStatus.OK else code_in(answer)
        workspace.traffic.end(entry, status=response.status_code, answer=answer, failure=failure)
    return response


def _taken(workspace: Workspace, key: str, body: bytes) -> Response:
    try:
        _respond(workspace, workspace.response_urls.use(key), _answer(body))
    except Refusal as refusal:
        status = HTTPStatus.NOT_FOUND if refusal.code.endswith("_url") else HTTPStatus.BAD_REQUEST
        shown = orjson.dumps({"ok": False, "error": refusal.code, **refusal.fields})
        return Response(shown, status, media_type="application/json")
    return PlainTextResponse("ok")


def _answer(body: bytes) -> Json:
    if len(body) > LARGEST_ANSWER:
        raise Refusal("invalid_payload")
    try:
        answer: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refusal("invalid_payload") from None
    if not isinstance(answer, dict):
        raise Refusal("invalid_payload")
    return answer


def _respond(workspace: Workspace, held: ResponseUrl, answer: Json) -> None:
    arguments = Arguments(answer)
    if arguments.text("response_type") not in {"", "ephemeral", "in_channel"}:
        raise Refusal("invalid_payload")
    original = workspace.messages.get_for(held.user, held.channel, held.ts) if held.ts else None
    if arguments.flag("delete_original"):
        if original is not None:
            workspace.messages.remove(original)
            workspace.hub.tell(f"channel:{held.channel}")
        return
    content = content_of(arguments)
    if original is not None and arguments.flag("replace_original", default=_replaces(original, arguments)):
        workspace.messages.change(original, text=content.text, blocks=content.blocks, attachments=content.attachments)
        workspace.hub.tell(f"channel:{held.channel}")
        return
    _post(workspace, held.channel, held.user, arguments, content)


def _replaces(original: Message, arguments: Arguments) -> bool:
    """Whether an answer that does not say replaces the pressed message: yes, unless it asks for another visibility."""
    wanted = arguments.text("response_type")
    return wanted in {"", "ephemeral" if original.only_for else "in_channel"}


def _post(workspace: Workspace, channel: str, user: str, arguments: Arguments, content: Content) -> None:
    in_channel = arguments.text("response_type") == "in_channel"
    thread_ts = arguments.text("thread_ts") or None
    workspace.messages.add(
        channel,
        workspace.directory.app.user_id,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        by_app=True,
        thread_ts=thread_ts if thread_ts and workspace.messages.get(channel, thread_ts) else None,
        only_for=None if in_channel else user,
    )
    workspace.hub.tell(f"channel:{channel}")
