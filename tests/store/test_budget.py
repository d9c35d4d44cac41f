"""Budgets as several processes share them."""

import time
from collections.abc import Callable

import pytest
from redis import Redis

from approvalbot.store import keys
from approvalbot.store.budget import Bucket, Budgets
from approvalbot.store.connection import connect


def bucket(name: str = "channel:C1", rate: float = 2.0, burst: float = 3.0, reserve: float = 0.0) -> Bucket:
    return (name, rate, burst, reserve)


@pytest.fixture
def budgets(redis: Redis) -> Budgets:
    return Budgets(redis)


def until(true: Callable[[], bool], within_s: float) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within_s
        time.sleep(0.01)
    return time.monotonic() - began


def test_a_burst_is_let_through_and_then_the_rate_for_all_processes_together(
    redis: Redis, valkey_url: str, budgets: Budgets
) -> None:
    with connect(valkey_url) as client:
        another = Budgets(client)
        taken = [one.take([bucket()]) for one in (budgets, another, budgets, another)]

        assert taken[:3] == [0, 0, 0]
        assert 0.3 < taken[3] <= 0.5, "the seconds until there is one"
        until(lambda: budgets.take([bucket()]) == 0, 2)
        assert another.take([bucket()]) > 0


def test_a_write_takes_of_every_bucket_or_of_none(budgets: Budgets) -> None:
    empty = bucket("posts", burst=1)
    assert budgets.take([empty]) == 0

    for _ in range(5):
        assert budgets.take([bucket(), empty]) > 0

    assert [budgets.take([bucket()]) for _ in range(3)] == [0, 0, 0]


def test_what_is_less_urgent_leaves_some_to_what_is_more(budgets: Budgets) -> None:
    assert budgets.take([bucket(reserve=2)]) == 0
    assert budgets.take([bucket(reserve=2)]) > 0
    assert budgets.take([bucket(reserve=1)]) == 0
    assert budgets.take([bucket(reserve=1)]) > 0
    assert budgets.take([bucket()]) == 0


def test_what_slack_stopped_is_frozen_for_every_process_and_nothing_else_is(valkey_url: str, budgets: Budgets) -> None:
    budgets.freeze("channel:C1", 0.6)
    budgets.freeze("channel:C1", 0.1)
    with connect(valkey_url) as client:
        another = Budgets(client)

        assert 0.4 < another.take([bucket()]) <= 0.6, "a shorter freeze does not end a longer one"
        assert another.take([bucket("channel:C2")]) == 0
        took = until(lambda: another.take([bucket()]) == 0, 2)

    assert took > 0.3
    assert budgets.take([bucket()]) > 0, "after it comes one write, not a burst"


def test_waits_are_counted_by_what_was_waited_for(redis: Redis, budgets: Budgets) -> None:
    budgets.freeze("method:chat.update", 5)
    budgets.take([bucket("method:chat.update")])
    budgets.take([bucket("method:chat.update")])

    assert redis.hgetall(keys.BUDGET_WAITS) == {b"method": b"2"}
