"""Replaying: many events through a set of policies, in the order of their times, and nothing of it happens.

Two passes, so that a million events need little room. While the lines are read, each event is matched, which needs no
state; nearly all of them concern no policy and are let go at once. Of the others no more is kept than correlation asks
for, and the line itself. When all are read, these are sorted by time and go on through the same pipeline as the inline
tests; a line is read once more where it may open a request.

An event arrives at the time its envelope says, else when it happened, else when the whole replay is said to take place.
Lines are read as the webhook reads NDJSON: one that is no event is told, counted, and spoils no other.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from approvalbot.errors import BadInput
from approvalbot.events.event import Event
from approvalbot.events.mapping import Table
from approvalbot.events.normalise import (
    BadEvent,
    RawEvent,
    normalise,
    normalise_in_its_time,
    unwrap,
    visible_headers,
)
from approvalbot.events.reading import check_keys, read_json
from approvalbot.policy.compiled import Compiled
from approvalbot.policy.envelopes import Delivered, opened
from approvalbot.policy.environment import Source
from approvalbot.policy.matching import Match, Matcher
from approvalbot.policy.people import may_send
from approvalbot.policy.pipeline import Pipeline, Prepared, Settled, prepare
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.replay.counting import Counting, Tally
from approvalbot.policy.replay.rows import Row, json_line

NOT_ITS_TENANT = "tenant_not_allowed: its tenant is not on the source's list; the door refuses it, so it opens nothing"


class SourceMissing(BadInput):
    """A raw event of which nobody says who sent it: a word that the whole replay lacks, not a fault of one line."""


@dataclass(slots=True)
class Read:
    """What was read: lines with something in them, events, lines that cannot be taken, events refused at the door.

    `span` is the first and the last moment, `days` are those on which something happened (as ordinals).
    """

    lines: int = 0
    events: int = 0
    bad_lines: int = 0
    refused: int = 0
    days: set[int] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of everything. `rows` has the lines that are worth a word, `blank` the numbers of empty ones."""

    read: Read
    rows: Mapping[int, Row]
    blank: frozenset[int]
    last_line: int
    tally: Tally

    def json_lines(self) -> Iterator[bytes]:
        """One line of JSON for each line with something in it, in their order."""
        for number in range(1, self.last_line + 1):
            if number not in self.blank:
                yield json_line(number, self.rows.get(number))


class _Heard(NamedTuple):
    """An event that matched: the `place`-th of its line. `refused` is one that its source's door would not let in."""

    line: int
    at: datetime
    matches: tuple[Prepared, ...]
    refused: bool
    body: bytes
    place: int
    came: Delivered


class _Line(NamedTuple):
    """A line that was read, and how it came."""

    number: int
    body: bytes
    came: Delivered
    only: str


