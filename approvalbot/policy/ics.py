"""Calendar files (iCalendar, RFC 5545): the part that holidays, freezes and shifts need, expanded when they are read.

Read are events with DTSTART and DTEND or DURATION, as dates, as UTC times, as local times and with a TZID; daily,
weekly and yearly repetition with INTERVAL, COUNT, UNTIL and BYDAY; EXDATE; cancelled events are left out. Anything else
that would change when an event happens is a fault: a holiday that is silently missed is worse than a load that stops.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LAST_YEAR = 2100
"""How far an event that repeats without end is expanded. Chosen by us: no policy is meant to live that long."""

LARGEST_FILE = 4 << 20
"""Bytes of a calendar file. Chosen by us: below what `folder.py` reads, so that none is ever cut without a word."""

MOST_OCCURRENCES = 50_000
"""Occurrences of one file: daily until `LAST_YEAR` is 27,000."""

_LINE = re.compile(r"([A-Za-z0-9-]+)((?:;[^:;=]+=(?:\"[^\"]*\"|[^:;]*))*):(.*)", re.DOTALL)
_DURATION = re.compile(r"P(?:(\d{1,4})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,6})S)?)?)")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_CHANGES_TIMES = frozenset({"RDATE", "EXRULE", "RECURRENCE-ID"})


class IcsFault(ValueError):
    """A calendar file that cannot be read; `line` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Occurrences:
    """What a file says: whole days, spans in the calendar's own local time, and the last year it speaks of.

    `last_year` is None where every entry repeats without end.
    """

    days: frozenset[date] = frozenset()
    spans: tuple[tuple[datetime, datetime], ...] = ()
    last_year: int | None = None


@dataclass(slots=True)
class _Entry:
    line: int
    start: date | datetime | None = None
    end: date | datetime | None = None
    duration: timedelta | None = None
    rule: dict[str, str] = field(default_factory=dict)
    left_out: set[date] = field(default_factory=set)
    cancelled: bool = False


def read_ics(body: bytes, zone: ZoneInfo) -> Occurrences:
    """The occurrences of a calendar file, as local times of `zone`.

    Raises:
        IcsFault: not a calendar, or something in it that is not read.
    """
    if len(body) > LARGEST_FILE:
        raise IcsFault(1, f"the file has over {LARGEST_FILE:,} bytes")
    days: set[date] = set()
    spans: list[tuple[datetime, datetime]] = []
    finite: list[int] = []
    for entry in _entries(body, zone):
        for start, end in _occurrences(entry):
            if isinstance(start, datetime) and isinstance(end, datetime):
                spans.append((start, end))
            else:
                days.update(_days_between(start, end))
            if len(days) + len(spans) > MOST_OCCURRENCES:
                raise IcsFault(entry.line, f"the file has over {MOST_OCCURRENCES:,} occurrences")
        if not _is_endless(entry) and isinstance(entry.start, date):
            finite.append(max([entry.start.year, *(start.year for start, _ in _occurrences(entry))]))
    return Occurrences(frozenset(days), tuple(sorted(spans)), max(finite, default=None))


def _days_between(start: date, end: date) -> Iterator[date]:
    for offset in range(max((end - start).days, 1)):
        yield start + timedelta(days=offset)


def _is_endless(entry: _Entry) -> bool:
    return bool(entry.rule) and "COUNT" not in entry.rule and "UNTIL" not in entry.rule


def _entries(body: bytes, zone: ZoneInfo) -> Iterator[_Entry]:
    entry: _Entry | None = None
    skipped = ""
    for number, name, parameters, value in _lines(body):
        block = value.strip().upper()
        if skipped:
            skipped = "" if name == "END" and block == skipped else skipped
        elif name == "BEGIN" and block == "VEVENT":
            entry = _Entry(number)
        elif name == "END" and block == "VEVENT" and entry is not None:
            if entry.start is None:
                raise IcsFault(entry.line, "an event has no DTSTART")
            if entry.end is not None and isinstance(entry.end, datetime) is not isinstance(entry.start, datetime):
                raise IcsFault(entry.line, "DTSTART and DTEND are both dates or both times")
            if not entry.cancelled:
                yield entry
            entry = None
        elif name == "BEGIN" and block != "VCALENDAR":
            skipped = block
        elif entry is not None:
            _take(entry, number, name, parameters, value, zone)


