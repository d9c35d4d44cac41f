"""The dashboard's door: every page is for somebody who is signed in, and every form comes from a page of ours.

No GET changes anything. A POST needs the session's cookie, the session's own word in the form, and our own address as
its origin: three things that no other site has together.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from approvalbot.dashboard.recognising import Recognition
from approvalbot.dashboard.render import Render
from approvalbot.dashboard.viewer import Role, Viewer, roles_of
from approvalbot.errors import ApprovalBotError, BadInput, MoveRefused, NotAllowed
from approvalbot.flow.members import person_of
from approvalbot.flow.ports import Journey
from approvalbot.store.sessions import ABSOLUTE_S, Sessions
from approvalbot.web.bodies import read_body
from approvalbot.web.problems import problem_of

COOKIE = "__Host-approvalbot"
"""The prefix makes browsers hold it to this host, this path and TLS (RFC 6265bis section 4.1.3.2)."""

MOST_FORM = 256 * 1024
"""Bytes of a form: one holds an event, whose quotes and braces take three bytes each on the way."""
MOST_FIELDS = 200

Handler = Callable[["Visit"], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Visit:
    """One call of one person. `form` is empty for a GET."""

    viewer: Viewer
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    where: str = "/"


@dataclass(frozen=True, slots=True)
class Door:
    """What every page goes through. `url` is our own address, `admins` those whom the settings name."""

    journey: Journey
    sessions: Sessions
    render: Render
    url: str
    admins: frozenset[str]
    limiter: anyio.CapacityLimiter
    recognition: Recognition

    def page(self, handler: Handler, role: Role | None = None) -> Endpoint:
        """A handler as an endpoint, for whoever has the role. It runs in a thread; whoever is not signed in is sent to
        sign in first.
        """

        async def endpoint(http_request: Request) -> Response:
            if elsewhere := self._own_address(http_request):
                return RedirectResponse(elsewhere, 307)
            body = b"" if http_request.method in {"GET", "HEAD"} else await self._body(http_request)
            return await anyio.to_thread.run_sync(self._answer, handler, role, http_request, body, limiter=self.limiter)

        return endpoint

    def _own_address(self, http_request: Request) -> str | None:
        """Where a reader of the demo meant to go: its cookies and passkeys belong to one name of this machine.

        Elsewhere a proxy may have rewritten the name, and sending people on would send them in a circle.
        """
        own = urlsplit(self.url).netloc
        if not self.render.local or http_request.method != "GET" or http_request.headers.get("host") == own:
            return None
        query = f"?{http_request.url.query}" if http_request.url.query else ""
        return f"{self.url}{http_request.url.path}{query}"

    def viewer(self, http_request: Request) -> Viewer | None:
        """Who is signed in; None when nobody is, or not any more."""
        token = cookie_of(http_request, COOKIE)
        held = self.sessions.find(token)
        if held is None:
            return None
        try:
            member, confirmed = self.recognition.member(str(held["owner"]))
        except MoveRefused as fault:
            if fault.code != "membership_unknown":
                # Deactivated, or a guest by now: their other sessions end with this one.
                self.sessions.end_all(str(held["owner"]))
                return None
            raise
        identities = self.journey.policies().identities
        person = person_of(member, identities)
        roles = roles_of(member, person, identities, self.admins)
        confirmed_at = float(held.get("confirmed_at", 0.0))
        return Viewer(member, person, roles, str(held["csrf"]), token, confirmed_at, unconfirmed=not confirmed)

    def _answer(self, handler: Handler, role: Role | None, http_request: Request, body: bytes) -> Response:
        viewer: Viewer | None = None
        try:
            viewer = self.viewer(http_request)
            if viewer is None:
                return self._to_sign_in(http_request)
            posted = http_request.method == "POST"
            if role is not None:
                viewer.must_be(role, confirmed=posted)
            form = self._form(http_request, body, viewer) if posted else {}
            return handler(
                Visit(
                    viewer,
                    http_request.path_params,
                    http_request.query_params,
                    form,
                    http_request.headers,
                    http_request.url.path,
                )
            )
        except ApprovalBotError as fault:
            if "application/json" in http_request.headers.get("accept", ""):
                return problem_of(fault)
            return self.render.fault(fault, viewer)

    def _to_sign_in(self, http_request: Request) -> Response:
        where = http_request.url.path
        if http_request.url.query:
            where += f"?{http_request.url.query}"
        back = where if http_request.method in {"GET", "HEAD"} else "/"
        return RedirectResponse(f"/signin?next={quote(back, safe='')}", 303, {"cache-control": "no-store"})

    async def _body(self, http_request: Request) -> bytes:
        return await read_body(http_request, MOST_FORM)

    def _form(self, http_request: Request, body: bytes, viewer: Viewer) -> dict[str, str]:
        """The fields of a form of ours.

        Raises:
            NotAllowed: `form_refused`, it comes from elsewhere or from another session.
        """
        self.check_origin(http_request)
        form = read_form(http_request.headers.get("content-type", ""), body)
        if not hmac.compare_digest(form.pop("csrf", "").encode(), viewer.csrf.encode()):
            hint = "Open the page again and send the form once more."
            raise NotAllowed("form_refused", "The form is from another session. Nothing was done.", hint=hint)
        return form

    def check_origin(self, http_request: Request) -> None:
        """Do nothing for a call that a page of ours made.

        Raises:
            NotAllowed: `form_refused`.
        """
        origins = http_request.headers.getlist("origin")
        sites = http_request.headers.getlist("sec-fetch-site")
        if origins != [self.url] or any(site not in {"same-origin", "none"} for site in sites):
            hint = f"Open the dashboard at {self.url}."
            raise NotAllowed("form_refused", "The form is from another page. Nothing was done.", hint=hint)


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """The fields of a urlencoded form; of several under one name the last counts.

    Raises:
        BadInput: another content type, no UTF-8, or far too many fields.
    """
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise BadInput("unsupported_media_type", "A form is application/x-www-form-urlencoded.")
    try:
        text = body.decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"))
    except ValueError as fault:
        raise BadInput("body_invalid", "The form cannot be read.") from fault


def cookie_of(http_request: Request, name: str) -> str:
    """The value of a cookie, or nothing. Of two with one name neither is believed."""
    found: list[str] = []
    for line in http_request.headers.getlist("cookie"):
        for part in line.split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                found.append(value)
    return found[0] if len(found) == 1 else ""


def set_cookie(response: Response, name: str, value: str, *, for_s: int = ABSOLUTE_S) -> None:
    """Give the browser a cookie that only this host, over TLS, and no script gets."""
    response.set_cookie(name, value, max_age=for_s, path="/", secure=True, httponly=True, samesite="lax")


def drop_cookie(response: Response, name: str) -> None:
    """Take it back."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


def safe_path(text: str) -> str:
    """A path on this host to go on to; `/` for anything else, so that no link of ours leads elsewhere."""
    parts = urlsplit(text)
    plain = text.isascii() and text.isprintable() and "\\" not in text
    good = plain and text.startswith("/") and not text.startswith("//") and not parts.scheme and not parts.netloc
    return text if good else "/"
