"""One process for each worker, started again when one ends: RQ's own workers quit on many faults of Redis."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from approvalbot.log import get_logger

log = get_logger("process")

RESTART_S = 1.0
"""Seconds before a worker that ended by itself is started again."""

STOP_WITHIN_S = 6.0
"""Seconds for the workers to finish what they are at. What is cut off is driven again by the next worker."""

LOOK_S = 0.1


class Pool:
    """Starts a worker for each of `queues` (a queue may be named more than once) and keeps them running."""

    def __init__(self, queues: Sequence[str], redis_url: str) -> None:
        self._queues = queues
        self._environment = {**os.environ, "REDIS_URL": redis_url}
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._start_at = dict.fromkeys(range(len(queues)), 0.0)
        self._ending = False

    def run(self) -> None:
        """Start all, watch all, until told to stop by SIGTERM or SIGINT."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, self._reload)
        while not self._ending:
            self._look(time.monotonic())
            time.sleep(LOOK_S)
        self._end()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        # Only a mark: a handler runs between any two lines, also between the start of a worker and our note of it.
        self._ending = True

    def _reload(self, number: int, _frame: FrameType | None) -> None:
        for child in list(self._children.values()):
            child.send_signal(number)

    def _look(self, now_s: float) -> None:
        for place, child in list(self._children.items()):
            if child.poll() is not None:
                log.warning("worker ended", queue=self._queues[place], code=child.returncode)
                del self._children[place]
                self._start_at[place] = now_s + RESTART_S
        for place, at_s in self._start_at.items():
            if place not in self._children and at_s <= now_s and not self._ending:
                self._start(place)

    def _start(self, place: int) -> None:
        command = [sys.executable, "-m", "approvalbot", "work", "--queue", self._queues[place]]
        self._children[place] = subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL)  # noqa: S603 - our own program

    def _end(self) -> None:
        for child in self._children.values():
            child.terminate()
        until = time.monotonic() + STOP_WITHIN_S
        for child in self._children.values():
            try:
                child.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
