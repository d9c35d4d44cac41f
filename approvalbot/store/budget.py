"""Budgets: how much may be written to Slack now, shared by every process and counted by Redis' own clock.

A write needs a token of each of its buckets, and takes all of them or none. What Slack says stop to is frozen: no
process writes there before the time Slack gave, and then begins with one write instead of a burst.
"""

import math
from collections.abc import Sequence

from redis import Redis

from approvalbot.store import keys
from approvalbot.store.raw import answering, text

Bucket = tuple[str, float, float, float]
"""Its name, how many tokens a second it gains, how many it holds at most, and how many must be left afterwards."""

_TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local wait, why, left = 0, '', {}
for n = 1, #KEYS - 2 do
  local name, rate, burst, reserve = ARGV[n * 4 - 3], ARGV[n * 4 - 2] + 0, ARGV[n * 4 - 1] + 0, ARGV[n * 4] + 0
  local held = redis.call('HMGET', KEYS[n], 'tokens', 'at')
  left[n] = math.min(burst, (tonumber(held[1]) or burst) + math.max(0, now - (tonumber(held[2]) or now)) * rate)
  local missing = (1 + reserve - left[n]) / rate
  local thaws = tonumber(redis.call('ZSCORE', KEYS[#KEYS - 1], name) or '0') / 1000 - now
  local longest = math.max(missing, thaws)
  if longest > wait then wait, why = longest, name end
end
if wait > 0 then
  redis.call('HINCRBY', KEYS[#KEYS], string.match(why, '^[^:]+'), 1)
  return tostring(wait)
end
for n = 1, #KEYS - 2 do
  redis.call('HSET', KEYS[n], 'tokens', tostring(left[n] - 1), 'at', tostring(now))
  redis.call('PEXPIRE', KEYS[n], math.ceil(ARGV[n * 4 - 1] / ARGV[n * 4 - 2] * 1000) + 1000)
end
return '0'
"""

_FREEZE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local thaws = now + ARGV[2]
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZADD', KEYS[2], 'GT', thaws, ARGV[1])
thaws = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]))
redis.call('HSET', KEYS[1], 'tokens', '1', 'at', tostring(thaws / 1000))
redis.call('PEXPIRE', KEYS[1], thaws - now + 60000)
"""


class Budgets:
    """The buckets of one workspace."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._freeze = redis.register_script(_FREEZE)

    def take(self, buckets: Sequence[Bucket]) -> float:
        """Take one token of each. 0: taken. Otherwise none was, and the seconds until there may be one of each."""
        names = [keys.guard("budget", name) for name, *_ in buckets]
        arguments = [str(part) for bucket in buckets for part in bucket]
        with answering():
            return float(text(self._take(keys=[*names, keys.FROZEN, keys.BUDGET_WAITS], args=arguments)))

    def freeze(self, name: str, for_s: float) -> None:
        """Let nobody take from a bucket for so long. A shorter freeze does not end a longer one."""
        with answering():
            self._freeze(keys=[keys.guard("budget", name), keys.FROZEN], args=[name, math.ceil(for_s * 1000)])
