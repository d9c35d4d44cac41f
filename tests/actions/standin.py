"""A stand-in for a vendor's HTTP API: strict about what it is sent, and it answers what a test tells it to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from approvalbot.actions.calling import Network
from approvalbot.actions.order import Order, Provider

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
NETWORK = Network(allow_local=True, total_s=5)


@dataclass(frozen=True)
class Got:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Say:
    """One answer."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class StandIn:
    """Where to call, and what came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.got: list[Got] = []

    @property
    def calls(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.got]


@contextmanager
def standing_in(answer: Callable[[Got], Say]) -> Iterator[StandIn]:
    """Serve on loopback and answer by `answer`."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            got = Got(self.command, self.path, headers, body)
            held.got.append(got)
            say = answer(got)
            sent = (
                say.body if isinstance(say.body, bytes) else b"" if say.body is None else json.dumps(say.body).encode()
            )
            self.send_response(say.status)
            for name, value in {"content-type": "application/json", **say.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _any  # noqa: N815 - the names of http.server

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held = StandIn(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def order(parameters: dict[str, Any], **changes: Any) -> Order:
    """An order as the journey writes it, denied at noon about what happened five minutes before."""
    written = {
        "parameters": parameters,
        "facts": {},
        "approved": False,
        "happened_at": "2026-03-03T11:55:00.000Z",
        "decided_at": "2026-03-03T12:00:00.000Z",
        "credit": "",
        **changes,
    }
    return Order.of(written, "7K3FABCDEFGHJKMNPQRS:2:3", NOW)


def provider(kind: str, url: str, name: str = "", **settings: Any) -> Provider:
    """A provider whose secrets stand in its settings."""
    return Provider(name or kind, kind, url, settings, lambda key: str(settings[key]))
