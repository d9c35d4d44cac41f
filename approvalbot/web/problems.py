"""Every fault as `application/problem+json` (RFC 9457), and nothing but the status for what we did not expect."""

from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from approvalbot.errors import CODES, ApprovalBotError, Busy, Unavailable
from approvalbot.log import get_logger

log = get_logger("web")

_CODE_OF = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "unsupported_media_type"}


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


def problem(
    code: str, detail: str, *, hint: str = "", headers: dict[str, str] | None = None, status: int = 0
) -> Response:
    """A fault. `type` and `code` say the same; docs/errors.md has every code."""
    known = CODES[code]
    body = {
        "type": f"urn:approvalbot:error:{code}",
        "title": known.title,
        "status": status or known.status,
        "code": code,
        "detail": detail,
    }
    if hint:
        body["hint"] = hint
    return Response(orjson.dumps(body), status or known.status, headers, media_type="application/problem+json")


def problem_of(fault: ApprovalBotError) -> Response:
    """A fault of ours as its answer, with when to come again where that is known."""
    headers = {"retry-after": str(fault.retry_after_s)} if isinstance(fault, Busy | Unavailable) else {}
    status = fault.status if fault.status < 500 or fault.status == 503 else 503
    sentence = fault.text().removesuffix(fault.hint).strip() if fault.hint else fault.text()
    return problem(fault.code, sentence, hint=fault.hint, headers=headers, status=status)


async def on_fault(_request: Request, fault: Exception) -> Response:
    """A fault of ours that a route let through."""
    return problem_of(fault) if isinstance(fault, ApprovalBotError) else await on_anything(_request, fault)


async def on_http(_request: Request, fault: Exception) -> Response:
    """A fault that Starlette found: no such route, or a method it does not take."""
    status = fault.status_code if isinstance(fault, HTTPException) else 404
    code = _CODE_OF.get(status, "parameter_invalid")
    headers = dict(fault.headers or {}) if isinstance(fault, HTTPException) else {}
    return problem(code, f"{CODES[code].title}.", headers=headers, status=status)


async def on_anything(request: Request, fault: Exception) -> Response:
    """What nobody expected. The caller is told to come again; the log has the rest, the answer nothing of it."""
    log.error("unexpected", path=request.url.path, error=type(fault).__name__, exc_info=fault)
    return problem("unavailable", "Something broke on our side; nothing was recorded.", headers={"retry-after": "5"})
