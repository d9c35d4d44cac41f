"""How the workspace drops a line without a byte of answer: the server's own protocol, with a handle for that.

ASGI has no word for it. A caller whose request was carried out and whose connection then dies is the case that makes
posts appear twice, so the workspace has to be able to play it.
"""

from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TRANSPORT = "approvalbot.transport"


class LineProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, whose requests know the connection they came by."""

    def on_message_begin(self) -> None:
        """Begin a request; its scope gets the connection beside what uvicorn puts there."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}


async def hang_up(request: Request) -> None:
    """Close the caller's connection at once, and wait until the server has noticed, so that nothing is sent."""
    transport = request.scope["extensions"][TRANSPORT]["transport"]
    transport.abort()
    while not await request.is_disconnected():
        await request.receive()
