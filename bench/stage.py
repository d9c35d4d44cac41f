"""What the benches stand on: a real Valkey in a folder that vanishes, the wired parts of the bot, real processes."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from approvalbot.settings import load_settings
from approvalbot.store.embedded import embedded_valkey
from approvalbot.wiring.house import House, build
from bench.documents import ENVIRONMENT

START_WITHIN_S = 60.0
"""Seconds for a process to serve; loading thousands of policies takes most of it."""

STOP_WITHIN_S = 15.0

SIGNING_SECRET = "local-signing-secret-of-the-benches"  # noqa: S105 - opens nothing outside a bench
ROOT_SECRET = "b" * 40
BOT_TOKEN = "xoxb-local-bench"  # noqa: S105 - as above


@contextmanager
def room() -> Iterator[tuple[Path, str]]:
    """A folder, and the URL of a real embedded Valkey in it: append-only file on, as in production. Both vanish."""
    # The name is short: a unix socket's address holds a hundred bytes.
    with tempfile.TemporaryDirectory(prefix="ab-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with embedded_valkey(folder / "valkey") as url:
            yield folder, url


def make_house(
    redis_url: str, policies: Path, *, slack_url: str = "http://127.0.0.1:9/api/", threads: int = 32
) -> House:
    """The bot's parts in this process, wired as `serve` and `work` wire them."""
    os.environ.update(ENVIRONMENT)
    settings = load_settings(
        _env_file=None,
        slack_bot_token=BOT_TOKEN,
        slack_signing_secret=SIGNING_SECRET,
        slack_api_url=slack_url,
        approvalbot_policies=policies,
        approvalbot_secret=ROOT_SECRET,
        # A crowd of few people presses far faster than people do.
        approvalbot_decisions_per_minute=0,
        approvalbot_allow="local-destinations",
        # Slack's own pace would be what is measured.
        approvalbot_slack_pace="unlimited",
        approvalbot_threads=threads,
        redis_url="",
    )
    return build(settings, redis_url)


def environment(redis_url: str, folder: Path, policies: Path, port: int, slack_url: str) -> dict[str, str]:
    """The environment of `approvalbot serve` and `approvalbot work`."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("APPROVALBOT_", "SLACK_"))},
        **ENVIRONMENT,
        "REDIS_URL": redis_url,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": slack_url,
        "APPROVALBOT_POLICIES": str(policies),
        "APPROVALBOT_DATA_DIR": str(folder / "data"),
        "APPROVALBOT_PORT": str(port),
        "APPROVALBOT_URL": f"http://127.0.0.1:{port}",
        "APPROVALBOT_SECRET": ROOT_SECRET,
        "APPROVALBOT_ALLOW": "local-destinations",
        # The stand-in takes what comes; how fast Slack would is measured by `storm`.
        "APPROVALBOT_SLACK_PACE": "unlimited",
        "APPROVALBOT_LOG_LEVEL": "ERROR",
    }


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def process(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process of its own; ended at the end, and killed when it does not."""
    command = [sys.executable, "-m", *arguments]
    child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL)  # noqa: S603 - our own program
    try:
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def listening(child: subprocess.Popen[bytes], port: int, path: str = "/healthz") -> Iterator[str]:
    """Wait until a process answers on a port; gives its address.

    Raises:
        RuntimeError: it ended, or did not answer in time.
    """
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + START_WITHIN_S
    while not _answers(url + path):
        if child.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"no answer from {url}{path}; the process gave {child.returncode}")
        time.sleep(0.05)
    yield url


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False
