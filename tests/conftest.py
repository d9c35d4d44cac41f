"""Fixtures that every test may use."""

import logging
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog
from hypothesis import settings
from redis import Redis

from approvalbot.store.connection import connect
from approvalbot.store.embedded import embedded_valkey
from tests.bot import Bot, running_bot
from tests.browser import browser, context

__all__ = ["browser", "context"]

# How long one example takes says how busy the machine is; what must be fast is measured where it is claimed.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the checkout; never part of the project."""
    folder = Path(os.environ.get("APPROVALBOT_SHARED", SHARED))
    if not folder.is_dir():
        pytest.skip(f"the reference data folder {folder} is absent; set APPROVALBOT_SHARED to where it lies")
    return folder


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real embedded Valkey, append-only file on, for the whole run."""
    with embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
def redis(valkey_url: str) -> Iterator[Redis]:
    """An empty database."""
    client = connect(valkey_url)
    client.flushall()
    yield client
    client.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-golden", action="store_true", help="write the golden files anew; review them like code")
    parser.addoption("--take-pictures", action="store_true", help="plays take the pictures of the docs; look at them")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """Compare a JSON-able value with its golden file, whole; `--renew-golden` writes the file instead."""
    folder = Path(str(request.node.path)).parent / "golden"

    def compare(name: str, value: object) -> None:
        path = folder / f"{name}.json"
        drawn = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n"
        if request.config.getoption("--renew-golden"):
            folder.mkdir(exist_ok=True)
            path.write_text(drawn, encoding="utf-8")
        assert path.is_file(), f"{path} is not there; write it with --renew-golden"
        assert drawn == path.read_text(encoding="utf-8"), f"{path} differs; --renew-golden writes it anew"

    return compare


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in a test leaves this machine."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "unix"
        if host not in {"unix", "127.0.0.1", "::1", "localhost"}:
            raise OSError(f"the network is shut in tests; something called {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)


@pytest.fixture(autouse=True)
def _logs_end_with_their_test() -> Iterator[None]:
    """A command that ran in this process has sent its logs to a stream that is closed when the test is over."""
    yield
    root = logging.getLogger()
    for handler in [one for one in root.handlers if type(one) is logging.StreamHandler]:
        root.removeHandler(handler)
    structlog.reset_defaults()


@pytest.fixture
def bot(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    """A whole bot with its workspace; see `tests/bot.py`."""
    with running_bot(valkey_url, tmp_path, monkeypatch) as running:
        yield running
