"""The facts of an event: its normalised values as plain data, to be kept beside what it was delivered as.

A rule that is made later asks an event for any of its fields, and a mapping table may have changed by then. The form is
append-only: new keys may come, old ones keep their meaning, and a missing one is null.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from approvalbot.events.event import Actor, Event, Origin, Resource

_PARTS = {
    "actor": ("id", "name", "email", "type", "ip", "user_agent", "groups"),
    "resource": ("id", "type", "name"),
    "source": ("name", "service", "tenant", "region"),
}
_PLAIN = ("id", "action", "outcome", "reason")


def facts_of(event: Event) -> dict[str, Any]:
    """The normalised values that are there, as JSON has them."""
    facts: dict[str, Any] = {name: value for name in _PLAIN if (value := getattr(event, name)) is not None}
    for part, names in _PARTS.items():
        held = getattr(event, part)
        facts[part] = {name: value for name in names if (value := getattr(held, name)) not in {None, ()}}
    if event.time is not None:
        facts["time"] = event.time.isoformat()
    facts["received_at"] = event.received_at.isoformat()
    if event.headers:
        facts["headers"] = dict(event.headers)
    return {name: value for name, value in facts.items() if value != {}}


def event_of(facts: Mapping[str, Any], raw: Mapping[str, Any]) -> Event:
    """The event that has these facts, delivered as `raw`. It has no identity and no digest of its own."""
    actor = dict(facts.get("actor", {}))
    return Event(
        source=Origin(**{"name": "", **facts.get("source", {})}),
        received_at=_moment(facts.get("received_at")) or datetime(1970, 1, 1, tzinfo=UTC),
        raw=raw,
        id=facts.get("id"),
        time=_moment(facts.get("time")),
        action=facts.get("action"),
        actor=Actor(**{**actor, "groups": tuple(actor.get("groups", ()))}),
        resource=Resource(**facts.get("resource", {})),
        outcome=facts.get("outcome", "unknown"),
        reason=facts.get("reason"),
        headers=dict(facts.get("headers", {})),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