def _lines(body: bytes) -> Iterator[tuple[int, str, str, str]]:
    """The content lines, unfolded: a line that starts with a space continues the one before."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise IcsFault(1, "the file is not UTF-8") from fault
    if "BEGIN:VCALENDAR" not in text.upper():
        raise IcsFault(1, "the file is no iCalendar file: it has no BEGIN:VCALENDAR")
    number, whole = 1, ""
    for place, line in enumerate([*text.splitlines(), ""], start=1):
        if line[:1] in {" ", "\t"}:
            whole += line[1:]
            continue
        if whole.strip():
            found = _LINE.fullmatch(whole)
            if found is None:
                raise IcsFault(number, f"{whole[:60]!r} is no line of an iCalendar file")
            yield number, found[1].upper(), found[2], found[3]
        number, whole = place, line


def _take(entry: _Entry, line: int, name: str, parameters: str, value: str, zone: ZoneInfo) -> None:
    match name:
        case "DTSTART":
            entry.start = _moment(line, parameters, value, zone)
        case "DTEND":
            entry.end = _moment(line, parameters, value, zone)
        case "DURATION":
            entry.duration = _duration(line, value)
        case "RRULE":
            entry.rule = dict(part.split("=", 1) for part in value.upper().split(";") if "=" in part)
            _check_rule(line, entry.rule)
        case "EXDATE":
            entry.left_out.update(_day(_moment(line, parameters, one, zone)) for one in value.split(","))
        case "STATUS":
            entry.cancelled = value.strip().upper() == "CANCELLED"
        case _ if name in _CHANGES_TIMES:
            raise IcsFault(line, f"{name} is not read; write the occurrences as events of their own")
        case _:
            pass


def _moment(line: int, parameters: str, value: str, zone: ZoneInfo) -> date | datetime:
    """A date, or a time in the calendar's own zone without offset."""
    text = value.strip()
    try:
        if "T" not in text:
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
        moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError as fault:
        raise IcsFault(line, f"{text[:40]!r} is no date or time; write 20261225 or 20261225T080000Z") from fault
    own = re.search(r"TZID=\"?([^\";:]+)", parameters)
    if text.endswith("Z"):
        return moment.astimezone(zone).replace(tzinfo=None)
    if own is None:
        return moment.replace(tzinfo=None)
    try:
        return moment.replace(tzinfo=ZoneInfo(own[1])).astimezone(zone).replace(tzinfo=None)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise IcsFault(line, f"TZID={own[1]} is no IANA time zone") from fault


def _duration(line: int, value: str) -> timedelta:
    found = _DURATION.fullmatch(value.strip().upper())
    if found is None or not any(found.groups()):
        raise IcsFault(line, f"{value[:40]!r} is no duration; write PT1H or P1D")
    weeks, days, hours, minutes, seconds = (int(one or 0) for one in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _check_rule(line: int, rule: dict[str, str]) -> None:
    known = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", *({"BYDAY"} if rule.get("FREQ") == "WEEKLY" else ())}
    if rule.get("FREQ") not in {"DAILY", "WEEKLY", "YEARLY"} or set(rule) - known:
        odd = next(iter(sorted(set(rule) - known)), f"FREQ={rule.get('FREQ')}")
        raise IcsFault(line, f"RRULE with {odd} is not read; daily, weekly (BYDAY) and yearly repetition are")
    if not set(rule.get("BYDAY", "MO").split(",")) <= set(_DAYS):
        raise IcsFault(line, f"BYDAY={rule['BYDAY']} is not read; write MO,TU")
    for key in ("INTERVAL", "COUNT"):
        if not rule.get(key, "1").isdigit() or int(rule.get(key, "1")) == 0:
            raise IcsFault(line, f"{key}={rule[key]} is no number above 0")


def _occurrences(entry: _Entry) -> Iterator[tuple[date, date]]:
    start = entry.start
    if start is None:
        return
    length = entry.duration or (entry.end - start if entry.end is not None else timedelta(days=1))
    until = _until(entry)
    count = int(entry.rule.get("COUNT", "0")) or None
    for number, begun in enumerate(_starts(start, entry.rule)):
        if _day(begun) > until or (count is not None and number >= count):
            return
        if _day(begun) not in entry.left_out:
            yield begun, begun + length
        if not entry.rule:
            return


def _until(entry: _Entry) -> date:
    written = entry.rule.get("UNTIL", "")[:8]
    if not written:
        return date(LAST_YEAR, 12, 31)
    try:
        return datetime.strptime(written, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError as fault:
        raise IcsFault(entry.line, f"UNTIL={written} is no date") from fault


def _starts(start: date, rule: dict[str, str]) -> Iterator[date]:
    """Every start that a rule gives, in order, without end."""
    step = int(rule.get("INTERVAL", "1"))
    match rule.get("FREQ", ""):
        case "WEEKLY":
            wanted = sorted(_DAYS.index(day) for day in rule.get("BYDAY", _DAYS[start.weekday()]).split(","))
            monday = start - timedelta(days=start.weekday())
            for week in range(0, 53 * (LAST_YEAR - start.year + 1), step):
                yield from (day for one in wanted if (day := monday + timedelta(weeks=week, days=one)) >= start)
        case "YEARLY":
            for year in range(start.year, LAST_YEAR + 1, step):
                if not (start.month == 2 and start.day == 29 and not _is_leap(year)):
                    yield start.replace(year=year)
        case _:
            for offset in range(0, 366 * (LAST_YEAR - start.year + 1), step):
                yield start + timedelta(days=offset)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
