"""What intake is measured against: the least that any such webhook must do, behind the same uvicorn.

One Starlette route, no middleware. `/v1/events/NAME` reads the whole body, verifies the Standard Webhooks signature
over it with the very function the bot uses (one HMAC-SHA-256, its timestamp, a constant-time comparison), parses the
body with orjson and answers `{"status":"no_match"}`. Given a Redis URL it also runs one EVALSHA on the event loop
before it answers: a script that keeps the body under the event's id unless it is there already.
"""

import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from approvalbot.sources.proof import Proof, verify
from approvalbot.store.connection import connect_async
from bench.documents import KEY

ANSWER = b'{"status":"no_match"}'

_SCRIPT = "return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', 86400)"

Remember = Callable[[str, bytes], Awaitable[Any]]


def make_app(remember: Remember | None) -> Starlette:
    """The handler alone."""
    proof = Proof("standard_webhooks", (KEY,))

    async def post(http_request: Request) -> Response:
        body = await http_request.body()
        verify(proof, {name.lower(): value for name, value in http_request.headers.items()}, body, datetime.now(UTC))
        event = orjson.loads(body)
        if remember is not None:
            await remember(event["id"], body)
        return Response(ANSWER, media_type="application/json")

    async def alive(_http_request: Request) -> Response:
        return Response(b"{}")

    return Starlette(routes=[Route("/v1/events/{source}", post, methods=["POST"]), Route("/healthz", alive)])


def remembering(redis_url: str) -> Remember:
    """One EVALSHA per event, by the client the bot uses."""
    script = connect_async(redis_url).register_script(_SCRIPT)
    return lambda name, body: script(keys=[f"bare:{name}"], args=[body])


def main() -> None:
    """Serve as `approvalbot serve` does."""
    port, redis_url = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    app = make_app(remembering(redis_url) if redis_url else None)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
