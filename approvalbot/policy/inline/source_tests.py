"""One test of a Sources document: a delivery, and what becomes of it."""

from typing import Any

from approvalbot.events.event import Event
from approvalbot.events.normalise import BadEvent, normalise, unwrap, visible_headers
from approvalbot.policy.conditions.fields import NameFault, event_field
from approvalbot.policy.conditions.view import View
from approvalbot.policy.environment import Source
from approvalbot.policy.inline.results import Difference
from approvalbot.policy.inline.shapes import DEFAULT_AT, SourceTest
from approvalbot.policy.inline.times import moment_of
from approvalbot.policy.people import may_send
from approvalbot.policy.policyset import PolicySet


def events_of(
    policies: PolicySet, source: Source, body: Any, headers: dict[str, str], at: str
) -> list[Event | BadEvent]:
    """The events that a delivery to a source becomes."""
    table = policies.tables[source.mapping]
    lowered = {name.lower(): value for name, value in headers.items()}
    return [
        raw
        if isinstance(raw, BadEvent)
        else normalise(
            table,
            raw,
            source=source.name,
            headers=visible_headers(table, lowered, source.headers),
            received_at=moment_of(at),
            constants=source.set,
        )
        for raw in unwrap(table, body)
    ]


def run_source_test(policies: PolicySet, test: SourceTest) -> list[Difference]:
    """What is not as the test expects."""
    source = policies.sources.get(test.source)
    if source is None:
        return [Difference("source", "a source of this folder", test.source)]
    events = events_of(policies, source, test.body, test.headers, DEFAULT_AT)
    refused = _refusal(source, events)
    if test.expect.refused is not None or refused:
        return [] if refused == (test.expect.refused or "") else [Difference("refused", test.expect.refused, refused)]
    found: list[Difference] = []
    if test.expect.events is not None and test.expect.events != len(events):
        found.append(Difference("events", test.expect.events, len(events)))
    wanted = test.expect.model_extra or {}
    first = next((event for event in events if isinstance(event, Event)), None)
    if first is not None:
        found += [difference for name, value in wanted.items() for difference in _field(first, name, value)]
    return found


def _refusal(source: Source, events: list[Event | BadEvent]) -> str:
    for event in events:
        if isinstance(event, BadEvent):
            return "event_invalid"
        if not may_send(source, event):
            return "tenant_not_allowed"
    return ""


def _field(event: Event, name: str, expected: Any) -> list[Difference]:
    try:
        values = View(event).values(event_field(name))
    except NameFault as fault:
        return [Difference(name, expected, fault.problem)]
    got = values[0] if len(values) == 1 else values or None
    return [] if got == expected else [Difference(name, expected, got)]
