"""Running the workspace: with uvicorn on this machine's own address, in the foreground or in a thread of a test."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from approvalbot.workspace.config import WorkspaceConfig
from approvalbot.workspace.errors import WorkspaceFault
from approvalbot.workspace.hands import Hands
from approvalbot.workspace.hanging_up import LineProtocol
from approvalbot.workspace.server import create_app
from approvalbot.workspace.workspace import Workspace

STOPS_WITHIN_S = 10.0


class Server(uvicorn.Server):
    """uvicorn, but those who wait for changes are sent home first; it would wait for them for ever."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=LineProtocol,
                ws="websockets-sansio",
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=2,
                ws_ping_interval=None,
            )
        )
        self.workspace: Workspace = app.state.workspace

    async def main_loop(self) -> None:
        """Look ten times as often as uvicorn whether to stop: whoever ends the demo, or a test, waits for it."""
        looks = 0
        while not self.should_exit:
            if looks % 10 == 0:
                await self.on_tick(looks // 10)
            await asyncio.sleep(0.01)
            looks += 1

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the waiting, then stop as uvicorn does."""
        self.workspace.hub.end()
        await super().shutdown(sockets)


@dataclass(frozen=True, slots=True)
class Running:
    """A workspace that is being served. `config` names the port it really has."""

    config: WorkspaceConfig
    workspace: Workspace
    server: Server

    def stop(self) -> None:
        """Begin to stop; the end of the `with` block waits for it."""
        self.server.should_exit = True

    @property
    def url(self) -> str:
        """The page's address, without a trailing slash."""
        return self.config.origin

    @property
    def api_url(self) -> str:
        """What a Slack client takes as its base URL."""
        return f"{self.config.origin}/api/"

    def hands(self, user: str) -> Hands:
        """A new session of one person. Close it after use."""
        return Hands(self.url, user=user)


def bound_socket(config: WorkspaceConfig) -> socket.socket:
    """A listening socket on this machine's own address; port 0 takes a free one.

    Raises:
        WorkspaceFault: the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
        listener.listen(128)
    except OSError as fault:
        listener.close()
        raise WorkspaceFault(f"port {config.port} is taken on this machine: {fault.strerror}") from None
    return listener


def serve(config: WorkspaceConfig) -> None:
    """Serve until interrupted.

    Raises:
        WorkspaceFault: the port is taken.
    """
    listener = bound_socket(config)
    config = config.model_copy(update={"port": listener.getsockname()[1]})
    Server(create_app(config)).run(sockets=[listener])


@contextlib.contextmanager
def running_workspace(config: WorkspaceConfig) -> Iterator[Running]:
    """Serve in a thread for the length of a `with` block.

    Raises:
        WorkspaceFault: the port is taken, or the server did not start.
    """
    listener = bound_socket(config)
    config = config.model_copy(update={"port": listener.getsockname()[1]})
    app = create_app(config)
    server = Server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="workspace", daemon=True)
    thread.start()
    try:
        # The socket is bound and listens already: connections wait in its queue until the server takes them, so there
        # is nothing to wait for here but a server that dies.
        if not thread.is_alive():
            raise WorkspaceFault("the workspace did not start")
        yield Running(config, app.state.workspace, server)
    finally:
        server.should_exit = True
        thread.join(STOPS_WITHIN_S)
        listener.close()
