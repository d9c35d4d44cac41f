"""Socket Mode: the same deliveries as envelopes over the bot's WebSockets, acknowledged one by one."""

import asyncio
import secrets
import uuid
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from approvalbot.workspace.deliveries.link import Delivery, Reply
from approvalbot.workspace.errors import Json
from approvalbot.workspace.state.clock import Clock
from approvalbot.workspace.state.hub import Hub

TICKET_LIFE_S = 30.0
MOST_CONNECTIONS = 10
"""slackapi/node-slack-sdk issue 1654: about ten connections for an app."""


COMES_BACK_WITHIN_S = 10.0
"""Slack warns about ten seconds before it moves a connection."""


class Sockets:
    """The bot's connections, and the deliveries that wait for their acknowledgement. It is a `BotLink`."""

    def __init__(self, clock: Clock, hub: Hub, app_id: str, *, is_enabled: bool) -> None:
        self._clock = clock
        self._hub = hub
        self._app_id = app_id
        self._is_enabled = is_enabled
        self._tickets: dict[str, float] = {}
        self._open: list[WebSocket] = []
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._turn = 0
        self._came = asyncio.Event()
        self._ended: dict[WebSocket, asyncio.Event] = {}

    @property
    def connections(self) -> int:
        """How many there are now."""
        return len(self._open)

    def make_ticket(self) -> str:
        """The right to one connection."""
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = self._clock.now_s()
        return ticket

    async def serve(self, websocket: WebSocket) -> None:
        """`/socket?ticket=…`: hold one connection until it ends."""
        made_at_s = self._tickets.pop(websocket.query_params.get("ticket", ""), None)
        if made_at_s is None or self._clock.now_s() - made_at_s > TICKET_LIFE_S:
            await websocket.close(1008)
            return
        await websocket.accept()
        if refusal := self._refusal():
            await websocket.send_text(_text(_goodbye(refusal)))
            await websocket.close()
            return
        self._open.append(websocket)
        self._ended[websocket] = asyncio.Event()
        self._came.set()
        self._hub.tell("app")
        try:
            await websocket.send_text(_text(self._hello()))
            while True:
                self._acknowledged(await websocket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            if websocket in self._open:
                self._open.remove(websocket)
            self._ended.pop(websocket).set()
            self._hub.tell("app")

    def _refusal(self) -> str:
        if not self._is_enabled:
            return "link_disabled"
        return "too_many_websockets" if self.connections >= MOST_CONNECTIONS else ""

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.connections,
            "debug_info": {"host": "local", "approximate_connection_time": 3600},
            "connection_info": {"app_id": self._app_id},
        }

    def _acknowledged(self, text: str) -> None:
        try:
            answer: Any = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        waiting = self._waiting.get(str(answer.get("envelope_id"))) if isinstance(answer, dict) else None
        if waiting is not None and not waiting.done():
            payload = answer.get("payload")
            waiting.set_result(b"" if payload in (None, {}, "") else orjson.dumps(payload))

    async def send(self, delivery: Delivery, *, at_s: float, within_s: float) -> Reply:  # noqa: ARG002 - nothing is signed
        """Send one envelope over the next connection in turn, and wait for its acknowledgement."""
        key = str(uuid.uuid4())
        envelope: Json = {
            "envelope_id": key,
            "type": delivery.kind,
            "accepts_response_payload": delivery.kind != "events_api",
            "payload": delivery.payload,
        }
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": delivery.attempt, "retry_reason": delivery.reason}
        sent = orjson.dumps(envelope)
        if not self._open:
            return Reply("connection_failed", sent_body=sent)
        self._turn += 1
        websocket = self._open[self._turn % len(self._open)]
        waiting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[key] = waiting
        try:
            async with asyncio.timeout(within_s):
                await websocket.send_text(sent.decode())
                body = await waiting
        except TimeoutError:
            return Reply("http_timeout", sent_body=sent)
        except (WebSocketDisconnect, RuntimeError):
            return Reply("connection_failed", sent_body=sent)
        finally:
            del self._waiting[key]
        return Reply("", 200, body, sent_body=sent)

    async def break_off(self) -> None:
        """Close every connection without the word of warning that Slack gives."""
        for websocket in list(self._open):
            self._open.remove(websocket)
            await websocket.close(1011)

    async def refresh(self) -> None:
        """Warn every connection and wait for the next one, as Slack does about once an hour.

        A client that comes back closes its old connection itself; one that does not loses it.
        """
        old, self._open = self._open, []
        ended = [self._ended[websocket] for websocket in old]
        self._came.clear()
        for websocket in old:
            await websocket.send_text(_text(_goodbye("warning")))
        try:
            async with asyncio.timeout(COMES_BACK_WITHIN_S):
                await self._came.wait()
                for one in ended:
                    await one.wait()
        except TimeoutError:
            self._open = old
            await self.close()

    async def close(self) -> None:
        """Say goodbye as Slack does when it restarts."""
        for websocket in list(self._open):
            self._open.remove(websocket)
            await websocket.send_text(_text(_goodbye("refresh_requested")))
            await websocket.close()


def _goodbye(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}}


def _text(message: Json) -> str:
    return orjson.dumps(message).decode()
