"""The workspace's own levers over the app: its installation, its token, its address; and the reset of everything."""

from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.deliveries.changes import install, revoke_token, uninstall
from approvalbot.workspace.deliveries.events import verify_bot
from approvalbot.workspace.local.sessions import as_json, body_of, place_of_request


async def app(request: Request) -> Response:
    """`POST /local/app {"installed"?, "revoked"?, "verify"?}`: remove or take back the app, or check its request URL.

    `revoked` revokes the bot's token while the app stays, and `installed: true` gives it back.
    """
    workspace = place_of_request(request)
    body = await body_of(request)
    if body.get("installed") is False:
        uninstall(workspace)
    elif body.get("installed") is True:
        install(workspace)
    elif body.get("revoked") is True:
        revoke_token(workspace)
    if body.get("verify"):
        return as_json((await verify_bot(workspace)).shown())
    return as_json({"installed": workspace.installed, "token": workspace.tokens.bot.fault or "good"})


async def reset(request: Request) -> Response:
    """`POST /local/reset`: everything as at the first start."""
    place_of_request(request).reset()
    return as_json({"ok": True})
