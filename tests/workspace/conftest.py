"""A running workspace, and a bot on the other side of the wire that does what a test tells it to."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
import uvicorn
from playwright.sync_api import BrowserContext, Page
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from approvalbot.workspace.config import RateLimits, WorkspaceConfig
from approvalbot.workspace.hands import Hands
from approvalbot.workspace.serving import Running, running_workspace
from tests.workspace.pages import open_page

SECRET = "local-test-secret"
TOKEN = "xoxb-local-test"


@dataclass
class Got:
    """One delivery as the bot received it."""

    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        """The interaction, the event or the command's fields."""
        if self.headers["content-type"].startswith("application/json"):
            return dict(orjson.loads(self.body))
        fields = dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        return dict(orjson.loads(fields["payload"])) if "payload" in fields else dict(fields)

    @property
    def kind(self) -> str:
        """The interaction's type, the event's type, or the command."""
        payload = self.payload
        return str(payload.get("command") or payload.get("event", {}).get("type") or payload.get("type"))


@dataclass
class Bot:
    """A bot that remembers what it got and answers what the test wants."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got], Response] = lambda _got: Response()
    arrived: threading.Condition = field(default_factory=threading.Condition)

    async def take(self, request: Request) -> Response:
        """Receive one delivery; the answer is computed in this loop, so it must not block on the workspace."""
        received = Got(dict(request.headers), await request.body())
        with self.arrived:
            self.got.append(received)
            self.arrived.notify_all()
        return self.answer(received)

    def wait_for(self, kind: str, count: int = 1, timeout_s: float = 5) -> list[Got]:
        """The first `count` deliveries of a kind, as soon as they are here."""
        with self.arrived:
            there = self.arrived.wait_for(lambda: len(self.of_kind(kind)) >= count, timeout_s)
        assert there, f"got {[one.kind for one in self.got]}, waited for {count} of {kind}"
        return self.of_kind(kind)

    def of_kind(self, kind: str) -> list[Got]:
        """The deliveries of a kind so far."""
        return [one for one in self.got if one.kind == kind]

    def genuine(self, received: Got) -> bool:
        """Whether slack_sdk accepts the signature of a delivery."""
        return SignatureVerifier(SECRET).is_valid_request(received.body, received.headers)


def serve_in_thread(app: Starlette) -> Iterator[str]:
    """Serve an ASGI app on a free port of this machine; yields its origin."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.005)
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture(scope="session")
def shared_bot() -> Iterator[Bot]:
    """One bot process for the whole session; `bot` cleans it for each test."""
    bot = Bot()
    for origin in serve_in_thread(Starlette(routes=[Route("/slack/events", bot.take, methods=["POST"])])):
        bot.url = f"{origin}/slack/events"
        yield bot


@pytest.fixture
def bot(shared_bot: Bot) -> Bot:
    """A bot that answers 200 with an empty body to everything until told otherwise."""
    shared_bot.got.clear()
    shared_bot.answer = lambda _got: Response()
    return shared_bot


def make_config(bot_url: str = "http://127.0.0.1:9/slack/events", **changes: Any) -> WorkspaceConfig:
    """A configuration for tests: any port, no rate limits, no greeting."""
    base: dict[str, Any] = {
        "port": 0,
        "bot_url": bot_url,
        "bot_token": TOKEN,
        "signing_secret": SECRET,
        "verify_bot_at_start": False,
        "rate_limits": RateLimits(enforced=False),
    }
    return WorkspaceConfig.model_validate(base | changes)


@pytest.fixture(scope="session")
def shared_workspace(shared_bot: Bot) -> Iterator[Running]:
    """One workspace for the whole session; `workspace` resets it for each test."""
    with running_workspace(make_config(shared_bot.url)) as running:
        yield running


@pytest.fixture
def workspace(shared_workspace: Running, bot: Bot) -> Running:
    """A workspace as at its first start, joined to `bot`."""
    with shared_workspace.hands("U0CAT") as cat:
        cat.reset()
    return shared_workspace


@pytest.fixture
def client(workspace: Running) -> WebClient:
    """The real slack_sdk client, pointed at the workspace."""
    return WebClient(TOKEN, base_url=workspace.api_url, retry_handlers=[])


@pytest.fixture
def ann(workspace: Running) -> Iterator[Hands]:
    """Ann's session."""
    with workspace.hands("U0ANN") as hands:
        yield hands


@pytest.fixture
def eve(workspace: Running) -> Iterator[Hands]:
    """Eve's session."""
    with workspace.hands("U0EVE") as hands:
        yield hands


def says(value: dict[str, Any]) -> Callable[[Got], Response]:
    """An answer of the bot: the same JSON to everything."""
    return lambda _got: JSONResponse(value)


def button(action_id: str = "go", text: str = "Go", **more: Any) -> dict[str, Any]:
    """A button."""
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": text}, **more}


def actions(*elements: dict[str, Any], block_id: str = "row") -> dict[str, Any]:
    """An actions block."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A modal with a submit button."""
    return {
        "type": "modal",
        "callback_id": "form",
        "title": {"type": "plain_text", "text": "Form"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": list(blocks),
        **more,
    }


def text_input(block_id: str = "note", action_id: str = "text", **more: Any) -> dict[str, Any]:
    """An input block with a text input."""
    element = {"type": "plain_text_input", "action_id": action_id, **more.pop("element", {})}
    label = {"type": "plain_text", "text": "Note"}
    return {"type": "input", "block_id": block_id, "label": label, "element": element, **more}


@pytest.fixture
def page(context: BrowserContext, workspace: Running) -> Page:
    """Ann in #general."""
    return open_page(context, workspace)
