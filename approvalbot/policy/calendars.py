"""Whether a moment is inside a calendar, and which schedule row holds.

Times compare as the wall clock of the calendar's zone shows them. So a local time that happens twice counts twice, and
a boundary that a change of clocks skips moves forward by the skipped length. Past `valid_until`, or past the last year
of its ics file, a calendar answers nothing: that is an evaluation fault, and the caller fails safe.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from approvalbot.policy.approval import Approval, ScheduleRow
from approvalbot.policy.calendar import Calendar
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.ics import Occurrences


@dataclass(frozen=True)
class CalendarTimes:
    """A calendar with its ics file expanded."""

    calendar: Calendar
    occurrences: Occurrences = field(default_factory=Occurrences)

    @cached_property
    def zone(self) -> ZoneInfo:
        return self.calendar.zone

    @cached_property
    def holidays(self) -> frozenset[date]:
        """Local dates that are outside all day."""
        return frozenset(self.calendar.holidays) | self.occurrences.days

    def is_inside(self, at: datetime) -> bool:
        """Whether a moment (aware) is inside.

        Raises:
            EvaluationFault: the calendar does not reach that far.
        """
        try:
            wall = at.astimezone(self.zone).replace(tzinfo=None)
            self._check_reach(wall.date())
            if any(start <= wall < end for start, end in self._spans):
                return True
            return wall.date() not in self.holidays and any(
                start <= wall < end for start, end in self._windows(wall.date())
            )
        except OverflowError as fault:
            raise EvaluationFault(f"{at.isoformat()} is no moment a calendar can place") from fault

    def ends_on(self) -> date | None:
        """The last date the calendar speaks of, or None where it has no end."""
        ends = [self.calendar.valid_until] if self.calendar.valid_until else []
        if self.occurrences.last_year is not None:
            ends.append(date(self.occurrences.last_year, 12, 31))
        return min(ends, default=None)

    def _check_reach(self, day: date) -> None:
        end = self.ends_on()
        if end is not None and day > end:
            raise EvaluationFault(f"the calendar {self.calendar.id} ends on {end.isoformat()}; extend it")

    @cached_property
    def _spans(self) -> tuple[tuple[datetime, datetime], ...]:
        own = [(span.from_, span.to) for span in self.calendar.spans]
        return tuple((self._real(start), self._real(end)) for start, end in [*own, *self.occurrences.spans])

    def _windows(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The windows that touch a local date: its own, and those of the day before that run over midnight."""
        for begun in (day - timedelta(days=1), day):
            midnight = datetime(begun.year, begun.month, begun.day)  # noqa: DTZ001 - a wall clock has no zone
            for window in self.calendar.windows_on(begun.weekday()):
                yield (
                    self._real(midnight + timedelta(minutes=window.start)),
                    self._real(midnight + timedelta(minutes=window.until)),
                )

    def _real(self, wall: datetime) -> datetime:
        """The wall time itself, or where the clocks skip it, the one the same stretch later."""
        return wall.replace(tzinfo=self.zone).astimezone(UTC).astimezone(self.zone).replace(tzinfo=None)


Calendars = Mapping[str, CalendarTimes]


def is_inside(calendars: Calendars, calendar: str, at: datetime) -> bool:
    """Whether a moment is inside the calendar of that id.

    Raises:
        EvaluationFault: there is no such calendar, or it does not reach that far.
    """
    times = calendars.get(calendar)
    if times is None:
        raise EvaluationFault(f"there is no calendar {calendar}")
    return times.is_inside(at)


def schedule_row(approval: Approval, calendars: Calendars, at: datetime) -> ScheduleRow:
    """The quorum that holds for a request opened at `at`: the first row that applies, else the approval's own.

    A calendar that cannot answer never lowers the quorum: then the strictest row holds.
    """
    for row in approval.schedule:
        try:
            if row.during is None or is_inside(calendars, row.during, at):
                return row
        except EvaluationFault:
            return _strictest(approval)
    return ScheduleRow(otherwise=True, quorum=approval.quorum, from_distinct_groups=approval.from_distinct_groups)


def _strictest(approval: Approval) -> ScheduleRow:
    return ScheduleRow(
        otherwise=True,
        quorum=max([approval.quorum, *(row.quorum for row in approval.schedule)]),
        from_distinct_groups=approval.from_distinct_groups
        or any(row.from_distinct_groups for row in approval.schedule),
    )
