"""The service: it takes the bot's signed callbacks and grant orders, and answers as it was told to.

`/service/callbacks` takes answers; `/service/grants` takes `grant.start`, `grant.extend` and `grant.end`. What does not
verify is refused with 401. The service is as careful as one should be: a webhook-id it has seen is answered as before
and done nothing for.
"""

import asyncio

import orjson
from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.errors import Json
from approvalbot.workspace.outside.behaviour import Behaviour, Endpoint
from approvalbot.workspace.outside.book import Grant, Received
from approvalbot.workspace.outside.proof import verification_fault
from approvalbot.workspace.workspace import Workspace

LARGEST_DELIVERY = 256 * 1024


async def take_callback(request: Request) -> Response:
    """`POST /service/callbacks`."""
    workspace: Workspace = request.app.state.workspace
    return await _take(request, "callbacks", workspace.config.service.callback_secrets)


async def take_grant(request: Request) -> Response:
    """`POST /service/grants`."""
    workspace: Workspace = request.app.state.workspace
    return await _take(request, "grants", workspace.config.service.grant_secrets)


async def _take(request: Request, endpoint: Endpoint, keys: tuple[str, ...]) -> Response:
    workspace: Workspace = request.app.state.workspace
    body = (await request.body())[:LARGEST_DELIVERY]
    entry = workspace.traffic.begin("service", endpoint, request=body.decode("utf-8", "replace"))
    entry.request_headers = {key: value for key, value in request.headers.items() if key.startswith("webhook-")}
    fault = verification_fault(keys, request.headers, body)
    behaviour = None if fault else workspace.next_behaviour(endpoint)
    if behaviour is not None and behaviour.delay_s:
        await asyncio.sleep(behaviour.delay_s)
    status = 401 if fault else behaviour.status if behaviour else 200
    decoded = _decoded(body)
    received = Received(
        number=workspace.book.next_number(),
        at_s=workspace.clock.now_s(),
        endpoint=endpoint,
        webhook_id=request.headers.get("webhook-id", ""),
        kind=str(decoded.get("type", "")),
        verified=not fault,
        fault=fault,
        status=status,
        body=decoded,
    )
    received.repeats = sum(one.webhook_id == received.webhook_id for one in workspace.book.received.values())
    answer = _answer(workspace, received, behaviour)
    workspace.book.keep(received)
    workspace.traffic.end(entry, status=status, answer=orjson.dumps(answer).decode(), failure=fault)
    headers = {"retry-after": behaviour.retry_after} if behaviour and behaviour.retry_after else None
    return Response(orjson.dumps(answer), status, headers, media_type="application/json")


def _decoded(body: bytes) -> Json:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _answer(workspace: Workspace, received: Received, behaviour: Behaviour | None) -> Json:
    """What the service answers, and what it does to its grants on the way."""
    if not received.verified:
        return {"error": "the signature does not verify"}
    if received.status >= 300:
        return {"error": "the service was told to fail"}
    answer: Json = {}
    if received.endpoint == "grants":
        answer = _grant(workspace, received)
    return behaviour.body if behaviour and behaviour.body is not None else answer


def _grant(workspace: Workspace, received: Received) -> Json:
    order = received.body.get("data", {})
    key = str(order.get("request_id") or order.get("id") or received.webhook_id)
    held = workspace.book.grants.get(key)
    if received.kind == "grant.start":
        if held is None:
            held = Grant(key, f"acme-{len(workspace.book.grants) + 1}", "active", received.at_s, order)
            workspace.book.keep(held)
        return {"ref": held.ref, "how_to_use": workspace.config.service.how_to_use}
    if received.kind == "grant.extend" and held is not None and held.state == "active":
        held.order = order
        workspace.book.keep(held)
    if received.kind == "grant.end" and held is not None and held.state == "active":
        held.state, held.ended_at_s = "ended", received.at_s
        workspace.book.keep(held)
    return {"ref": held.ref if held else ""}
