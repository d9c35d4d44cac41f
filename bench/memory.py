"""memory: what a pending request holds in Redis, once its card is posted and its people are named.

The whole is what the server's allocator says (`used_memory`) before and after, divided by the requests; the parts are
what Redis says of each key. Requests are opened and announced by the functions the web process and the workers run;
the event itself is kept elsewhere, in the capped stream of its source, and is not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from redis import Redis

from approvalbot.flow.perform import perform
from approvalbot.store import keys
from approvalbot.store.raw import text
from approvalbot.wiring.house import House
from bench.documents import GROUPS, SOURCE, deploy_gate, surroundings, write
from bench.opening import open_requests
from bench.report import Claim, Report, Row
from bench.stage import free_port, listening, make_house, process, room

SHARED = {
    "trail": keys.TRAIL,
    "deadline": keys.DEADLINES,
    "outbox": keys.OUTBOX,
    "effects": keys.EFFECTS,
    "index by state": keys.in_state("pending"),
    "index by source": keys.of_source(SOURCE),
}
"""What all requests share, by what it is for."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many requests."""

    requests: int = 3000


class Nowhere:
    """Carries nothing to any worker; it notes what it was given, so that it can be performed here."""

    def __init__(self) -> None:
        self.effects: list[str] = []

    def send(self, effect_ids: Sequence[str], *, first: bool = False) -> None:  # noqa: ARG002 - all are performed anyway
        self.effects.extend(effect_ids)

    def wake(self, request_ids: Sequence[str]) -> None:
        raise AssertionError(f"nothing is due here, but {request_ids} were woken")


def run(size: Size = Size()) -> Report:
    """Open, measure, announce, measure again."""
    port = free_port()
    with room() as (folder, url), process("bench.slackstub", str(port)) as slack, listening(slack, port, "/posted"):
        policies = write(folder / "policies", *surroundings(callback=True), deploy_gate(asking=GROUPS[:1]))
        house = make_house(url, policies, slack_url=f"http://127.0.0.1:{port}/api/")
        carrier = Nowhere()
        house = replace(house, journey=replace(house.journey, outgoing=carrier))
        _open_and_announce(house, carrier, 200, "warm")
        before = used(house.redis)
        names = open_requests(house, size.requests)
        opened = used(house.redis)
        _perform_all(house, carrier)
        announced = used(house.redis)
        rows = _rows(house.redis, names, (opened - before) / size.requests, (announced - before) / size.requests)
        pending = sum(request.state.value == "pending" for request in house.requests.find_many(names))
        waiting = house.outbox.waiting()
    return Report(
        "memory",
        f"{size.requests:,} pending requests, one event of half a kilobyte each, one level of 14 people",
        rows,
        [
            Claim("all are pending", pending == size.requests, f"{pending}"),
            Claim("nothing is left in the outbox", waiting == 0, f"{waiting}"),
        ],
    )


def used(redis: Redis) -> int:
    """Bytes that the server's data takes."""
    told: Any = redis.info("memory")
    return int(told["used_memory"])


def _open_and_announce(house: House, carrier: Nowhere, count: int, name: str) -> None:
    """What is kept once, such as looked-up people and compiled scripts, is not what a request costs."""
    open_requests(house, count, name=name)
    _perform_all(house, carrier)


def _perform_all(house: House, carrier: Nowhere) -> None:
    while carrier.effects:
        perform(house.journey, carrier.effects.pop())


def _rows(redis: Redis, names: Sequence[str], opened: float, announced: float) -> list[Row]:
    own = {"request": keys.request, "about": keys.about, "posting": keys.postings}
    about = sum(_size(redis, keys.about(name)) for name in names) / len(names)
    rows = [
        Row("a pending request beyond its event", announced - about, "B", most=800),
        Row("with what it says of its event", announced, "B"),
        Row("just opened, its first effect in the outbox", opened, "B"),
    ]
    for what, key in own.items():
        rows.append(Row(f"of these: {what}", sum(_size(redis, key(name)) for name in names) / len(names), "B"))
    for what, key_name in SHARED.items():
        count = int(redis.zcard(keys.in_state("pending")))
        rows.append(Row(f"of these: {what}", _size(redis, key_name) / count, "B"))
    stored = len(text(redis.get(keys.request(names[0])) or ""))
    return [*rows, Row("the request's own text", stored, "B")]


def _size(redis: Redis, key: str) -> int:
    return int(redis.memory_usage(key, samples=0) or 0)
