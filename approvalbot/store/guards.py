"""Short-lived marks that several processes share: what was already received, how fast, and what was looked up."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

from approvalbot.store import keys
from approvalbot.store.leases import Leases
from approvalbot.store.raw import answering, text

_BUCKET = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local rate, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, (tonumber(held[1]) or burst) + (now - (tonumber(held[2]) or now)) * rate)
local wait = 0
if tokens < cost then wait = (cost - tokens) / rate else tokens = tokens - cost end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return tostring(wait)
"""

_EXTEND = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Guards:
    """Marks in Redis, each with an end."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._bucket = redis.register_script(_BUCKET)
        self._extend = redis.register_script(_EXTEND)
        self._release = redis.register_script(_RELEASE)
        self._leases = Leases()

    def first_time(self, what: str, value: str, *, keep_s: int) -> bool:
        """Whether `value` is seen for the first time in `keep_s` seconds; from now on it is not."""
        with answering():
            return bool(self._redis.set(keys.guard(what, value), b"", nx=True, ex=keep_s))

    def remember(self, what: str, value: str, answer: str, *, keep_s: int) -> None:
        """Keep a text under `value` for a while."""
        with answering():
            self._redis.set(keys.guard(what, value), answer, ex=keep_s)

    def recall(self, what: str, value: str) -> str | None:
        """The text kept under `value`, or None."""
        with answering():
            found = self._redis.get(keys.guard(what, value))
        return None if found is None else text(found)

    def forget(self, what: str, value: str) -> None:
        """Drop what was kept."""
        with answering():
            self._redis.delete(keys.guard(what, value))

    def wait_s(self, what: str, value: str, *, rate_per_s: float, burst: float, cost: float = 1) -> float:
        """Take `cost` tokens from a bucket. 0: taken. Otherwise none was, and the seconds until that many are there."""
        with answering():
            return float(
                text(self._bucket(keys=[keys.guard(what, value)], args=[str(rate_per_s), str(burst), str(cost)]))
            )

    def hold(self, what: str, value: str, token: str, *, for_s: float) -> bool:
        """Take a lock for a time; False when somebody else has it."""
        with answering():
            return bool(self._redis.set(keys.guard(what, value), token, nx=True, px=int(for_s * 1000)))

    @contextmanager
    def holding(self, what: str, value: str, *, for_s: float) -> Iterator[bool]:
        """Hold a lock while something is done, however long it takes; `for_s` is how long it outlives a killed process.

        Gives False, and holds nothing, while somebody else has it.
        """
        token = secrets.token_hex(8)
        if not self.hold(what, value, token, for_s=for_s):
            yield False
            return
        self._leases.keep(token, lambda: self._hold_longer(what, value, token, for_s), for_s)
        try:
            yield True
        finally:
            self._leases.let_go(token)
            self.release(what, value, token)

    def _hold_longer(self, what: str, value: str, token: str, for_s: float) -> bool:
        with answering():
            return bool(self._extend(keys=[keys.guard(what, value)], args=[token, int(for_s * 1000)]))

    def release(self, what: str, value: str, token: str) -> None:
        """Give a lock back, if it is still ours."""
        with answering():
            self._release(keys=[keys.guard(what, value)], args=[token])
