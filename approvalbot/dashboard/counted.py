"""The counts of the last days for pages: read from the store, brought up to date first, kept for a moment."""

import threading
import time
from dataclasses import dataclass, field
from datetime import date

from approvalbot.dashboard.tallies import Days
from approvalbot.errors import Unavailable
from approvalbot.store.statistics import Statistics

KEEP_S = 10.0
"""Seconds for which counts are shown again: reading ninety days of a thousand policies takes longer than a page may."""

MOST_NEW = 2000
"""Entries that a page counts before it shows: some 50 ms. Workers count too, every few seconds."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of the days that end with `until`. Not `whole`: older entries are still being counted."""

    days: Days
    until: date
    whole: bool


@dataclass(slots=True)
class RecentCounts:
    """Reads counts. One for each process."""

    statistics: Statistics
    _held: dict[int, tuple[float, Counted]] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def last(self, days: int, until: date) -> Counted:
        """The last so many days. Two pages at once read them once."""
        with self._lock:
            held = self._held.get(days)
            if held is not None and time.monotonic() - held[0] < KEEP_S and held[1].until == until:
                return held[1]
            whole = self._count()
            found = Counted(self.statistics.days(until, days), until, whole)
            self._held[days] = (time.monotonic(), found)
            return found

    def _count(self) -> bool:
        """Count what is new; gives whether everything was. A store that takes no writes may still be read."""
        try:
            return self.statistics.catch_up(MOST_NEW)
        except Unavailable:
            return False
