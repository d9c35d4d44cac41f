"""Keeping the trail: one process at a time seals it, brings the checkpoints out, and forgets what is old enough."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from approvalbot.audit.publishing import Publisher
from approvalbot.audit.retention import Retention
from approvalbot.audit.sealing import Sealer
from approvalbot.errors import ApprovalBotError
from approvalbot.log import get_logger

log = get_logger("audit")


@dataclass(frozen=True, slots=True)
class Keeping:
    """One round of it. `keep` is how long entries are kept; None: for ever. `warn` reaches a person."""

    sealer: Sealer
    publisher: Publisher
    retention: Retention
    every: timedelta
    keep: timedelta | None
    warn: Callable[[str], None]

    def round(self, now: datetime) -> None:
        """Seal, publish, cut; what fails is said and tried again in the next round."""
        try:
            made = self.sealer.seal(now)
            if made is not None:
                log.info("trail sealed", entries=made.number, seal=made.seal[:16])
            for fault in self.publisher.publish():
                self.warn(f"A checkpoint of the trail was not published. {fault}")
            if self.keep is not None:
                self._forget(now - self.keep)
        except ApprovalBotError as fault:
            log.error("trail not sealed", fault=fault.text())
            self.warn(f"The trail could not be sealed. {fault.text()}")

    def _forget(self, before: datetime) -> None:
        receivers = self.sealer.checkpoints.receivers()
        cut = self.retention.cut(before, shipped=min(receivers.values()) if receivers else None)
        if cut is not None:
            log.info("trail cut", entries=cut.number)


class Keeper(threading.Thread):
    """Goes round for as long as the process lives; which process does is decided anew each time."""

    def __init__(self, keeping: Keeping, clock: Callable[[], datetime]) -> None:
        super().__init__(name="trail", daemon=True)
        self._keeping = keeping
        self._clock = clock
        self._token = secrets.token_hex(8)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End after the current round."""
        self._stopped.set()

    def run(self) -> None:
        """Look often, go round once in a while."""
        every = self._keeping.every
        while not self._stopped.is_set():
            try:
                if self._keeping.sealer.checkpoints.hold(self._token, every * 0.9):
                    self._keeping.round(self._clock())
            except Exception as fault:  # outermost edge of a thread that must not end
                log.exception("a round broke", error=type(fault).__name__)
            self._stopped.wait(every.total_seconds() / 4)
