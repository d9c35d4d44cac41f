"""From a delivered body to normalised events: unwrap, split, detect, and then each field when it is asked for.

A bad event is a value with a reason. It is counted and refused, it is not matched, and it spoils no other event of the
same delivery.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from approvalbot.errors import BadInput
from approvalbot.events.digests import digest_of, identity_of
from approvalbot.events.event import Actor, Event, Origin, Outcome, Resource
from approvalbot.events.expressions import Delivery
from approvalbot.events.lazy import Lazy
from approvalbot.events.mapping import Table, Unwrap
from approvalbot.events.paths import compile_path
from approvalbot.events.reading import read_json
from approvalbot.events.values import fan_out


class RawEvent(NamedTuple):
    """One event as its source wrote it. `part` tells apart events of one delivery that share an id."""

    raw: Mapping[str, Any]
    envelope: Any = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class BadEvent:
    """Something in a delivery that is no event of this source, and why."""

    reason: str

    def fault(self) -> BadInput:
        """The same as a refusal."""
        return BadInput("event_invalid", "{reason}", reason=self.reason)


def unwrap(table: Table, body: Any) -> list[RawEvent | BadEvent]:
    """The events of one delivered body, in order; a list is a body each."""
    if type(body) is dict and table.is_bare(body):
        return [RawEvent(body)]
    found = list(_found(table, body))
    if table.id_from_headers and len(found) > 1:
        # A header names the whole delivery, so its events need a part of their own.
        found = [_with_part(event, str(place)) for place, event in enumerate(found, start=1)]
    return [_checked(table, event) if isinstance(event, RawEvent) else event for event in found]


def normalise(
    table: Table,
    raw: RawEvent,
    *,
    source: str,
    headers: Mapping[str, str],
    received_at: datetime,
    constants: Mapping[str, str] = {},
) -> Event:
    """The normalised event. `source` is our name of the sender, `received_at` is aware and in UTC.

    `headers` are the delivered headers, lower-cased, that the table or the policies may see (`visible_headers`).
    """
    event = _Normalised.__new__(_Normalised)
    # A frozen event takes no assignments; what it starts with is put in at once.
    values = {
        "raw": raw.raw,
        "received_at": received_at,
        "headers": headers,
        "source_name": source,
        "_table": table,
        "_part": raw.part,
        "_delivery": Delivery(raw.raw, headers, received_at, raw.envelope, constants, {}),
    }
    object.__setattr__(event, "__dict__", values)
    return event


def normalise_in_its_time(
    table: Table,
    raw: RawEvent,
    *,
    source: str,
    headers: Mapping[str, str],
    otherwise: datetime,
    constants: Mapping[str, str] = {},
) -> Event:
    """The same for an event of the past: received when it happened, or at `otherwise` where it does not say when."""
    event = normalise(table, raw, source=source, headers=headers, received_at=otherwise, constants=constants)
    happened = event.time
    if happened is not None:
        # Nobody has seen the event yet; making a second one would cost as much again, for every line of a replay.
        values = vars(event)
        values["received_at"] = happened
        values["_delivery"] = Delivery(raw.raw, headers, happened, raw.envelope, constants, values["_delivery"].folded)
    return event


def visible_headers(table: Table, headers: Mapping[str, str], allowed: Iterable[str] = ()) -> dict[str, str]:
    """Those of a request's headers that its events may carry: the ones the table reads, and the source's own list."""
    wanted = table.headers.union(name.lower() for name in allowed)
    return {name.lower(): value for name, value in headers.items() if name.lower() in wanted}


class _Normalised(Event):
    """An event whose fields are looked up when they are first asked for."""

    _table: Table
    _delivery: Delivery
    _part: str
    source_name: str  # stored, so that asking for it looks up no field

    def _text(self, field: str) -> str | None:
        row = self._table.texts.get(field)
        return None if row is None else row(self._delivery)

    def text(self, field: str) -> str | None:
        # Alone: an actor has seven rows, a resource some twenty paths, and most policies ask for one of them.
        part, _, name = field.partition(".")
        held = vars(self).get(part)
        if held is None and field in self._table.texts:
            return self._text(field)
        return super().text(field) if field == "source.name" else getattr(held, name, None)

    @Lazy
    def id(self) -> str | None:
        found = self._text("id")
        return f"{found}#{self._part}" if found and self._part else found

    @Lazy
    def identity(self) -> str:
        return identity_of(self.source_name, self.id, self.raw)

    @Lazy
    def digest(self) -> str:
        return digest_of(self.raw)

    @Lazy
    def source(self) -> Origin:
        return Origin(
            name=self.source_name,
            service=self._text("source.service"),
            tenant=self._text("source.tenant"),
            region=self._text("source.region"),
        )

    @Lazy
    def time(self) -> datetime | None:
        return self._table.time(self._delivery)

    @Lazy
    def action(self) -> str | None:
        return self._text("action")

    @Lazy
    def actor(self) -> Actor:
        return Actor(
            id=self._text("actor.id"),
            name=self._text("actor.name"),
            email=self._text("actor.email"),
            type=self._text("actor.type"),
            ip=self._text("actor.ip"),
            user_agent=self._text("actor.user_agent"),
            groups=self._list("actor.groups"),
        )

    @Lazy
    def resource(self) -> Resource:
        return Resource(
            id=self._text("resource.id"), type=self._text("resource.type"), name=self._text("resource.name")
        )

    @Lazy
    def outcome(self) -> Outcome:
        return self._table.outcome(self._delivery)

    @Lazy
    def reason(self) -> str | None:
        return self._text("reason")

    @Lazy
    def links(self) -> tuple[str, ...]:
        return tuple(link for link in self._list("links") if link.startswith("https://"))

    def _list(self, field: str) -> tuple[str, ...]:
        row = self._table.lists.get(field)
        return () if row is None else row(self._delivery)


def _found(table: Table, body: Any) -> Iterator[RawEvent | BadEvent]:
    if isinstance(body, list):
        for item in body:
            yield from _found(table, item)
    elif not isinstance(body, dict):
        yield BadEvent(f"an event is a JSON object, not {_kind(body)}")
    else:
        for value in _unwrapped(table, body):
            if isinstance(value, BadEvent):
                yield value
            elif not isinstance(value, dict):
                yield BadEvent(f"an event is a JSON object, not {_kind(value)}")
            else:
                yield from _split(table, value, None if value is body else body)


def _unwrapped(table: Table, body: dict[str, Any]) -> list[Any]:
    for place in table.unwrap:
        found = place.find(body, {})
        if place.decode and found:
            return [_decoded(place, value) for value in found]
        if place.many and any(isinstance(value, list) for value in found):
            return list(fan_out(found))
        if not place.many and any(isinstance(value, dict) for value in found):
            return found
    return [body]


def _decoded(place: Unwrap, value: Any) -> Any:
    try:
        return read_json(base64.b64decode(value, validate=True))
    except (BadInput, binascii.Error, TypeError, ValueError) as fault:
        return BadEvent(f"{place.name} is not base64 of JSON: {fault}")


def _split(table: Table, value: dict[str, Any], envelope: Any) -> Iterator[RawEvent | BadEvent]:
    parts = [] if table.split is None else list(fan_out(table.split(value, {})))
    if not parts:
        yield RawEvent(value, envelope)
        return
    rest = {key: inner for key, inner in value.items() if key.casefold() != table.split_key.casefold()}
    seen: dict[str, int] = {}
    for part in parts:
        if not isinstance(part, dict):
            yield BadEvent(f"{table.split_key} holds {_kind(part)} where an object belongs")
            continue
        # One activity may hold the same event name twice; the later ones are events of their own.
        name = str(part.get("name"))
        seen[name] = seen.get(name, 0) + 1
        yield RawEvent({**rest, **part}, envelope, str(seen[name]) if seen[name] > 1 else "")


def _with_part(event: RawEvent | BadEvent, part: str) -> RawEvent | BadEvent:
    return event if isinstance(event, BadEvent) else RawEvent(event.raw, event.envelope, part)


def _checked(table: Table, event: RawEvent) -> RawEvent | BadEvent:
    for key in table.detect:
        if key not in event.raw:
            lacking = [key for key in table.detect if not _has(event.raw, key)]
            if lacking:
                return BadEvent(f"it has no {', '.join(lacking)}, so it is no event of the mapping {table.name}")
            break
    return event


def _has(raw: Mapping[str, Any], path: str) -> bool:
    return bool(compile_path(path)(raw, {}))


def _kind(value: Any) -> str:
    return {str: "a text", bool: "a boolean", int: "a number", float: "a number", list: "a list"}.get(
        type(value), "null"
    )
