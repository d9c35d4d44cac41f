"""The dashboard's routes, put together."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from approvalbot.dashboard.catalogue import Catalogue
from approvalbot.dashboard.door import Door
from approvalbot.dashboard.grants import GrantPages
from approvalbot.dashboard.inbox import Inbox
from approvalbot.dashboard.live import Live
from approvalbot.dashboard.passkeys import PasskeyPages
from approvalbot.dashboard.reading import ReadingPages
from approvalbot.dashboard.render import HERE
from approvalbot.dashboard.requests import RequestPages
from approvalbot.dashboard.signin import SignIn
from approvalbot.errors import NotFound

STATIC = {
    "base.css": "text/css",
    "parts.css": "text/css",
    "pages.css": "text/css",
    "live.js": "text/javascript",
    "passkeys.js": "text/javascript",
    "keys.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
"""Every file that is served, by name: no path of a request ever reaches the disk."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything behind the dashboard's routes."""

    door: Door
    signin: SignIn
    inbox: Inbox
    requests: RequestPages
    live: Live
    grants: GrantPages
    catalogue: Catalogue
    passkeys: PasskeyPages
    reading: ReadingPages

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        page = self.door.page
        return [
            Route("/", page(self.inbox.show), methods=["GET"]),
            Route("/live", self.live.lists, methods=["GET"]),
            Route("/requests/{id}", page(self.requests.show), methods=["GET"]),
            Route("/requests/{id}/decide", page(self.requests.decide), methods=["POST"]),
            Route("/requests/{id}/event", page(self.requests.event), methods=["GET"]),
            Route("/requests/{id}/receipt", page(self.requests.signed), methods=["GET"]),
            Route("/requests/{id}/live", self.live.request, methods=["GET"]),
            Route("/requests/{id}/end", page(self.requests.end), methods=["POST"]),
            Route("/requests/{id}/extend", page(self.requests.extend), methods=["POST"]),
            Route("/requests/{id}/ask", page(self.requests.converse("ask", "question")), methods=["POST"]),
            Route("/requests/{id}/answer", page(self.requests.converse("answer")), methods=["POST"]),
            Route("/requests/{id}/note", page(self.requests.converse("note")), methods=["POST"]),
            Route("/requests/{id}/withdraw", page(self.requests.converse("withdraw")), methods=["POST"]),
            Route("/requests/{id}/look", page(self.requests.converse("look")), methods=["POST"]),
            Route("/requests/{id}/confirm", page(self.requests.confirm), methods=["POST"]),
            Route("/grants", page(self.grants.show), methods=["GET"]),
            Route("/access", page(self.catalogue.show), methods=["GET"]),
            Route("/access/{id}", page(self.catalogue.form), methods=["GET"]),
            Route("/access/{id}", page(self.catalogue.ask), methods=["POST"]),
            Route("/passkeys", page(self.passkeys.show), methods=["GET"]),
            Route("/passkeys/begin", page(self.passkeys.begin), methods=["POST"]),
            Route("/passkeys/finish", page(self.passkeys.finish), methods=["POST"]),
            Route("/passkeys/remove", page(self.passkeys.remove), methods=["POST"]),
            Route("/passkeys/invite", page(self.passkeys.invite), methods=["POST"]),
            Route("/passkeys/totp", page(self.passkeys.totp), methods=["POST"]),
            Route("/passkeys/totp/finish", page(self.passkeys.totp_finish), methods=["POST"]),
            *self.reading.routes(self.door.page),
            Route("/signin", self.signin.start, methods=["GET"]),
            Route("/signin/slack", self.signin.go, methods=["GET"]),
            Route("/signin/callback", self.signin.back, methods=["GET"]),
            Route("/signout", page(self.signin.out), methods=["POST"]),
            Route("/static/{name}", static, methods=["GET"]),
        ]


async def static(request: Request) -> Response:
    """A stylesheet, a script or the icon."""
    name = str(request.path_params["name"])
    kind = STATIC.get(name)
    if kind is None:
        raise NotFound("not_found", "There is no such file.")
    return FileResponse(HERE / "static" / name, media_type=kind, headers={"cache-control": "public, max-age=3600"})
