"""How many events each source sent lately: counted by the hour beside the capture, kept for a day and two hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redis import Redis

from approvalbot.store import keys
from approvalbot.store.raw import answering

HOURS = 24


@dataclass(frozen=True, slots=True)
class Lately:
    """New events of one source; a redelivery is not counted again. `matched` are those that a policy concerns."""

    last_hour: int = 0
    last_day: int = 0
    matched: int = 0


def received_lately(redis: Redis, sources: Sequence[str], now: datetime) -> dict[str, Lately]:
    """By source what came in this hour, and in it and the 23 before it."""
    this_hour = int(now.timestamp()) // 3600
    hours = range(this_hour, this_hour - HOURS, -1)
    with answering():
        pipe = redis.pipeline(transaction=False)
        for source in sources:
            for hour in hours:
                pipe.hmget(keys.received(source, hour), ["all", "matched"])
        answers = pipe.execute()
    found = {}
    for place, source in enumerate(sources):
        own = [[int(part or 0) for part in one] for one in answers[place * HOURS : (place + 1) * HOURS]]
        found[source] = Lately(own[0][0], sum(one[0] for one in own), sum(one[1] for one in own))
    return found
