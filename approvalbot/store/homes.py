"""Whose home tab is to be drawn anew: those who opened it lately and whom a change concerns.

A tab is drawn some time after the first change, together with all that came meanwhile. What is taken and not drawn,
because its process died, is drawn with the next change, or when the tab is opened.
"""

from collections.abc import Iterable

from redis import Redis

from approvalbot.store import keys
from approvalbot.store.raw import answering, text

OPENED_FOR_S = 4 * 3600
"""Seconds for which a tab that was opened is kept up to date. Chosen by us: half a working day."""

COLLECT_S = 2.0
"""Seconds between a change and the drawing, in which others join it."""

_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, name in ipairs(due) do redis.call('ZREM', KEYS[1], name) end
return due
"""

_CHANGED = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for i = 2, #ARGV do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) then redis.call('ZADD', KEYS[2], 'NX', now + ARGV[1], ARGV[i]) end
end
return redis.call('ZCARD', KEYS[2])
"""

_OPENED = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + ARGV[1] * 1000, ARGV[2])
"""


class HomeMarks:
    """Marks in Redis, shared by every process."""

    def __init__(self, redis: "Redis") -> None:
        self._take = redis.register_script(_TAKE)
        self._changed = redis.register_script(_CHANGED)
        self._opened = redis.register_script(_OPENED)
        self._redis = redis

    def opened(self, slack: str) -> None:
        """Somebody opened their tab; what is drawn now has everything that changed before."""
        with answering():
            self._opened(keys=[keys.HOMES_OPENED], args=[OPENED_FOR_S, slack])
            self._redis.zrem(keys.HOMES_DUE, slack)

    def changed(self, people: Iterable[str]) -> None:
        """Something that these people's tabs show has changed."""
        names = list(dict.fromkeys(people))
        if names:
            with answering():
                self._changed(keys=[keys.HOMES_OPENED, keys.HOMES_DUE], args=[int(COLLECT_S * 1000), *names])

    def take_due(self, most: int) -> list[str]:
        """At most `most` people whose tabs are due, taken: no other process gets them."""
        with answering():
            return [text(name) for name in self._take(keys=[keys.HOMES_DUE], args=[most])]

    def later(self, slack: str, wait_s: float) -> None:
        """Draw it after so many seconds."""
        with answering():
            seconds, _ = self._redis.time()
            self._redis.zadd(keys.HOMES_DUE, {slack: (int(seconds) + wait_s) * 1000}, nx=True)
