"""Serves the bot, or the bare handler, in a process of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.stage import environment, free_port, listening, process

NOWHERE = "http://127.0.0.1:9/api/"
"""A Slack that nobody listens for: where no worker runs, nothing is said."""


@dataclass(frozen=True, slots=True)
class Served:
    """A bot that is being served by process `pid`, and the environment its workers need."""

    pid: int
    port: int
    url: str
    environment: dict[str, str]


@contextmanager
def served(redis_url: str, folder: Path, policies: Path, slack_url: str = NOWHERE) -> Iterator[Served]:
    """`approvalbot serve`, one process."""
    port = free_port()
    env = environment(redis_url, folder, policies, port, slack_url)
    with process("approvalbot", "serve", env=env) as child, listening(child, port) as url:
        yield Served(child.pid, port, url, env)


@contextmanager
def bare(redis_url: str = "") -> Iterator[Served]:
    """The bare handler."""
    port = free_port()
    with process("bench.bare", str(port), redis_url) as child, listening(child, port) as url:
        yield Served(child.pid, port, url, {})


@contextmanager
def worked(web: Served) -> Iterator["subprocess.Popen[bytes]"]:
    """`approvalbot work`: the clock's worker and two for effects, in processes of their own."""
    with process("approvalbot", "work", env=web.environment) as child:
        yield child
