"""timers: how late what is due happens, by the deadline set in Redis, the clock and a real worker.

Each request gives up a few seconds after it opened. They open evenly spread, so their deadlines are too. How late an
expiry is, is heard from outside: every commit publishes itself, and when that message comes is held against the
deadline that stands in Redis. Card posts and redraws go on meanwhile, as they would.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from redis.client import PubSub

from approvalbot.request.request import State
from approvalbot.store import keys
from approvalbot.store.connection import connect
from approvalbot.store.raw import raw
from approvalbot.store.trail import TrailStore
from bench.control import control
from bench.documents import deploy_event, deploy_gate
from bench.opening import open_one
from bench.report import Claim, Report, latencies
from bench.stage import make_house
from bench.wholebot import WholeBot, whole_bot

TIMEOUT_S = 6
LATEST_S = 30.0
"""Seconds after the last deadline by which everything must have expired."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many deadlines, over how many seconds."""

    deadlines: int = 200
    spread_s: float = 5.0


def run(size: Size = Size()) -> Report:
    """Open requests, hear them expire."""
    with whole_bot(deploy_gate(timeout=f"{TIMEOUT_S}s")) as bot:
        redis = connect(bot.redis_url)
        ears: PubSub = redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        ears.subscribe(keys.CHANGES)
        due = _open(bot, redis, size)
        with control() as unrest:
            expired = _hear(ears, due)
        written = [
            (str(one.entry["request"]), datetime.fromisoformat(one.entry["at"]).timestamp())
            for one in TrailStore(redis).records()
            if one.entry["what"] == State.EXPIRED.value
        ]
        ears.close()
        redis.close()
    late_s = [at - due[name] for name, at in expired.items()]
    early = [name for name, at in written if at < due[name]] + [name for name, at in expired.items() if at < due[name]]
    return Report(
        "timers",
        f"{size.deadlines} deadlines over {size.spread_s:g} s, heard from outside once the expiry is committed",
        [*latencies("late", late_s, p99_ms=50), *unrest],
        [
            Claim("every request expired", set(expired) == set(due), f"{len(expired)} of {len(due)}"),
            Claim("the trail has one expiry of each", sorted(name for name, _ in written) == sorted(due)),
            Claim("none expired early", not early, f"{len(early)}"),
        ],
    )


def _open(bot: WholeBot, redis: Redis, size: Size) -> dict[str, float]:
    """Open the requests; gives each one's deadline as Redis holds it, in seconds since 1970."""
    house = make_house(bot.redis_url, bot.folder / "policies", slack_url=f"{bot.slack_url}/api/")
    begun, due = time.monotonic(), {}
    for number in range(size.deadlines):
        time.sleep(max(0.0, begun + number * size.spread_s / size.deadlines - time.monotonic()))
        name = open_one(house, deploy_event(f"timer-{number}"))
        due[name] = float(redis.zscore(keys.DEADLINES, name) or 0) / 1000
    return due


def _hear(ears: PubSub, due: dict[str, float]) -> dict[str, float]:
    """What expired, and when that was heard: by this machine's clock, which is Redis' clock too."""
    expired: dict[str, float] = {}
    until = time.monotonic() + TIMEOUT_S + LATEST_S
    while len(expired) < len(due) and time.monotonic() < until:
        message = ears.get_message(timeout=0.5)
        if message is not None:
            at = time.time()
            name, _, state = raw(message["data"]).decode().split(" ")
            if state == State.EXPIRED.value:
                expired.setdefault(name, at)
    return expired
