"""The socket's door against a Slack that misbehaves: lines that break, lie, flood or lead elsewhere."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from redis import Redis
from slack_bolt import BoltRequest, BoltResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from approvalbot.slack.api import SlackApi
from approvalbot.slack.gate import MOST_BYTES, WAIT_FOR_THREAD_S
from approvalbot.slack.once import Once
from approvalbot.slack.socket import SOCKET_UP, SocketDoor
from approvalbot.store.guards import Guards
from tests.serving import serving

HELLO = {"type": "hello", "num_connections": 1}


def envelope(name: str, trigger: str, **payload: Any) -> dict[str, Any]:
    body = {"type": "block_actions", "trigger_id": trigger, "actions": [], **payload}
    return {"type": "interactive", "envelope_id": name, "payload": body, "accepts_response_payload": True}


class Slack:
    """Hands out addresses and holds the lines. `greeting` is what a new line hears first."""

    def __init__(self) -> None:
        self.greeting: list[Any] = [HELLO]
        self.address = ""
        self.opened = 0
        self.lines: list[WebSocket] = []
        self.heard: list[dict[str, Any]] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self.changed = threading.Condition()
        self.drops_after_greeting = False

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/apps.connections.open", self.open, methods=["POST"]),
                WebSocketRoute("/line", self.line),
            ]
        )

    async def open(self, request: Request) -> Response:
        self.opened += 1
        return JSONResponse({"ok": True, "url": self.address or f"ws://{request.headers['host']}/line"})

    async def line(self, websocket: WebSocket) -> None:
        await websocket.accept()
        self.loop = asyncio.get_running_loop()
        for one in self.greeting:
            await websocket.send_text(one if isinstance(one, str) else orjson.dumps(one).decode())
        if self.drops_after_greeting:
            await websocket.close()
            return
        with self.changed:
            self.lines.append(websocket)
            self.changed.notify_all()
        try:
            while True:
                said = orjson.loads(await websocket.receive_text())
                with self.changed:
                    self.heard.append(said)
                    self.changed.notify_all()
        except WebSocketDisconnect:
            pass

    def say(self, message: Any, line: int = -1) -> None:
        text = message if isinstance(message, str) else orjson.dumps(message).decode()
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self.lines[line].send_text(text), self.loop).result(5)

    def until(self, holds: Callable[[], bool], within_s: float = 8) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, within_s)


class Bolt:
    """Stands where Bolt does. `holds` keeps its threads busy until it is set."""

    def __init__(self) -> None:
        self.seen: list[BoltRequest] = []
        self.holds = threading.Event()
        self.holds.set()
        self.answer = BoltResponse(status=200, body="")

    def dispatch(self, request: BoltRequest) -> BoltResponse:
        self.seen.append(request)
        self.holds.wait(10)
        return self.answer


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
def bolt() -> Bolt:
    return Bolt()


@pytest.fixture
def door(redis: Redis, slack: Slack, bolt: Bolt) -> Iterator[SocketDoor]:
    with serving(slack.app()) as url:
        api = SlackApi("xapp-1", f"{url}/api/")
        door = SocketDoor(api, Once(bolt.dispatch, Guards(redis)), Guards(redis), threads=2, local=True)
        yield door
        bolt.holds.set()
        if door._keeper.is_alive():
            door.stop()


def wait_until(holds: Callable[[], bool], within_s: float = 8) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until
        threading.Event().wait(0.01)


def test_an_envelope_is_answered_once_however_often_it_comes(door: SocketDoor, slack: Slack, bolt: Bolt) -> None:
    bolt.answer = BoltResponse(
        status=200, body='{"response_action":"clear"}', headers={"content-type": ["application/json"]}
    )
    door.start()
    slack.until(lambda: len(slack.lines) == 1)

    for name in ("one", "two", "one"):
        slack.say(envelope(name, "trigger-1"))
        slack.until(lambda: any(said["envelope_id"] == name for said in slack.heard))  # noqa: B023 - asked at once
    slack.until(lambda: len(slack.heard) == 3)

    assert len(bolt.seen) == 1
    assert [said["payload"] for said in slack.heard] == [{"response_action": "clear"}] * 3


def test_a_press_that_came_over_http_does_not_count_again_over_the_socket(
    door: SocketDoor, slack: Slack, bolt: Bolt, redis: Redis
) -> None:
    payload = envelope("one", "trigger-1")["payload"]
    form = "payload=" + orjson.dumps(payload).decode()
    headers: dict[str, Any] = {"content-type": "application/x-www-form-urlencoded"}
    Once(bolt.dispatch, Guards(redis)).run(BoltRequest(body=form, headers=headers), "v0=signature")
    door.start()
    slack.until(lambda: len(slack.lines) == 1)

    slack.say(envelope("one", "trigger-1"))
    slack.until(lambda: len(slack.heard) == 1)

    assert len(bolt.seen) == 1


@pytest.mark.parametrize(
    "junk",
    [
        "{",
        "null",
        "[" * 2000,
        {"type": "interactive"},
        {"type": "interactive", "envelope_id": 7, "payload": {}},
        {"type": "interactive", "envelope_id": "x", "payload": []},
        {"type": "something_new", "envelope_id": "x", "payload": {}},
        {"type": "events_api", "envelope_id": "x", "payload": {"event": None, "type": []}},
    ],
)
def test_junk_on_the_line_breaks_nothing(door: SocketDoor, slack: Slack, junk: Any) -> None:
    door.start()
    slack.until(lambda: len(slack.lines) == 1)

    slack.say(junk)
    slack.say(envelope("good", "trigger-1"))

    slack.until(lambda: any(said["envelope_id"] == "good" for said in slack.heard))
    assert slack.opened == 1


def test_a_message_beyond_the_bound_ends_the_line_and_the_next_one_works(
    door: SocketDoor, slack: Slack, bolt: Bolt
) -> None:
    door.start()
    slack.until(lambda: len(slack.lines) == 1)

    slack.say(envelope("huge", "trigger-1", filler="x" * MOST_BYTES))
    slack.until(lambda: len(slack.lines) == 2)
    slack.say(envelope("good", "trigger-2"))
    slack.until(lambda: any(said["envelope_id"] == "good" for said in slack.heard))

    assert [one.body["trigger_id"] for one in bolt.seen] == ["trigger-2"]


def test_a_moved_line_is_read_until_the_next_one_is_open(door: SocketDoor, slack: Slack, bolt: Bolt) -> None:
    bolt.holds.clear()
    door.start()
    slack.until(lambda: len(slack.lines) == 1)
    slack.say(envelope("before", "trigger-1"))
    wait_until(lambda: len(bolt.seen) == 1)

    slack.say({"type": "disconnect", "reason": "warning"})
    slack.until(lambda: len(slack.lines) == 2)
    bolt.holds.set()

    slack.until(lambda: [said["envelope_id"] for said in slack.heard] == ["before"])
    assert door.is_up()


def test_an_envelope_that_waited_too_long_for_a_thread_stays_unanswered(
    door: SocketDoor, slack: Slack, bolt: Bolt
) -> None:
    bolt.holds.clear()
    door.start()
    slack.until(lambda: len(slack.lines) == 1)
    for name in ("one", "two", "late"):
        slack.say(envelope(name, f"trigger-{name}"))
    wait_until(lambda: len(bolt.seen) == 2)
    came = time.monotonic()
    # The third may have come a moment after the second was seen.
    wait_until(lambda: time.monotonic() - came > WAIT_FOR_THREAD_S + 1)
    bolt.holds.set()
    slack.say(envelope("after", "trigger-after"))

    slack.until(lambda: any(said["envelope_id"] == "after" for said in slack.heard))
    assert {said["envelope_id"] for said in slack.heard} == {"one", "two", "after"}


def test_a_line_that_is_switched_off_is_not_hammered(door: SocketDoor, slack: Slack) -> None:
    slack.greeting = [{"type": "disconnect", "reason": "link_disabled"}]
    slack.drops_after_greeting = True
    door.start()

    wait_until(lambda: slack.opened >= 2)
    threading.Event().wait(1.0)

    assert slack.opened <= 3
    assert not door.is_up()


@pytest.mark.parametrize("address", ["ws://example.com/line", "http://127.0.0.1/line", "", "wss://"])
def test_an_address_without_tls_is_not_called(door: SocketDoor, slack: Slack, address: str) -> None:
    slack.address = address or "none"
    door.start()

    wait_until(lambda: slack.opened >= 1)
    threading.Event().wait(0.1)

    assert not slack.lines
    assert not door.is_up()


def test_a_line_that_is_up_is_noted_for_the_doctor(door: SocketDoor, slack: Slack, redis: Redis) -> None:
    assert Guards(redis).recall(SOCKET_UP, "up") is None
    door.start()

    wait_until(lambda: Guards(redis).recall(SOCKET_UP, "up") is not None)

    door.stop()
    assert not door.is_up()


def test_two_processes_hold_a_line_each_and_one_envelope_counts_once(
    door: SocketDoor, slack: Slack, bolt: Bolt, redis: Redis
) -> None:
    other = SocketDoor(door._api, Once(bolt.dispatch, Guards(redis)), Guards(redis), threads=2, local=True)
    door.start()
    other.start()
    try:
        slack.until(lambda: len(slack.lines) == 2)

        slack.say(envelope("one", "trigger-1"), line=0)
        slack.say(envelope("one", "trigger-1"), line=1)
        slack.until(lambda: len(slack.heard) == 2)

        assert len(bolt.seen) == 1
    finally:
        other.stop()
