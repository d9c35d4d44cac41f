"""The wall around the workspace: it answers this machine only, under its own name, and its page runs nothing foreign.

A page of some website in the same browser could send requests here too. It cannot read the answers, and it cannot
write: `/local` takes JSON only, from the workspace's own origin only, and the session cookie is SameSite=Strict. The
Host check stops DNS rebinding, where a foreign name resolves to this machine.
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


class Guard:
    """ASGI middleware: loopback clients, own Host, own Origin, and the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse with 403 what does not belong here; pass on the rest."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        if fault := _fault(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await PlainTextResponse(fault, 403)(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", CONTENT_POLICY)
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "no-referrer")
                headers.setdefault("cross-origin-opener-policy", "same-origin")
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_guarded)


def _fault(scope: Scope) -> str | None:
    """Why this request is not answered; None when it is."""
    client = scope.get("client")
    if client is None or not ipaddress.ip_address(client[0]).is_loopback:
        return "the local workspace answers this machine only"
    headers = Headers(scope=scope)
    if urlsplit(f"//{headers.get('host', '')}").hostname not in OWN_NAMES:
        return "the local workspace answers under 127.0.0.1 or localhost only"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return "the local workspace takes requests from its own page only"
    return None
