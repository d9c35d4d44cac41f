"""Signing in and out: from Slack's sign-in page to a session, and to its end."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from approvalbot.dashboard.door import COOKIE, Door, Visit, cookie_of, drop_cookie, safe_path, set_cookie
from approvalbot.dashboard.oidc import Attempt, Issuer
from approvalbot.errors import ApprovalBotError, SignInRefused
from approvalbot.flow.members import full_member
from approvalbot.log import get_logger

log = get_logger("signin")

PENDING = "__Host-approvalbot-signin"
WITHIN_S = 600
"""Seconds between the start of a sign-in and its end."""

Note = Callable[[str, str], None]
"""Keeps in the trail that somebody signed in or out: what, and the Slack id."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The routes of signing in. `issuer` is None while no client is set up."""

    door: Door
    issuer: Issuer | None
    note: Note

    async def start(self, http_request: Request) -> Response:
        """`GET /signin`: a page with the one button; the sign-in begins when it is pressed."""
        where = safe_path(http_request.query_params.get("next", "/"))
        return self.door.render.page("signin.html", None, where=where, ready=self.issuer is not None)

    async def go(self, http_request: Request) -> Response:
        """`GET /signin/slack`: remember the attempt, and send the browser to Slack."""
        return await anyio.to_thread.run_sync(self._go, http_request, limiter=self.door.limiter)

    async def back(self, http_request: Request) -> Response:
        """`GET /signin/callback`: the browser is back with a code."""
        return await anyio.to_thread.run_sync(self._back, http_request, limiter=self.door.limiter)

    def out(self, visit: Visit) -> Response:
        """`POST /signout`: this session ends, or all of this person's."""
        if visit.form.get("everywhere"):
            self.door.sessions.end_all(visit.viewer.member.slack)
        self.door.sessions.end(visit.viewer.token)
        self.note("signed_out", visit.viewer.member.slack)
        response = RedirectResponse("/signin", 303)
        drop_cookie(response, COOKIE)
        return response

    def _go(self, http_request: Request) -> Response:
        try:
            issuer = self._ready()
            attempt, ours = Attempt.new(), secrets.token_urlsafe(24)
            where = safe_path(http_request.query_params.get("next", "/"))
            # Kept under the state, with a word that only this browser has: a state from elsewhere starts nothing here.
            kept = {"nonce": attempt.nonce, "verifier": attempt.verifier, "browser": ours, "next": where}
            self.door.sessions.keep("signin", attempt.state, kept, for_s=WITHIN_S)
            response = RedirectResponse(issuer.authorize_url(attempt), 303, {"cache-control": "no-store"})
        except ApprovalBotError as fault:
            return self.door.render.fault(fault, None)
        set_cookie(response, PENDING, ours, for_s=WITHIN_S)
        return response

    def _back(self, http_request: Request) -> Response:
        try:
            return self._signed_in(http_request)
        except ApprovalBotError as fault:
            log.warning("sign-in refused", code=fault.code, why=fault.text())
            response = self.door.render.fault(fault, None)
            drop_cookie(response, PENDING)
            return response

    def _signed_in(self, http_request: Request) -> Response:
        issuer, query = self._ready(), http_request.query_params
        state, ours = query.get("state", ""), cookie_of(http_request, PENDING)
        kept = self.door.sessions.take("signin", state) if state else None
        if kept is None or not ours or not secrets.compare_digest(str(kept["browser"]), ours):
            raise SignInRefused("This sign-in was not started here, or it is over.")
        if "error" in query:
            raise SignInRefused("Slack says: {error}.", error=query["error"][:100])
        attempt = Attempt(state, str(kept["nonce"]), str(kept["verifier"]))
        identity = issuer.identity(query.get("code", ""), attempt)
        full_member(self.door.journey.people, identity.user)
        # Whatever session the browser had is left behind: a token that somebody planted signs nobody in.
        self.door.sessions.end(cookie_of(http_request, COOKIE))
        token = self.door.sessions.begin(identity.user, {"csrf": secrets.token_urlsafe(24), "team": identity.team})
        self.note("signed_in", identity.user)
        log.info("signed in", user=identity.user)
        response = RedirectResponse(safe_path(str(kept["next"])), 303, {"cache-control": "no-store"})
        set_cookie(response, COOKIE, token)
        drop_cookie(response, PENDING)
        return response

    def _ready(self) -> Issuer:
        if self.issuer is None:
            raise SignInRefused(
                "Nobody can sign in here yet: SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are not set.",
                hint="docs/dashboard.md shows where Slack keeps them.",
            )
        return self.issuer
