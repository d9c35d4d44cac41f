"""The line to the bot: one delivery goes out, one reply comes back, whatever happens on the way.

`HttpLink` posts signed requests to the bot's address. `socket.SocketLink` does the same through the bot's WebSockets.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import urlencode

import httpx
import orjson

from approvalbot.workspace.deliveries.sign import signature_headers
from approvalbot.workspace.errors import Json
from approvalbot.workspace.loopback import plain_http

FORM = "application/x-www-form-urlencoded"
USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"

Kind = Literal["interactive", "slash_commands", "events_api"]
Failure = Literal["", "http_timeout", "http_error", "connection_failed"]
"""Empty when the bot took it. The words are Slack's `x-slack-retry-reason`."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to tell the bot. `what` names it for people; `attempt` counts from 0, `reason` why it is repeated."""

    kind: Kind
    what: str
    payload: Json
    attempt: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """How a delivery ended. `sent_body` and `sent_headers` are what went out, for the inspector and for replays."""

    failure: Failure
    status: int | None = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    sent_body: bytes = b""
    sent_headers: dict[str, str] = field(default_factory=dict)

    def json(self) -> Json | None:
        """The body as a JSON object; None when it is empty or something else."""
        try:
            value = orjson.loads(self.body) if self.body.strip() else None
        except orjson.JSONDecodeError:
            return None
        return value if isinstance(value, dict) else None


class BotLink(Protocol):
    """A way to reach the bot."""

    async def send(self, delivery: Delivery, *, at_s: float, within_s: float) -> Reply:
        """Deliver, and wait for the reply at most `within_s`. Never raises for what the bot does."""

    async def break_off(self) -> None:
        """Lose the connection at once, as a network would; the bot has to come back by itself."""

    async def refresh(self) -> None:
        """Lose the connection as Slack moves one: with a word of warning first."""

    async def close(self) -> None:
        """Let go of the connections."""


class HttpLink:
    """Deliveries as signed HTTP requests."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self._secret = secret
        self._http = httpx.AsyncClient(**plain_http())

    async def send(self, delivery: Delivery, *, at_s: float, within_s: float) -> Reply:
        """Sign and post one delivery."""
        content_type, body = encoded(delivery)
        headers = {"Content-Type": content_type, "User-Agent": USER_AGENT, "Accept": "application/json,*/*"}
        if delivery.attempt:
            headers |= {"X-Slack-Retry-Num": str(delivery.attempt), "X-Slack-Retry-Reason": delivery.reason}
        return await self.post(body, headers | signature_headers(self._secret, body, at_s), within_s=within_s)

    async def post(self, body: bytes, headers: dict[str, str], *, within_s: float) -> Reply:
        """Post bytes as they stand, which a replay does with an old signature."""
        try:
            async with asyncio.timeout(within_s):
                response = await self._http.post(self.url, content=body, headers=headers, timeout=within_s)
        except (TimeoutError, httpx.TimeoutException):
            return Reply("http_timeout", sent_body=body, sent_headers=headers)
        except httpx.HTTPError:
            return Reply("connection_failed", sent_body=body, sent_headers=headers)
        return Reply(
            "" if response.is_success else "http_error",
            response.status_code,
            response.content,
            response.headers,
            sent_body=body,
            sent_headers=headers,
        )

    async def break_off(self) -> None:
        """Nothing to lose: each delivery is a request of its own."""

    async def refresh(self) -> None:
        """Nothing to move either."""

    async def close(self) -> None:
        """Close the kept-alive connections."""
        await self._http.aclose()


def encoded(delivery: Delivery) -> tuple[str, bytes]:
    """The Content-Type and body with which Slack posts a delivery."""
    if delivery.kind == "events_api":
        return "application/json", orjson.dumps(delivery.payload)
    if delivery.kind == "slash_commands":
        return FORM, urlencode(delivery.payload).encode()
    return FORM, urlencode({"payload": orjson.dumps(delivery.payload).decode()}).encode()
