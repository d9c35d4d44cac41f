"""The page: hand-written modules and sheets, served as they stand, and the pictures of people."""

import html
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from approvalbot.workspace.workspace import Workspace

FOLDER = Path(__file__).parent
COLORS = ("#2f6f8f", "#8a4b83", "#3f7a4e", "#a2582b", "#4a5bb0", "#9b3f52", "#6b6a2e", "#4f5f70")
"""As `.hue-0` to `.hue-7` in css/messages.css."""


async def index(_request: Request) -> Response:
    """The page; which conversation it shows is in its address."""
    return FileResponse(FOLDER / "index.html", media_type="text/html")


async def icon(_request: Request) -> Response:
    """The app's picture, which is also the page's."""
    return FileResponse(FOLDER / "icon.svg", media_type="image/svg+xml")


async def avatar(request: Request) -> Response:
    """A person's picture, for the `image_…` fields of the Web API: their initials on a colour."""
    workspace: Workspace = request.app.state.workspace
    person = workspace.directory.people.get(request.path_params["user"])
    if person is None:
        return Response(status_code=404)
    letters = html.escape("".join(word[0] for word in person.real_name.split())[:2].upper())
    color = COLORS[sum(person.id.encode()) % len(COLORS)]
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="10" '
        f'fill="{color}"/><text x="24" y="31" text-anchor="middle" font-family="sans-serif" font-size="19" '
        f'font-weight="700" fill="#fff">{letters}</text></svg>'
    )
    return Response(drawing, media_type="image/svg+xml")


ROUTES = [
    Route("/", index),
    Route("/home", index),
    Route("/gallery", index),
    Route("/archives/{rest:path}", index),
    Route("/avatars/{user}/{size}", avatar),
    Route("/page/icon.svg", icon),
    Mount("/page/css", StaticFiles(directory=FOLDER / "css")),
    Mount("/page/js", StaticFiles(directory=FOLDER / "js")),
]
