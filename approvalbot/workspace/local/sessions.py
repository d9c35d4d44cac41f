"""Who sits in front of the page: one person for each session, and the session is a cookie.

A session never changes its person. Switching makes a new session, so an old tab cannot press as somebody else: what
the page sends names the person it shows, and a difference to the cookie is refused.
"""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.deliveries.acting import acting_person
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.state.cast import Person
from approvalbot.workspace.workspace import Workspace

Wanted = TypeVar("Wanted", bound=BaseModel)

ACTING_AS = "x-acting-as"
"""The header in which the page says whom it shows."""


class Sessions:
    """The open sessions: cookie value to person. They end with the process."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}

    def open(self, user: str) -> str:
        """A new session; gives its cookie value."""
        key = secrets.token_urlsafe(24)
        self._held[key] = user
        return key

    def user(self, key: str | None) -> str | None:
        """Whose session it is."""
        return self._held.get(key) if key else None

    def close(self, key: str | None) -> None:
        """End a session; it need not exist."""
        if key:
            self._held.pop(key, None)


def cookie_name(workspace: Workspace) -> str:
    """Cookies do not know ports, so the name does: two workspaces on one machine keep their sessions apart."""
    return f"workspace_session_{workspace.config.port}"


def place_of_request(request: Request) -> Workspace:
    """The workspace a request came to."""
    workspace: Workspace = request.app.state.workspace
    return workspace


def viewer(request: Request) -> Person:
    """The person of the request's session, deactivated or not: they may still look.

    Raises:
        Unable: there is no session, or the page shows somebody else than the cookie says.
    """
    workspace = place_of_request(request)
    user = request.app.state.sessions.user(request.cookies.get(cookie_name(workspace)))
    if user is None:
        raise Unable("nobody is signed in here; POST /local/session first", status=401)
    shown = request.headers.get(ACTING_AS)
    person = workspace.directory.people[user]
    if shown is not None and shown != user:
        raise Unable(f"this browser is now signed in as {person.real_name}; reload this tab to go on", status=409)
    return person


def actor(request: Request) -> Person:
    """The person of the request's session, as long as they may act.

    Raises:
        Unable: as `viewer`, or their account is deactivated.
    """
    return acting_person(place_of_request(request), viewer(request).id)


async def body_of(request: Request) -> Json:
    """The JSON object of a request; an empty body is an empty object.

    Raises:
        Unable: it is no JSON object, or does not say that it is JSON.
    """
    body = await request.body()
    if not body:
        return {}
    # A form of a foreign page can post anything but this type without asking the browser first.
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Unable("send JSON with Content-Type: application/json", status=415)
    try:
        value: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unable("the body is not valid JSON", status=400) from None
    if not isinstance(value, dict):
        raise Unable("the body must be a JSON object", status=400)
    return value


def needed(body: Json, name: str) -> str:
    """A text of the body that must be there.

    Raises:
        Unable: it is not.
    """
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Unable(f"{name!r} is needed, as a text", status=400)
    return value


def wanted(model: type[Wanted], body: Json) -> Wanted:
    """A body as a model.

    Raises:
        Unable: it is not one; the sentence names the first field that is wrong.
    """
    try:
        return model.model_validate(body)
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Unable(f"{place}: {first['msg']}", status=400) from None


def as_json(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(value), status, media_type="application/json")


Endpoint = Callable[[Request], Awaitable[Response]]


def spoken(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose `Unable` becomes `{"error": sentence}` with its status."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Unable as unable:
            return as_json({"error": unable.sentence, **unable.fields}, unable.status)

    return answer
