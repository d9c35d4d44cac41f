"""Opens requests as the webhook does once an event has matched, without HTTP."""

from datetime import UTC, datetime

from approvalbot.events.event import Event
from approvalbot.events.normalise import RawEvent, normalise
from approvalbot.flow.receive import Received, receive
from approvalbot.policy.stages import judge_event
from approvalbot.wiring.house import House
from bench.documents import SOURCE, Document, deploy_event


def open_requests(house: House, count: int, *, action: str = "deploy.requested", name: str = "event") -> list[str]:
    """Open as many requests, each by an event of its own; gives their ids."""
    return [open_one(house, deploy_event(f"{name}-{action}-{number}", action=action)) for number in range(count)]


def open_one(house: House, body: Document) -> str:
    """Open the request of one event, which must match one policy; gives its id."""
    policies = house.policies
    event = event_of(house, body)
    matches = judge_event(policies, event, event.received_at).holds
    received = Received(policies.sources[SOURCE], event, event.identity, event.digest)
    (asked,) = receive(house.journey, received, matches)
    return asked.request.id


def event_of(house: House, body: Document) -> Event:
    """The normalised event of a body."""
    table = house.policies.tables[house.policies.sources[SOURCE].mapping]
    return normalise(table, RawEvent(body), source=SOURCE, headers={}, received_at=datetime.now(UTC))
