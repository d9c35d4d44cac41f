"""The outbox: who holds an effect, for how long, and what counts as an attempt."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from approvalbot.request.effects import Refresh
from approvalbot.store import keys
from approvalbot.store.guards import Guards
from approvalbot.store.outbox import LEASE_S, Outbox

EFFECT = "R:1:0"
LEASE_SHORT_S = 0.9

HOLDER = """
import sys, time
from approvalbot.store.connection import connect
from approvalbot.store.guards import Guards
from approvalbot.store.outbox import Outbox
redis = connect(sys.argv[1])
assert Outbox(redis).take(sys.argv[2], lease_s=float(sys.argv[3])) is not None
with Guards(redis).holding("drawing", "R", for_s=float(sys.argv[3])) as mine:
    assert mine
    print("holds", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def outbox(redis: Redis) -> Outbox:
    redis.zadd(keys.OUTBOX, {EFFECT: 0})
    redis.hset(keys.EFFECTS, EFFECT, Refresh().model_dump_json())
    return Outbox(redis)


def until(true: Callable[[], bool], within_s: float) -> float:
    """Seconds until it is true; fails past the bound."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within_s
        time.sleep(0.02)
    return time.monotonic() - began


def test_a_living_worker_keeps_its_effect_and_a_killed_ones_is_free_after_one_lease(
    outbox: Outbox, redis: Redis, valkey_url: str
) -> None:
    guards = Guards(redis)
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", HOLDER, valkey_url, EFFECT, str(LEASE_SHORT_S)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as holder:  # noqa: S603 - our own program
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"holds\n"
        ends = time.monotonic() + 3 * LEASE_SHORT_S
        while time.monotonic() < ends:
            assert outbox.take(EFFECT) is None
            assert not guards.hold("drawing", "R", "another", for_s=1)
            time.sleep(0.05)

        holder.send_signal(signal.SIGKILL)
        holder.wait()

        took = until(lambda: outbox.take(EFFECT) is not None, LEASE_SHORT_S + 2)
        until(lambda: guards.hold("drawing", "R", "another", for_s=1), LEASE_SHORT_S + 2)
    assert took < LEASE_SHORT_S + 1
    assert LEASE_S <= 15, "so long an effect waits whose worker was killed"


def test_a_wait_is_no_attempt_and_still_fences_the_take_before(outbox: Outbox) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    for _ in range(5):
        waited = outbox.take(EFFECT)
        assert waited is not None
        assert waited.attempt == 1
        assert outbox.later(waited, past, tried=False)
    tried = outbox.take(EFFECT)
    assert tried is not None
    assert outbox.later(tried, past)

    last = outbox.take(EFFECT)

    assert last is not None
    assert (last.attempt, last.fence) == (2, 7)
    assert outbox.soonest(1)[0].attempts == 2
    assert not outbox.done(tried), "an earlier take is fenced off"
    assert outbox.done(last)
    assert outbox.waiting() == 0


def test_what_was_put_back_is_not_taken_before_its_time(outbox: Outbox) -> None:
    taken = outbox.take(EFFECT, lease_s=0.3)
    assert taken is not None

    outbox.later(taken, datetime.now(UTC) + timedelta(seconds=30), tried=False)

    ends = time.monotonic() + 0.7
    while time.monotonic() < ends:
        assert outbox.take(EFFECT) is None, "a renewal that comes late must not move it"
        time.sleep(0.05)
