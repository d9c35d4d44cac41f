"""What was captured is read again whole, in the order in which it came."""

from pathlib import Path

import pytest
from redis import Redis

from approvalbot.errors import Unavailable
from approvalbot.store import keys
from approvalbot.store.captured import PAGE, CapturedEvents
from approvalbot.store.connection import connect
from tests.store.test_marks import event, record


def test_every_page_is_read_the_oldest_first(redis: Redis, valkey_url: str) -> None:
    count = 2 * PAGE + 7
    record(valkey_url, *(event(f"e{number}") for number in range(count)), cap=10_000)

    held = CapturedEvents(redis, "deploy-tool")
    found = list(held)

    assert len(held) == count
    assert [one.identity for one in found] == [f"e{number}" for number in range(count)]
    assert found == sorted(found, key=lambda one: one.at)
    assert (found[0].body, dict(found[0].headers)) == (b"{}", {})


def test_an_entry_from_before_headers_were_kept_is_read(redis: Redis) -> None:
    redis.xadd(keys.captured("old"), {"id": "e1", "body": b'{"a":1}'})

    (found,) = CapturedEvents(redis, "old")

    assert (found.identity, found.body, dict(found.headers)) == ("e1", b'{"a":1}', {})


def test_a_source_of_which_nothing_was_captured_has_nothing(redis: Redis) -> None:
    assert list(CapturedEvents(redis, "nobody")) == []
    assert len(CapturedEvents(redis, "nobody")) == 0


def test_a_store_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        list(CapturedEvents(connect(f"unix://{tmp_path}/nobody.sock"), "x"))