class Replay:
    """A replay under way: `take` every line, then `finish`. `how` is how raw events came.

    Raises:
        BadInput: `how` names a source that is not in the set.
    """

    def __init__(self, policies: PolicySet, how: Delivered, compiled: Iterable[Compiled] | None = None) -> None:
        self.read = Read()
        self._policies = policies
        self._how = how
        chosen = policies.compiled if compiled is None else compiled
        self._matcher = Matcher.of(one for one in chosen if one.policy.mode != "off")
        self._heard: list[_Heard] = []
        self._rows: dict[int, Row] = {}
        self._blank: set[int] = set()
        self._last_line = 0
        if how.source:
            self._door(how.source)

    def take(self, number: int, body: bytes, how: Delivered | None = None, only: str = "") -> None:
        """One line. Numbers count from 1 and rise. Of several events in it, `only` is the identity of the one meant.

        Raises:
            SourceMissing: it is a raw event, and `how` names no source.
        """
        self._last_line = number
        body = body.strip()
        if not body:
            self._blank.add(number)
            return
        self.read.lines += 1
        try:
            read = read_json(body, strict=False)
            value, came = opened(read, how or self._how)
            found = self._matching(_Line(number, body, came, only), value)
            if found:
                # As the webhook does: what matches is read strictly.
                check_keys(body, read)
                self._heard += found
        except SourceMissing:
            raise
        except BadInput as fault:
            self._refuse(number, f"{fault.code}: {fault.text()}")

    def finish(self) -> Replayed:
        """What became of all of them."""
        pipeline = Pipeline(self._policies, self._matcher)
        counting = Counting(self._policies)
        for heard in sorted(self._heard, key=lambda one: one.at):
            row = self._rows.setdefault(heard.line, Row())
            for match in heard.matches:
                whole = _Whole(self, heard, match)
                # What is refused at the door leaves no trace in what is counted.
                refused = Settled(match.stopped, match.error)
                settled = refused if heard.refused else pipeline.settle(match, heard.at, whole)
                row.add(match.key, settled, refused=heard.refused)
                counting.add(heard.line, match.key, settled)
                if settled.stopped is None and not heard.refused:
                    counting.ask(whole(), heard.at)
        return Replayed(self.read, self._rows, frozenset(self._blank), self._last_line, counting.tally)

    def _matching(self, line: _Line, value: object) -> list[_Heard]:
        number, body, came, only = line
        if not came.source and isinstance(value, dict | list):
            raise _source_missing(number, self._policies)
        source, table = self._door(came.source)
        headers = visible_headers(table, came.headers, source.headers) if came.headers else {}
        found: list[_Heard] = []
        raws = unwrap(table, value)
        for place, raw in enumerate(raws):
            if isinstance(raw, BadEvent):
                self._refuse(number, f"event_invalid: {raw.reason}")
                continue
            event = _arrived(source, table, raw, headers, came)
            if only and len(raws) > 1 and event.identity != only:
                continue
            at = event.received_at
            self._count(at)
            refused = source.tenants is not None and not may_send(source, event)
            if refused:
                self.read.refused += 1
                self._rows.setdefault(number, Row()).error = NOT_ITS_TENANT
            matches = self._matcher.match(event)
            if matches:
                prepared = tuple([prepare(one, self._policies.calendars, at) for one in matches])
                found.append(_Heard(number, at, prepared, refused, body, place, came))
        return found

    def again(self, heard: _Heard, match: Prepared) -> Match:
        """The match itself, from the line it came in."""
        source, table = self._door(heard.came.source)
        value, came = opened(read_json(heard.body, strict=False), heard.came)
        raw = unwrap(table, value)[heard.place]
        assert isinstance(raw, RawEvent)  # noqa: S101 - it was one before
        headers = visible_headers(table, came.headers, source.headers)
        return Match(self._policies.by_key[match.key], _arrived(source, table, raw, headers, came), match.error)

    def _count(self, at: datetime) -> None:
        read = self.read
        read.events += 1
        read.days.add(at.toordinal())
        if read.first is None or at < read.first:
            read.first = at
        if read.last is None or at > read.last:
            read.last = at

    def _refuse(self, number: int, why: str) -> None:
        row = self._rows.setdefault(number, Row())
        if not row.error:
            self.read.bad_lines += 1
            row.error = why

    def _door(self, name: str) -> tuple[Source, Table]:
        source = self._policies.sources.get(name)
        if source is None:
            if not name:
                raise BadInput("event_invalid", "This is neither an event nor an envelope around one.")
            hint = f"Known are {', '.join(self._policies.sources) or 'none'}."
            raise BadInput("unknown_source", "There is no source {name} in this folder.", hint=hint, name=name)
        return source, self._policies.tables[source.mapping]


@dataclass(slots=True)
class _Whole:
    """A match with its event, read once more when somebody first asks for it."""

    replay: Replay
    heard: _Heard
    match: Prepared
    _made: Match | None = None

    def __call__(self) -> Match:
        if self._made is None:
            self._made = self.replay.again(self.heard, self.match)
        return self._made


def _arrived(source: Source, table: Table, raw: RawEvent, headers: Mapping[str, str], came: Delivered) -> Event:
    name, constants = source.name, source.set
    if came.timed:
        return normalise(table, raw, source=name, headers=headers, received_at=came.at, constants=constants)
    return normalise_in_its_time(table, raw, source=name, headers=headers, otherwise=came.at, constants=constants)


def _source_missing(number: int, policies: PolicySet) -> SourceMissing:
    sentence = "line {number}: This is a raw event, and nobody says which source sent it."
    hint = f"Say --source NAME; known are {', '.join(policies.sources) or 'none'}."
    return SourceMissing("event_invalid", sentence, hint=hint, number=number)
