"""The counts of the last days for pages: read from the store, brought up to date first, and days that are over kept."""

import threading
import time
from dataclasses import dataclass, field
from datetime import date, timedelta

from approvalbot.dashboard.tallies import Day, Days
from approvalbot.errors import Unavailable
from approvalbot.store.statistics import Statistics

KEEP_S = 5.0
"""Seconds for which counts are shown again."""

MOST_NEW = 2000
"""Entries that a page counts before it shows: some 50 ms. Workers count too, every few seconds."""

OPEN_DAYS = 2
"""Days whose counts are always read anew: today, and yesterday, whose last entries may have been written after
midnight. Reading ninety days of forty policies takes 150 ms, reading two takes 4."""

KEPT_DAYS = 91


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
    _over: dict[date, Day] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def last(self, days: int, until: date) -> Counted:
        """The last so many days. Two pages at once read them once."""
        with self._lock:
            held = self._held.get(days)
            if held is not None and time.monotonic() - held[0] < KEEP_S and held[1].until == until:
                return held[1]
            whole = self._count()
            found = Counted(self._days(days, until, whole=whole), until, whole)
            self._held[days] = (time.monotonic(), found)
            return found

    def _days(self, days: int, until: date, *, whole: bool) -> Days:
        wanted = [until - timedelta(days=back) for back in range(days - 1, -1, -1)]
        read = self.statistics.of_days([day for day in wanted if day not in self._over])
        found = {day: self._over[day] if day in self._over else Day.of(read[day]) for day in wanted}
        if whole:
            closed = until - timedelta(days=OPEN_DAYS)
            # Days that no page shows any more are let go.
            kept = {**self._over, **{day: one for day, one in found.items() if day <= closed}}
            self._over = {day: one for day, one in kept.items() if day > until - timedelta(days=KEPT_DAYS)}
        return found

    def _count(self) -> bool:
        """Count what is new; gives whether everything was. A store that takes no writes may still be read."""
        try:
            return self.statistics.catch_up(MOST_NEW)
        except Unavailable:
            return False
