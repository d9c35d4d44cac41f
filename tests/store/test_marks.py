"""What is remembered for a while: received events, first times, buckets, locks; and the server we may start on."""

import asyncio
from pathlib import Path

import pytest
from redis import Redis

from approvalbot.errors import SettingsFault, Unavailable
from approvalbot.store import keys
from approvalbot.store.capture import Capture, Received, Seen
from approvalbot.store.connection import check_address, check_server, connect, connect_async
from approvalbot.store.embedded import LONGEST_SOCKET_PATH, embedded_valkey, socket_path
from approvalbot.store.guards import Guards


def event(identity: str, digest: str = "d1") -> Received:
    return Received("deploy-tool", identity, digest, "prod-deploy-gate", b"{}", keep_s=60)


def record(url: str, *events: Received, cap: int = 100) -> list[Seen | None]:
    async def run() -> list[Seen | None]:
        client = connect_async(url)
        try:
            return [one.seen for one in await Capture(client, cap=cap).record_all(events)]
        finally:
            await client.aclose(close_connection_pool=True)

    return asyncio.run(run())


def test_an_event_is_new_once_and_its_digest_is_told_after(redis: Redis, valkey_url: str) -> None:
    assert record(valkey_url, event("e1"), event("e2"), event("e1", "d2")) == [
        None,
        None,
        Seen("d1", "prod-deploy-gate"),
    ]
    assert record(valkey_url, event("e1")) == [Seen("d1", "prod-deploy-gate")]
    assert redis.xlen(keys.captured("deploy-tool")) == 2


def test_the_capture_keeps_the_newest_and_can_be_off(redis: Redis, valkey_url: str) -> None:
    record(valkey_url, *(event(f"e{n}") for n in range(1000)), cap=100)
    assert int(redis.xlen(keys.captured("deploy-tool"))) < 400

    redis.flushall()
    record(valkey_url, event("e1"), cap=0)
    assert not redis.exists(keys.captured("deploy-tool"))


def test_an_event_is_not_taken_while_the_store_is_away(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        record(f"unix://{tmp_path}/nobody.sock", event("e1"))


def test_a_first_time_is_one(redis: Redis) -> None:
    guards = Guards(redis)

    assert [guards.first_time("press", "a", keep_s=5) for _ in range(3)] == [True, False, False]
    guards.forget("press", "a")
    assert guards.first_time("press", "a", keep_s=5)


def test_a_bucket_says_when_the_next_token_is_there(redis: Redis) -> None:
    guards = Guards(redis)
    waits = [guards.wait_s("access", "eve", rate_per_s=0.1, burst=2) for _ in range(3)]

    assert waits[:2] == [0, 0]
    assert 9 < waits[2] <= 10
    assert guards.wait_s("access", "dan", rate_per_s=0.1, burst=2) == 0


def test_a_lock_is_given_back_by_its_holder_alone(redis: Redis) -> None:
    guards = Guards(redis)
    assert guards.hold("sweep", "x", "mine", for_s=5)
    assert not guards.hold("sweep", "x", "yours", for_s=5)

    guards.release("sweep", "x", "yours")
    assert not guards.hold("sweep", "x", "yours", for_s=5)
    guards.release("sweep", "x", "mine")
    assert guards.hold("sweep", "x", "yours", for_s=5)


@pytest.mark.parametrize(
    ("name", "value", "word"), [("maxmemory-policy", "allkeys-lru", "eviction"), ("appendonly", "no", "no-aof")]
)
def test_a_server_that_would_lose_decisions_is_refused_unless_allowed_by_name(
    redis: Redis, name: str, value: str, word: str
) -> None:
    before = redis.config_get(name)
    redis.config_set(name, value)
    try:
        with pytest.raises(SettingsFault, match=word):
            check_server(redis, (), "mark")
        check_server(redis, (word,), "mark")
    finally:
        redis.config_set(name, str(next(iter(before.values()))))


def test_processes_with_different_secrets_do_not_share_a_store(redis: Redis) -> None:
    check_server(redis, (), "one")

    check_server(redis, (), "one")
    with pytest.raises(SettingsFault, match="APPROVALBOT_SECRET"):
        check_server(redis, (), "two")


@pytest.mark.parametrize("url", ["redis://cache.example.com:6379/0", "rediss://cache.example.com/0"])
def test_a_far_store_wants_tls_and_a_password(url: str) -> None:
    with pytest.raises(SettingsFault, match="plain-redis"):
        check_address(url, ())
    check_address(url, ("plain-redis",))
    check_address("rediss://:pw@cache.example.com/0", ())
    check_address("redis://localhost:6379", ())


def test_the_embedded_store_keeps_its_data_and_is_shared(tmp_path: Path) -> None:
    with embedded_valkey(tmp_path / "v") as url, embedded_valkey(tmp_path / "v") as again:
        assert again == url
        connect(url).set("kept", "1")
    with embedded_valkey(tmp_path / "v") as url:
        assert connect(url).get("kept") == b"1"


def test_a_deep_folder_still_gets_a_socket_that_fits(tmp_path: Path) -> None:
    assert len(str(socket_path(tmp_path / ("deep" * 40)))) <= LONGEST_SOCKET_PATH
