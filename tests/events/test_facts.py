"""The facts of an event: whatever a policy may name, it finds the same after they were kept and read again."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from approvalbot.cli.samples import ADMIN
from approvalbot.events.event import Event
from approvalbot.events.facts import event_of, facts_of
from approvalbot.policy.conditions.fields import EVENT_NAMES
from approvalbot.policy.templates import terminals_of
from tests.events.makers import MAPPING_OF, events_of, sample_headers, samples
from tests.events.makers import event_of as received

LOCAL = [
    received({"action": "deploy", "actor": {"id": "eve", "email": "eve@example.com", "groups": ["a", "b"]}, "id": "1"}),
    received(ADMIN, "aws.cloudtrail"),
    received({"action": "opened", "sender": {"login": "eve"}}, "github.webhook", {"x-github-event": "pull_request"}),
    received({"action": "nothing more"}),
]


def kept(event: Event) -> Event:
    return event_of(orjson.loads(orjson.dumps(facts_of(event))), event.raw)


def named(event: Event) -> dict[str, Any]:
    names = [*(name for name in EVENT_NAMES if name != "$event.dedupe_id"), "$header.x-github-event", "action", "id"]
    return {name: terminals_of(name, {}, event) for name in names}


@pytest.mark.parametrize("event", LOCAL, ids=range(len(LOCAL)))
def test_every_name_finds_what_it_found_before(event: Event) -> None:
    assert named(kept(event)) == named(event)


def test_every_name_finds_the_same_in_real_events(shared: Path) -> None:
    count = 0
    for sample in samples(shared):
        mapping = MAPPING_OF.get(sample["log_type"], "generic")
        for event in events_of(sample["event"], mapping, sample_headers(sample)):
            if isinstance(event, Event):
                count += 1
                assert named(kept(event)) == named(event)

    assert count > 230


def test_yesterdays_facts_are_still_read() -> None:
    event = event_of({"id": "1", "actor": {"id": "eve"}, "received_at": "2026-03-03T12:00:00+00:00"}, {"a": 1})

    assert (event.id, event.actor.id, event.actor.groups, event.outcome) == ("1", "eve", (), "unknown")
    assert event_of({}, {}).source_name == ""
