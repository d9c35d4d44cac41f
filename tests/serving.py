"""A real HTTP server for a test: uvicorn in a thread, on a free port of this machine."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

START_WITHIN_S = 10


class QuickServer(uvicorn.Server):
    """uvicorn, but it looks every 10 ms whether it shall stop: a thousand tests wait for it."""

    async def main_loop(self) -> None:
        counter = 0
        while not self.should_exit:
            if counter % 10 == 0:
                await self.on_tick(counter // 10)
            await asyncio.sleep(0.01)
            counter += 1


@contextmanager
def serving(app: ASGIApp, listener: socket.socket | None = None, http: Any = "auto") -> Iterator[str]:
    """Serve an ASGI app, on a socket that is bound already if one is given; gives its address."""
    listener = listener or socket.create_server(("127.0.0.1", 0))
    server = QuickServer(
        uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=2, http=http
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        until = time.monotonic() + START_WITHIN_S
        while not server.started:
            if not thread.is_alive() or time.monotonic() > until:
                raise RuntimeError("the test server did not start")
            threading.Event().wait(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
