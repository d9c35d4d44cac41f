"""`kind: Calendar`: when "inside" is, as its author writes it."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from approvalbot.policy.base import Block, Document, Text, one_or_many

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise ValueError(f"{name!r} is no time zone; write an IANA name such as Europe/Paris") from fault
    return name


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(f"{value!r} is no date; write '2026-12-25'")


def _local(value: object) -> object:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            if moment.tzinfo is None:
                return moment
            raise ValueError(f"{value!r} has an offset, and spans are local times of the calendar; leave it out")
    raise ValueError(f"{value!r} is no local time; write '2026-12-18T18:00'")


Day = Annotated[date, BeforeValidator(_day)]
LocalTime = Annotated[datetime, BeforeValidator(_local)]


class Span(Block):
    """A stretch of local time that is inside; its end is not part of it."""

    from_: LocalTime = Field(alias="from")
    to: LocalTime

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.from_ >= self.to:
            raise ValueError(f"to: {self.to.isoformat()} is not after {self.from_.isoformat()}; write a later time")
        return self


class Window(Block):
    """A stretch of a day in minutes after midnight; `until` may reach into the next day."""

    start: int
    until: int

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        found = _WINDOW.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f"{value!r} is no window of a day; write '08:00-19:00', or '22:00-06:00' over midnight")
        start = int(found[1]) * 60 + int(found[2])
        until = 24 * 60 if found[3] == "24:00" else int(found[4]) * 60 + int(found[5])
        if start == until:
            raise ValueError(f"{value!r} is empty; for a whole day write '00:00-24:00'")
        return {"start": start, "until": until if until > start else until + 24 * 60}


def days_of(key: str) -> tuple[int, ...]:
    """The weekdays (Monday is 0) that a key such as `mon-fri` or `sat,sun` names.

    Raises:
        ValueError: not days.
    """
    found: list[int] = []
    for part in key.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"{key!r} names no days; write mon-fri, sat or mon,wed")
        start, end = DAYS.index(first), DAYS.index(last or first)
        found += [day % 7 for day in range(start, (end if end >= start else end + 7) + 1)]
    return tuple(dict.fromkeys(found))


class Calendar(Document):
    """A calendar. Inside is what a span or a weekly window covers; holidays are outside all day unless in a span.

    `ics` names a file beside this one: its all-day entries are holidays, its entries with times are spans.
    """

    kind: Literal["Calendar"]
    tz: Annotated[str, AfterValidator(_zone)]
    weekly: dict[str, Annotated[tuple[Window, ...], BeforeValidator(one_or_many)]] = Field(default_factory=dict)
    holidays: tuple[Day, ...] = ()
    ics: Text | None = None
    spans: tuple[Span, ...] = ()
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _sometimes_inside(self) -> Self:
        for key in self.weekly:
            try:
                days_of(key)
            except ValueError as fault:
                place = f".{key}" if key.isalnum() else ""
                raise ValueError(f"weekly{place}: {fault}") from fault
        if not self.weekly and not self.spans and self.ics is None:
            raise ValueError(
                "weekly: nothing is ever inside; add weekly, spans or ics, such as weekly: {mon-fri: 08:00-19:00}"
            )
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz)

    def windows_on(self, weekday: int) -> list[Window]:
        """The windows that start on a weekday (Monday is 0)."""
        return [window for key, windows in self.weekly.items() if weekday in days_of(key) for window in windows]
