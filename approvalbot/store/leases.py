"""Leases: what a process holds stays held while the process lives, and is free soon after it was killed.

A hold in Redis ends by itself. Long enough for the slowest work, it would keep what a killed process held from others
for just as long; so it is short, and a thread beside the work renews it. A thread that hangs for ever would renew for
ever: after `LONGEST_S` nothing is renewed any more.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from approvalbot.errors import Unavailable
from approvalbot.log import get_logger

log = get_logger("leases")

LONGEST_S = 60.0
"""Seconds that anything is held by one process in one go: longer than a job may run (`jobs.JOB_TIMEOUT_S`)."""


@dataclass(slots=True)
class _Held:
    renew: Callable[[], bool]
    every_s: float
    since: float
    renewed: float


class Leases:
    """What this process holds. Its thread lives while there is something to renew."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wakes_at = 0.0

    def keep(self, name: str, renew: Callable[[], bool], lease_s: float) -> None:
        """Renew from now on, three times in the length of a lease. `renew` gives False when the hold is lost."""
        now = time.monotonic()
        with self._changed:
            self._held[name] = _Held(renew, lease_s / 3, now, now)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()
            elif now + lease_s / 3 < self._wakes_at:
                self._changed.notify()

    def let_go(self, name: str) -> None:
        """Renew it no more. When this returns no renewal is under way either."""
        with self._changed:
            self._held.pop(name, None)

    def _run(self) -> None:
        with self._changed:
            while self._held:
                self._wakes_at = min(held.renewed + held.every_s for held in self._held.values())
                self._changed.wait(max(0.0, self._wakes_at - time.monotonic()))
                self._renew_due()
            self._thread = None

    def _renew_due(self) -> None:
        """Renew what is due, with the lock held: whoever lets go must not be overtaken by a renewal."""
        now = time.monotonic()
        for name, held in list(self._held.items()):
            if now < held.renewed + held.every_s:
                continue
            held.renewed = now
            if now - held.since > LONGEST_S or not _still_held(held):
                log.warning("not held any longer", what=name.split()[0])
                del self._held[name]


def _still_held(held: _Held) -> bool:
    try:
        return held.renew()
    except Unavailable:
        # The next renewal may get through; without one the hold ends by itself.
        return True
