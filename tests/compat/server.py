"""A Slack-compatible server for the scenarios: the one that the environment names, or the local workspace.

Nothing here knows how a server works inside. The scenarios read and write by the Web API alone and deliver presses to
the bot as Slack does, signed, over HTTP; so they hold for any server that speaks Slack's Web API.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from approvalbot.workspace.config import BOT_SCOPES, RateLimits, WorkspaceConfig
from approvalbot.workspace.serving import running_workspace
from tests.serving import serving

API_URL = "SLACK_SCENARIO_API_URL"
"""The setting that names another server. Without it the scenarios start the local workspace."""


@dataclass(frozen=True)
class Server:
    """Where the server is, and what stands there. `calls` are the paths that the bot called, where we see them."""

    api_url: str
    bot_token: str
    reader_token: str
    channel: str
    approver: str
    requester: str
    outsider: str
    calls: list[str] = field(default_factory=list)

    def reader(self) -> WebClient:
        """A client that may read the channel, which the bot may not."""
        return WebClient(token=self.reader_token, base_url=self.api_url, timeout=10, retry_handlers=[])


@contextmanager
def server() -> Iterator[Server]:
    """The server to play on."""
    if os.environ.get(API_URL):
        yield _named()
        return
    config = WorkspaceConfig(
        port=0,
        verify_bot_at_start=False,
        scopes=(*BOT_SCOPES, "channels:history"),
        rate_limits=RateLimits(enforced=False),
    )
    calls: list[str] = []
    with running_workspace(config) as workspace, serving(_recorder(workspace.url, calls)) as url:
        yield Server(
            api_url=f"{url}/api/",
            bot_token=config.bot_token,
            reader_token=config.bot_token,
            channel="C0DEPLOYS",
            approver="U0BOB",
            requester="U0EVE",
            outsider="U0ANN",
            calls=calls,
        )


def _named() -> Server:
    names = {name: os.environ[f"SLACK_SCENARIO_{name}"] for name in ("CHANNEL", "APPROVER", "REQUESTER", "OUTSIDER")}
    bot_token = os.environ["SLACK_SCENARIO_BOT_TOKEN"]
    return Server(
        api_url=os.environ[API_URL],
        bot_token=bot_token,
        reader_token=os.environ.get("SLACK_SCENARIO_READER_TOKEN", bot_token),
        channel=names["CHANNEL"],
        approver=names["APPROVER"],
        requester=names["REQUESTER"],
        outsider=names["OUTSIDER"],
    )


def _recorder(to: str, calls: list[str]) -> Starlette:
    """Stands between the bot and the workspace, hands everything on, and keeps which paths were called."""

    async def hand_on(request: Request) -> Response:
        calls.append(request.url.path)
        kept = {name: value for name, value in request.headers.items() if name in {"authorization", "content-type"}}
        async with httpx.AsyncClient(trust_env=False) as http:
            query = f"?{request.url.query}" if request.url.query else ""
            answer = await http.request(
                request.method, f"{to}{request.url.path}{query}", content=await request.body(), headers=kept, timeout=10
            )
        passed = {
            name: value
            for name, value in answer.headers.items()
            if name in {"content-type", "retry-after", "x-oauth-scopes", "date"}
        }
        return Response(answer.content, answer.status_code, headers=passed)

    return Starlette(routes=[Route("/{path:path}", hand_on, methods=["GET", "POST"])])
