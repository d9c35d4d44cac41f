"""Waiting for changes without asking again and again: a long poll for tests, server-sent events for the page."""

from collections.abc import AsyncIterator

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from approvalbot.workspace.errors import Unable
from approvalbot.workspace.local.sessions import as_json, place_of_request
from approvalbot.workspace.workspace import Workspace

LONGEST_WAIT_S = 60.0
HEARTBEAT_S = 15.0


async def wait(request: Request) -> Response:
    """`GET /local/wait?since=N&timeout=S&topics=a,b`: the changes after N, as soon as there are some.

    `{"n": number now, "topics": […]}`; the topics are empty when the time was over first.
    """
    workspace = place_of_request(request)
    query = request.query_params
    try:
        since, timeout_s = int(query.get("since", "0")), float(query.get("timeout", "10"))
    except ValueError:
        raise Unable("since and timeout are numbers", status=400) from None
    topics = [topic for topic in query.get("topics", "").split(",") if topic]
    changed = await workspace.hub.wait(since, min(max(timeout_s, 0), LONGEST_WAIT_S), topics)
    return as_json({"n": workspace.hub.number, "topics": changed})


async def stream(request: Request) -> Response:
    """`GET /local/stream?since=N`: the same as server-sent events; `Last-Event-ID` resumes."""
    workspace = place_of_request(request)
    last = request.headers.get("last-event-id") or request.query_params.get("since", "")
    since = int(last) if last.isdigit() else workspace.hub.number
    return StreamingResponse(_changes(workspace, since), media_type="text/event-stream")


async def _changes(workspace: Workspace, since: int) -> AsyncIterator[bytes]:
    yield f"retry: 1000\nid: {since}\nevent: hello\ndata: {{}}\n\n".encode()
    while not workspace.hub.ended:
        topics = await workspace.hub.wait(since, HEARTBEAT_S)
        if not topics:
            yield b": still here\n\n"
            continue
        since = workspace.hub.number
        data = orjson.dumps({"n": since, "topics": topics}).decode()
        yield f"id: {since}\nevent: change\ndata: {data}\n\n".encode()
