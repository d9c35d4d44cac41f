"""Lists of requests, sessions and counts, on a real Valkey."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from approvalbot.request.request import Person
from approvalbot.request.trail import Draft
from approvalbot.store import keys
from approvalbot.store.capture import Capture, Received
from approvalbot.store.chains import Chains
from approvalbot.store.connection import connect_async
from approvalbot.store.listing import Listing, Place
from approvalbot.store.received import Lately, received_lately
from approvalbot.store.server import server_state
from approvalbot.store.sessions import Sessions
from approvalbot.store.trail import TrailStore

ANN = Person(key="ann", name="Ann Ames", slack="U0ANN")


def test_pages_of_several_indexes_lose_nothing_that_opened_in_one_millisecond(redis: Redis) -> None:
    opened = {f"ID{number:03}": 1000 + number // 7 for number in range(100)}
    for number, (name, at_ms) in enumerate(opened.items()):
        redis.zadd(keys.in_state(("approved", "denied", "expired")[number % 3]), {name: at_ms})
    indexes = [keys.in_state(state) for state in ("approved", "denied", "expired")]

    seen, before = [], None
    while page := Listing(redis).page(indexes, before=before, most=9):
        seen += page
        before = Place.read(str(page[-1]))

    assert [place.id for place in seen] == sorted(opened, key=lambda name: (opened[name], name), reverse=True)
    assert Listing(redis).counts(indexes) == [34, 33, 33]


@pytest.mark.parametrize(
    "written", ["", "1", "1.", ".A", "-1.A", "1.a", "1.A\n", "1" * 16 + ".A", "1." + "A" * 41, "²."]
)
def test_a_place_that_no_link_of_ours_has_is_none(written: str) -> None:
    assert Place.read(written) is None


def test_the_trail_is_read_backwards_and_found_by_time(redis: Redis) -> None:
    trail, chains = TrailStore(redis), Chains(redis)
    began = datetime.now(UTC)
    for number in range(10):
        chains.append("policies", [Draft("policies_in_force", detail={"number": str(number)})])
    middle = datetime.fromisoformat(trail.back_from(6, 1)[0].entry["at"])

    assert [one.number for one in trail.back_from(None, 3)] == [10, 9, 8]
    assert [one.number for one in trail.back_from(3, 9)] == [2, 1]
    assert trail.back_from(1, 9) == trail.back_from(0, 9) == []
    assert trail.number_at(began - timedelta(hours=1)) == 1
    assert trail.number_at(datetime.now(UTC) + timedelta(hours=1)) == 11
    assert datetime.fromisoformat(trail.back_from(trail.number_at(middle) + 1, 1)[0].entry["at"]) >= middle


def test_an_entry_that_somebody_wrote_by_hand_is_read_as_an_empty_one(redis: Redis) -> None:
    redis.xadd(keys.TRAIL, {"anything": b"\xff"}, id="1-0")
    redis.xadd(keys.TRAIL, {"after": b"\xff", "entry": b"[1]"}, id="2-0")

    assert [one.entry for one in TrailStore(redis).records()] == [{}, {}]


def test_a_session_is_read_while_redis_takes_no_writes(redis: Redis) -> None:
    sessions = Sessions(redis)
    token = sessions.begin("U0BOB", {"csrf": "c"})
    redis.config_set("min-replicas-to-write", 1)
    try:
        found, takes_writes, faults = sessions.find(token), sessions.takes_writes, server_state(redis).faults
    finally:
        redis.config_set("min-replicas-to-write", 0)

    assert found == {"csrf": "c", "owner": "U0BOB"}
    assert not takes_writes
    assert faults == ("It has none of the replicas that it must write to.",)
    assert sessions.find(token)
    assert sessions.takes_writes
    assert server_state(redis).faults == ()


def test_only_live_sessions_are_counted(redis: Redis) -> None:
    sessions = Sessions(redis)
    first, _ = sessions.begin("U0BOB", {}), sessions.begin("U0BOB", {})

    sessions.end(first)

    assert (sessions.count("U0BOB"), sessions.count("U0ANN")) == (1, 0)


def test_new_events_are_counted_by_source_and_hour(redis: Redis, valkey_url: str) -> None:
    def event(source: str, name: str, verdict: str) -> Received:
        return Received(source, name, "d", verdict, b"{}", 60)

    async def send() -> None:
        client = connect_async(valkey_url)
        capture = Capture(client, cap=0)
        await capture.record_all([event("aws", str(number), "a,b" if number % 2 else "-") for number in range(9)])
        await capture.record_all([event("aws", "1", "a,b"), event("tool", "x", "-")])
        await client.aclose(close_connection_pool=True)

    asyncio.run(send())

    found = received_lately(redis, ["aws", "tool", "none"], datetime.now(UTC))
    assert found == {"aws": Lately(9, 9, 4), "tool": Lately(1, 1, 0), "none": Lately()}
    assert received_lately(redis, ["aws"], datetime.now(UTC) + timedelta(hours=5))["aws"] == Lately(0, 9, 4)
    assert 0 < int(redis.ttl(keys.received("aws", int(datetime.now(UTC).timestamp()) // 3600))) <= 93_600
