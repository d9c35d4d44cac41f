"""Counting: what the trail adds up to is kept up to date while nobody asks for it."""

import secrets
import threading

from approvalbot.errors import ApprovalBotError
from approvalbot.log import get_logger
from approvalbot.store.guards import Guards
from approvalbot.store.statistics import Statistics

log = get_logger("audit")

EVERY_S = 5.0


class Counting(threading.Thread):
    """Counts for as long as the process lives. Of several processes one does, decided anew each time."""

    def __init__(self, statistics: Statistics, guards: Guards, every_s: float = EVERY_S) -> None:
        super().__init__(name="counting", daemon=True)
        self._statistics = statistics
        self._guards = guards
        self._every_s = every_s
        self._token = secrets.token_hex(8)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End after the current round."""
        self._stopped.set()

    def run(self) -> None:
        """Count, wait; a store that does not answer is asked again in the next round."""
        while not self._stopped.wait(self._every_s):
            try:
                if self._guards.hold("counting", "", self._token, for_s=self._every_s * 0.9):
                    self._statistics.catch_up()
            except ApprovalBotError as fault:
                log.warning("not counted", fault=fault.text())
            except Exception as fault:  # outermost edge of a thread that must not end
                log.exception("counting broke", error=type(fault).__name__)
