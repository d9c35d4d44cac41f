"""Searching the trail: newest first, a bounded number of entries for each page, and where to go on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from approvalbot.errors import BadInput
from approvalbot.plaintext import visible
from approvalbot.request.trail import Record
from approvalbot.store.trail import TrailStore

PAGE = 50
LOOK = 4000
"""Entries that one page reads at most: some 60 ms. A link goes on where it stopped."""

AT_ONCE = 1000
LONGEST = 200
WHOLE_ID = 20
"""Letters of a request's id: with all of them its own entries are read, and no others."""

NEAR = 200
"""Entries before and after a moment that are looked at too: in one instant they are not in the order of their times."""


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """What is looked for, as the address says it. `since` and `until` are in the reader's own time."""

    request: str = ""
    person: str = ""
    what: str = ""
    text: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "TrailQuery":
        """The query of an address.

        Raises:
            BadInput: a word of it is far too long.
        """
        found = {field.name: visible(query.get(field.name, "").strip()) for field in fields(cls)}
        for name, value in found.items():
            if len(value) > LONGEST:
                raise BadInput("parameter_invalid", f"{name} has at most {LONGEST} characters.")
        return cls(**found)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is looked for."""
        return not any(getattr(self, field.name) for field in fields(self))

    def query(self, **more: object) -> str:
        """The same as a query."""
        held = {field.name: getattr(self, field.name) for field in fields(self)}
        return urlencode({name: value for name, value in {**held, **more}.items() if value not in ("", None)})

    def holds(self, entry: Mapping[str, Any]) -> bool:
        """Whether an entry is one of those that are looked for, whenever it was written."""
        by = entry.get("by") or {}
        return (
            str(entry.get("request", "")).casefold().startswith(self.request.casefold())
            and self.what in {"", entry.get("what")}
            and _is_in(self.person, (by.get("key"), by.get("name"), by.get("slack")))
            and _is_in(self.text, (entry.get("hash"), *(entry.get("detail") or {}).values()))
        )


@dataclass(frozen=True, slots=True)
class Hits:
    """What a page found. `more` is the number to go on before, None where the trail was looked through."""

    records: tuple[Record, ...]
    more: int | None
    looked: int


def search(trail: TrailStore, query: TrailQuery, zone: ZoneInfo, before: int | None) -> Hits:
    """The newest entries before number `before` that are looked for.

    Raises:
        BadInput: a time that is none.
    """
    since, until = moment_of(query.since, zone), moment_of(query.until, zone)
    first, end = trail.start()[0].number + 1, before
    if since is not None:
        first = max(first, trail.number_at(since) - NEAR)
    if until is not None:
        last = trail.number_at(until) + NEAR
        end = last if end is None else min(end, last)
    records: list[Record] = []
    looked, number = 0, None
    for record in _backwards(trail, query, first, end):
        if len(records) == PAGE or looked == LOOK:
            return Hits(tuple(records), number, looked)
        looked, number = looked + 1, record.number
        if query.holds(record.entry) and _is_between(record.entry, since, until):
            records.append(record)
    return Hits(tuple(records), None, looked)


def moment_of(written: str, zone: ZoneInfo) -> datetime | None:
    """The moment that `2026-03-03T12:00` or `2026-03-03` is in a zone; None where nothing is written.

    Raises:
        BadInput: it is no time, or far from ours.
    """
    if not written:
        return None
    try:
        local = datetime.fromisoformat(written)
        moment = (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not 2000 <= moment.year < 2200:
        hint = "Write 2026-03-03T12:00, in your own time."
        raise BadInput("parameter_invalid", "{written} is no time.", hint=hint, written=repr(written[:40]))
    return moment


def _backwards(trail: TrailStore, query: TrailQuery, first: int, end: int | None) -> Iterator[Record]:
    """The entries from before `end` down to `first`, the newest first."""
    wanted = query.request.upper()
    if len(wanted) == WHOLE_ID and wanted.isalnum():
        for record in reversed(trail.of(wanted)):
            if first <= record.number and (end is None or record.number < end):
                yield record
        return
    while page := trail.back_from(end, AT_ONCE):
        for record in page:
            if record.number < first:
                return
            yield record
        end = page[-1].number


def _is_in(wanted: str, words: tuple[Any, ...]) -> bool:
    return not wanted or any(wanted.casefold() in str(word).casefold() for word in words if word)


def _is_between(entry: Mapping[str, Any], since: datetime | None, until: datetime | None) -> bool:
    if since is None and until is None:
        return True
    try:
        at = datetime.fromisoformat(str(entry.get("at")))
    except ValueError:
        return False
    return (since is None or at >= since) and (until is None or at < until)
