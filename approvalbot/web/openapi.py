"""`GET /openapi.json`: what this API is, as OpenAPI 3.1, for whoever makes clients or tests from it.

Written by hand beside the routes, since what a route answers follows from more than its types. Three things hold it:
`tests/web/test_openapi.py` compares it with the routes and validates it, and schemathesis plays it against a bot.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from approvalbot import __version__
from approvalbot.web.operations import PATHS, PROBLEM
from approvalbot.web.schemas import SCHEMAS, Schema

SCHEMES: Mapping[str, Schema] = {
    "waiter": {
        "type": "http",
        "scheme": "bearer",
        "description": "The key of a source with `may_wait: true`; its token where its auth is `oidc`.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "Sources of the auth `bearer` and `oidc`."},
    "standardWebhooks": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "With `webhook-id` and `webhook-timestamp`, after the Standard Webhooks.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "x-hub-signature-256",
        "description": "Sources of the auth `github`; `hmac` and `header` name a header of their own.",
    },
    "certificate": {"type": "mutualTLS", "description": "Sources of the auth `mtls`, behind one of our proxies."},
}
"""How a caller proves itself; docs/policy-reference.md has what each source's `auth` wants."""


def document(url: str) -> dict[str, Any]:
    """The document. `url` is our own address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "approvalbot",
            "version": __version__,
            "summary": "Ask people before, or after, something happens.",
            "description": "docs/api.md describes every route and field. Fields are only ever added.",
        },
        "servers": [{"url": url}],
        "paths": PATHS,
        "components": {"schemas": SCHEMAS, "securitySchemes": SCHEMES, "responses": {"Problem": PROBLEM}},
    }


def openapi_door(url: str) -> Callable[[Request], Awaitable[Response]]:
    """What answers with the document, which is written once."""
    written = orjson.dumps(document(url))

    async def show(_request: Request) -> Response:
        headers = {"cache-control": "public, max-age=300"}
        return Response(written, 200, headers, media_type="application/json")

    return show
