"""The workspace as an ASGI app: the Web API, the answers by response_url, the local API and the page."""

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute

from approvalbot.workspace.api.door import call_method
from approvalbot.workspace.api.files import take_upload
from approvalbot.workspace.config import WorkspaceConfig
from approvalbot.workspace.deliveries.answers import take_response
from approvalbot.workspace.deliveries.greeting import greet_bot
from approvalbot.workspace.guard import Guard
from approvalbot.workspace.local.routes import ROUTES as LOCAL_ROUTES
from approvalbot.workspace.local.sessions import Sessions
from approvalbot.workspace.outside.receiver import take_callback, take_grant
from approvalbot.workspace.outside.waiting import resume_waiting
from approvalbot.workspace.page.routes import ROUTES as PAGE_ROUTES
from approvalbot.workspace.signin.pages import ROUTES as SIGN_IN_ROUTES
from approvalbot.workspace.workspace import Workspace


def create_app(config: WorkspaceConfig) -> Starlette:
    """Build the app. It must be served by `serving`: some faults need a hold on the connection."""
    workspace = Workspace.open(config)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        if config.verify_bot_at_start and config.mode == "http":
            workspace.in_background(greet_bot(workspace))
        resume_waiting(workspace)
        yield
        await workspace.close()

    app = Starlette(
        routes=[
            Route("/api/{method}", call_method, methods=["GET", "POST"]),
            Route("/hooks/{key}", take_response, methods=["POST"]),
            Route("/upload/{key}", take_upload, methods=["POST"]),
            WebSocketRoute("/socket", workspace.sockets.serve),
            *SIGN_IN_ROUTES,
            Route("/service/callbacks", take_callback, methods=["POST"]),
            Route("/service/grants", take_grant, methods=["POST"]),
            *LOCAL_ROUTES,
            *PAGE_ROUTES,
        ],
        middleware=[Middleware(Guard)],
        lifespan=lifespan,
    )
    app.state.workspace = workspace
    app.state.sessions = Sessions()
    return app
