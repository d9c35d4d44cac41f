"""The ASGI app: every door of the house, and what each answer carries."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from approvalbot.errors import ApprovalBotError
from approvalbot.web.handshakes import Handshakes
from approvalbot.web.heads import GoodHeads
from approvalbot.web.health import Health
from approvalbot.web.intake import Intake
from approvalbot.web.problems import on_anything, on_fault, on_http
from approvalbot.web.requests import RequestRoutes

Endpoint = Callable[[Request], Awaitable[Response]]

_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]


class SafeHeaders:
    """Every answer carries the headers that keep a browser from making anything of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in _HEADERS if one[0] not in present)]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def make_server(
    *,
    intake: Intake,
    handshakes: Handshakes,
    requests: RequestRoutes,
    health: Health,
    slack: Endpoint | None,
    openapi: Endpoint,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]],
    more: Sequence[BaseRoute] = (),
) -> Starlette:
    """The app with all routes. `slack` is the gate in front of Bolt; without one Slack is not reached over HTTP."""
    routes = [
        Route("/v1/events/{source}", intake.post, methods=["POST"]),
        Route("/v1/events/{source}", handshakes.challenge, methods=["GET"]),
        Route("/v1/events/{source}", handshakes.consent, methods=["OPTIONS"]),
        Route("/v1/requests", requests.listed, methods=["GET"]),
        Route("/v1/requests/{id}", requests.get, methods=["GET"]),
        Route("/v1/requests/{id}/events", requests.events, methods=["GET"]),
        Route("/v1/requests/{id}/consume", requests.consume, methods=["POST"]),
        *([Route("/slack/events", slack, methods=["POST"])] if slack is not None else []),
        Route("/healthz", health.alive, methods=["GET"]),
        Route("/readyz", health.ready, methods=["GET"]),
        Route("/metrics", health.metrics, methods=["GET"]),
        Route("/.well-known/jwks.json", requests.keys, methods=["GET"]),
        Route("/openapi.json", openapi, methods=["GET"]),
        *more,
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(SafeHeaders), Middleware(GoodHeads)],
        exception_handlers={ApprovalBotError: on_fault, HTTPException: on_http, Exception: on_anything},
        lifespan=lifespan,
    )
