"""match: what judging one event costs with few policies and with many, taken in turns."""

from dataclasses import dataclass
from datetime import UTC, datetime

from approvalbot.events.event import Event
from approvalbot.events.mapping import load_tables
from approvalbot.events.normalise import RawEvent, normalise
from approvalbot.policy.folder import Folder
from approvalbot.policy.matching import Match, Matcher
from approvalbot.policy.parse import load_policies
from approvalbot.reloading import uncollected
from bench.documents import SOURCE, Document, deploy_event, deploy_gate, others, surroundings
from bench.report import Claim, Report, Row, middle, spread
from bench.timing import best_of
from bench.written import held

FEW = 10
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Size:
    """The large sets, the events of one turn, and how many turns."""

    many: tuple[int, ...] = (1000, 10_000)
    events: int = 2000
    turns: int = 5


def run(size: Size = Size()) -> Report:
    """Judge the same events by ten policies and by more, in turns; one event in a hundred matches."""
    with uncollected():
        matchers = {count: _matcher(count) for count in (FEW, *size.many)}
    bodies = [_body(number) for number in range(size.events)]
    costs: dict[int, list[float]] = {count: [] for count in matchers}
    for _ in range(size.turns):
        for count, matcher in matchers.items():
            # Normalised anew each time: an event keeps what was looked up in it.
            events = [_event(body) for body in bodies]
            cost_s, _ = best_of(1, lambda matcher=matcher, events=events: _judge(matcher, events))  # type: ignore[misc]
            costs[count].append(cost_s / size.events * 1e6)
    largest = max(matchers)
    ratios = [many / few for many, few in zip(costs[largest], costs[FEW], strict=True)]
    same = all(
        told(one.match(event)) == told(one.match_all(event)) for one in matchers.values() for event in _some(bodies)
    )
    return Report(
        "match",
        f"{size.events:,} events of half a kilobyte, 1 in 100 matching, {size.turns} turns",
        [
            Row(f"{largest:,} policies ÷ {FEW} ({spread(ratios)})", middle(ratios), most=1.5),
            *(Row(f"{count:,} policies", min(found), "µs/event") for count, found in costs.items()),
        ],
        [Claim("the index finds what judging every policy finds", same)],
    )


def told(matches: tuple[Match, ...]) -> list[str]:
    """The policies of some matches."""
    return [match.key for match in matches]


def _matcher(count: int) -> Matcher:
    return load_policies(Folder.of(held([*surroundings(), *others(count - 1), deploy_gate()]))).matcher


def _body(number: int) -> Document:
    action = "deploy.requested" if number % 100 == 0 else f"build-{number % 37}.finished"
    return deploy_event(f"event-{number}", action=action)


def _some(bodies: list[Document]) -> list[Event]:
    return [_event(body) for body in bodies[:20]]


def _event(body: Document) -> Event:
    return normalise(load_tables()["generic"], RawEvent(body), source=SOURCE, headers={}, received_at=NOON)


def _judge(matcher: Matcher, events: list[Event]) -> int:
    return sum(len(matcher.match(event)) for event in events)
