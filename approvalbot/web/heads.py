"""What stands before a body: one Host, a head that ends, in size and in time. The rest of HTTP uvicorn is strict about.

httptools reads a head of any length and waits for its end for ever, takes several Host headers, and answers a call of
HTTP/0.9. A proxy in front of us may read such a call otherwise than we do, and what two read differently can be
smuggled past one of them.

Source: RFC 9112 section 3.2 (a server answers 400 to no Host and to several).
"""

import asyncio
import re
from typing import Any

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from approvalbot.errors import CODES
from approvalbot.web.problems import problem

MOST_HEAD = 64 * 1024
"""Bytes of a head: twice what browsers and proxies send at most, cookies and a client certificate included."""

MOST_HEADERS = 200

WITHIN_S = 20.0
"""Seconds for a head to be there whole, as a body has (`web/bodies.py`)."""

VERSIONS = frozenset({"1.0", "1.1"})

_HOST = re.compile(rb"[A-Za-z0-9._~%\-\[\]:]{1,255}")


class GoodHeads:
    """Answers a call whose head could be read in two ways, before any route sees it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = None if scope["type"] != "http" else refused(scope)
        if refusal is None:
            await self._app(scope, receive, send)
            return
        code, detail = refusal
        await problem(code, detail, headers={"connection": "close"})(scope, receive, send)


def refused(scope: Scope) -> tuple[str, str] | None:
    """Why a head is refused: the code and a sentence; None for a good one."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > MOST_HEAD:
        return "head_too_large", f"At most {MOST_HEADERS} headers and {MOST_HEAD // 1024} KiB of them are taken."
    if scope.get("http_version", "1.1") not in VERSIONS:
        return "head_invalid", "Only HTTP/1.1 and HTTP/1.0 are spoken here."
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1:
        return "head_invalid", "There are several Host headers; one is taken."
    if not hosts and scope.get("http_version", "1.1") == "1.1":
        return "head_invalid", "There is no Host header."
    if hosts and not _HOST.fullmatch(hosts[0]):
        return "head_invalid", "The Host header names no host."
    return None


class Heads(HttpToolsProtocol):
    """uvicorn's protocol, with an end to every head. What it refuses it answers like every other fault of ours."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_head = True
        self._read = 0
        self._alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there; their head has to follow."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._relax()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head, self._read = True, 0
        self._expect()

    def on_headers_complete(self) -> None:
        """It is there."""
        self._in_head = False
        self._relax()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Count what comes while a head is still open: a header that never ends reaches nobody but us."""
        was_open = self._in_head
        super().data_received(data)
        if was_open and self._in_head:
            self._read += len(data)
            if self._read > MOST_HEAD:
                self._refuse("head_too_large", f"At most {MOST_HEAD // 1024} KiB of headers are taken.")

    def send_400_response(self, msg: str) -> None:
        """What httptools could not read."""
        self._refuse("head_invalid", msg)

    def _expect(self) -> None:
        self._relax()
        self._alarm = self.loop.call_later(WITHIN_S, self._give_up)

    def _relax(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _give_up(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, code: str, detail: str) -> None:
        self._relax()
        if self.transport.is_closing():
            return
        known = CODES[code]
        said = {"type": f"urn:approvalbot:error:{code}", "title": known.title, "status": known.status, "code": code}
        body = orjson.dumps({**said, "detail": detail})
        phrase = {400: b"Bad Request", 431: b"Request Header Fields Too Large"}[known.status]
        head = b"HTTP/1.1 %d %s\r\ncontent-type: application/problem+json\r\n" % (known.status, phrase)
        closing = b"content-length: %d\r\nconnection: close\r\nx-content-type-options: nosniff\r\n\r\n" % len(body)
        self.transport.write(head + closing + body)
        self.transport.close()
