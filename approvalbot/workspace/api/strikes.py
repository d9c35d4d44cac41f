"""Faults at work: what an ordered fault does to one request of the bot, before or after it is carried out."""

import asyncio
import re
from collections.abc import Callable

import orjson
from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.errors import Json, Refusal
from approvalbot.workspace.hanging_up import hang_up
from approvalbot.workspace.state.faults import FaultOrder
from approvalbot.workspace.state.traffic import Entry, Traffic

DROPPED = "carried out, then the line was dropped (fault)"


async def under_fault(
    fault: FaultOrder | None, request: Request, traffic: Traffic, entry: Entry, carry_out: Callable[[], Response]
) -> Response:
    """Carry a request out, unless the fault strikes before; then let it strike after. Notes a dropped line itself."""
    response = _struck_before(fault) or carry_out()
    if fault is None:
        return response
    if fault.kind == "slow":
        await asyncio.sleep(fault.delay_s)
    if fault.kind == "drop":
        traffic.end(entry, status=None, failure=DROPPED)
        await hang_up(request)
    return not_json(fault.status) if fault.kind == "http_error" else response


def _struck_before(fault: FaultOrder | None) -> Response | None:
    """The answer of a fault that strikes before anything is done; None lets the request go on."""
    if fault is None:
        return None
    if fault.kind == "rate_limited":
        return too_soon(fault.retry_after)
    if fault.kind == "http_error" and not fault.after:
        return not_json(fault.status)
    return None


def refused_by(fault: FaultOrder | None, scopes: tuple[str, ...], provided: tuple[str, ...]) -> Refusal | None:
    """The refusal that a fault orders for a method with these scopes; None for a fault of another kind."""
    if fault is None or fault.kind not in {"error", "token_revoked", "missing_scope"}:
        return None
    if fault.kind == "missing_scope":
        left = ",".join(scope for scope in provided if scope not in scopes)
        return Refusal("missing_scope", needed=scopes[0] if scopes else "", provided=left)
    return Refusal(fault.error if fault.kind == "error" else "token_revoked")


def too_soon(retry_after: str) -> Response:
    """The only answer of the Web API that is not HTTP 200."""
    body: Json = {"ok": False, "error": "ratelimited"}
    headers = {"retry-after": retry_after}
    return Response(orjson.dumps(body), 429, headers, media_type="application/json; charset=utf-8")


def not_json(status: int) -> Response:
    """What a proxy in front of Slack says when Slack does not."""
    text = f"<html><body>{status} from the local workspace (fault)</body></html>"
    return Response(text, status, media_type="text/html")


def code_in(answer: str) -> str:
    """The error code in an answer, for the inspector."""
    found = re.search(r'"error":"([a-z_]+)"', answer)
    return found[1] if found else "not JSON"
