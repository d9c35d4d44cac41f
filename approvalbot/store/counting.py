"""Counts over time, for policies that ask when several events come together. Each key ends with its own time span."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import orjson
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError

from approvalbot.errors import Unavailable
from approvalbot.store import keys
from approvalbot.store.raw import answering, raw, to_ms

MOST_TRIES = 20
"""Times a step of a chain is tried while other processes step on the same one."""

_COUNT = """
local time = redis.call('TIME')
local now = tonumber(ARGV[1]) or time[1] * 1000 + math.floor(time[2] / 1000)
local span, most = tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. (now - span))
for i = 4, #ARGV do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) or redis.call('ZCARD', KEYS[1]) < most then
    redis.call('ZADD', KEYS[1], 'GT', now, ARGV[i])
  end
end
redis.call('PEXPIRE', KEYS[1], span + 1000)
return redis.call('ZCARD', KEYS[1])
"""

Step = Callable[[Mapping[str, float], float], tuple[dict[str, float], bool]]


class CountStore:
    """Sorted sets with the time each member was last seen, and the chains of ordered rules."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._count = redis.register_script(_COUNT)

    def count(self, key: str, members: Sequence[str], *, span_s: int, most: int, at: datetime | None) -> int:
        """Add members, at Redis' own time unless `at` says when, and count those of the last `span_s` seconds.

        At most `most` are held: beyond that a new one is not added, and the count stays at `most`.
        """
        with answering():
            return int(self._count(keys=[keys.counted(key)], args=[to_ms(at), span_s * 1000, most, *members]))

    def chain(self, key: str, step: Step, *, span_s: int, at: datetime | None) -> bool:
        """Take one step: `step` is given the starts by rule and the time in seconds, and gives what to keep.

        Raises:
            Unavailable: the store does not answer, or others stepped in between every time.
        """
        name = keys.counted(key)
        with answering(), self._redis.pipeline() as pipe:
            for _ in range(MOST_TRIES):
                try:
                    return self._step(pipe, name, step, span_s, at)
                except WatchError:
                    continue
        raise Unavailable("Too many events of one group came at once; the event was not taken. Send it again.")

    @staticmethod
    def _step(pipe: Pipeline, name: str, step: Step, span_s: int, at: datetime | None) -> bool:
        pipe.watch(name)  # type: ignore[no-untyped-call]
        held = pipe.get(name)
        seconds, microseconds = pipe.time()
        at_s = at.timestamp() if at else int(seconds) + int(microseconds) / 1_000_000
        starts: dict[str, float] = orjson.loads(raw(held)) if held else {}
        made, complete = step(starts, at_s)
        pipe.multi()
        pipe.set(name, orjson.dumps(made), px=span_s * 1000 + 1000)
        pipe.execute()
        return complete
