"""`serve`, `work`, `doctor`: the processes, and whether they could run."""

import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Annotated

import redis
import typer
import uvicorn

from approvalbot.cli.examine import examine
from approvalbot.cli.output import emit, say
from approvalbot.log import get_logger, set_up_logs
from approvalbot.settings import load_settings
from approvalbot.store.jobs import EFFECT_QUEUE, TIME_QUEUE
from approvalbot.wiring import build, make_asgi, redis_address
from approvalbot.worker import run_worker

log = get_logger("process")

RESTART_S = 1.0
"""Seconds before a worker that ended by itself is started again."""

QUEUES = {"time": TIME_QUEUE, "effects": EFFECT_QUEUE}


def serve() -> None:
    """Run the web process: the webhook, Slack's door, the answers."""
    settings = load_settings()
    set_up_logs(settings.approvalbot_log_level)
    with redis_address(settings) as url:
        app = make_asgi(build(settings, url, for_presses=True))
        log.info("serving", url=settings.url, port=settings.approvalbot_port)
        uvicorn.run(
            app,
            host=settings.approvalbot_host,
            port=settings.approvalbot_port,
            log_config=None,
            access_log=False,
            server_header=False,
            # Nothing here decides by a client's address, so no header about one is believed.
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )


def work(
    queue: Annotated[
        str, typer.Option(help="Work on this queue alone, in this process: time or effects. Default: all of them.")
    ] = "",
) -> None:
    """Run the workers: reminders, escalation, expiry, and everything that is said or sent."""
    settings = load_settings()
    set_up_logs(settings.approvalbot_log_level)
    if queue and queue not in QUEUES:
        raise typer.BadParameter(f"{queue!r} is no queue; write time or effects")
    with redis_address(settings) as url:
        if not queue:
            _Pool(["time", *["effects"] * settings.approvalbot_workers], url).run()
            return
        house = build(settings, url)
        # RQ waits in its connection for longer than a command of ours may take.
        own = redis.Redis.from_url(url)
        log.info("working", queue=queue)
        run_worker(house.journey, house.jobs, house.redis, QUEUES[queue], rq_redis=own, key=settings.key("jobs"))


def doctor(json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Check everything a start needs, and say what to do about what is wrong."""
    findings = examine(load_settings())
    if json:
        emit({"ok": all(found.ok for found in findings), "checks": [found.as_dict() for found in findings]})
    else:
        for found in findings:
            say(f"{'ok  ' if found.ok else 'FAIL'}  {found.name}: {found.text}", None if found.ok else "red")
    if not all(found.ok for found in findings):
        raise typer.Exit(1)


class _Pool:
    """One process for each worker, started again when one ends: RQ's own workers quit on many faults of Redis."""

    def __init__(self, queues: list[str], redis_url: str) -> None:
        self._queues = queues
        self._environment = {**os.environ, "REDIS_URL": redis_url}
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._ending = False

    def run(self) -> None:
        """Start all, watch all, until told to stop."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        for place in range(len(self._queues)):
            self._start(place)
        while not self._ending:
            for place, child in list(self._children.items()):
                if child.poll() is not None and not self._ending:
                    log.warning("worker ended", queue=self._queues[place], code=child.returncode)
                    time.sleep(RESTART_S)
                    self._start(place)
            time.sleep(0.2)
        for child in self._children.values():
            child.wait()

    def _start(self, place: int) -> None:
        command = [sys.executable, "-m", "approvalbot", "work", "--queue", self._queues[place]]
        self._children[place] = subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL)  # noqa: S603 - our own program

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._ending = True
        for child in self._children.values():
            child.terminate()
