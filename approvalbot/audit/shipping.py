"""Shipping: the trail goes to a receiver, in order, at least once; how far it came is remembered after each batch."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from approvalbot.audit.receivers import Receiver
from approvalbot.errors import DeliveryFailed, Unavailable
from approvalbot.log import get_logger
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.trail import TrailStore

log = get_logger("audit")

BATCH = 200
"""Entries in one delivery: about 100 KB, well under what collectors take (Standard Webhooks advises small bodies)."""

WAIT_MS = 1000
"""Milliseconds to wait for a new entry; shorter than a command of ours may take."""

DELAYS_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds between attempts while a receiver does not take anything; the last repeats."""


@dataclass(frozen=True, slots=True)
class Shipper:
    """Brings the trail to one receiver."""

    trail: TrailStore
    progress: CheckpointStore
    receiver: Receiver

    def ship(self) -> int:
        """Deliver the next batch; gives how many entries it had, 0 where nothing is new.

        Raises:
            DeliveryFailed: the receiver did not take it; it comes again.
            Unavailable: the store does not answer.
        """
        sent = self.progress.shipped(self.receiver.name)
        start, _ = self.trail.start()
        if sent < start.number:
            log.error("entries cut before they were shipped", receiver=self.receiver.name, missing=start.number - sent)
            sent = start.number
        batch = list(itertools.islice(self.trail.records(sent + 1, sent + BATCH), BATCH))
        if not batch:
            # A receiver that has nothing yet is known from now on: no cut removes what it lacks.
            self.progress.note_shipped(self.receiver.name, sent)
            return 0
        self.receiver.take(batch, datetime.now(UTC))
        self.progress.note_shipped(self.receiver.name, batch[-1].number)
        return len(batch)

    def run(self, wait: Callable[[float], bool]) -> None:
        """Ship until told to stop: `wait` sleeps so many seconds and says whether to end."""
        failures = 0
        while not wait(0):
            try:
                if self.ship() == 0:
                    self.trail.wait(self.progress.shipped(self.receiver.name), WAIT_MS)
                failures = 0
            except (DeliveryFailed, Unavailable) as fault:
                delay_s = DELAYS_S[min(failures, len(DELAYS_S) - 1)]
                asked = fault.retry_after_s if isinstance(fault, DeliveryFailed) else None
                log.warning("not shipped", receiver=self.receiver.name, fault=fault.text(), delay_s=asked or delay_s)
                failures += 1
                if wait(asked or delay_s):
                    return
