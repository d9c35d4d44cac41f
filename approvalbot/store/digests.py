"""Storms: which requests wait for room in a channel, and the one message that stands for them.

A storm of a channel has a name. Who finds no room joins it; from the `LEAST`-th on it is a digest, and its requests
never become cards of their own. It takes requests for `STORM_S` seconds and `MOST` of them; what comes later opens
another, since an edit of a message far above notifies nobody. A request stays in the storm that it joined.
"""

from dataclasses import dataclass

from redis import Redis

from approvalbot.request.posting import Posting
from approvalbot.store import keys
from approvalbot.store.raw import answering, raw, text

LEAST = 3
"""Requests that wait before a digest is made of them: one or two are cards a second later."""

STORM_S = 300
MOST = 200
"""Requests that one digest stands for: all of them are read each time it is drawn, in some 100 ms."""

CALM_S = 10
"""Seconds without anybody joining, after which new requests are cards again if there is room."""

JOINED_S = 2 * 86_400
"""Seconds for which it is remembered what a request joined: longer than the effect that announces it is tried."""

KEEP_S = 35 * 86_400
"""Seconds a digest is kept after it was last drawn: longer than any request waits."""

_JOIN = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local prefix, request, least = ARGV[1], ARGV[3], tonumber(ARGV[8])
local id = redis.call('GET', KEYS[3])
if not id then
  id = redis.call('GET', KEYS[1])
  if id and redis.call('ZCARD', prefix .. id .. ':items') >= tonumber(ARGV[9]) then id = nil end
  if not id then
    id = ARGV[2] .. '-' .. now
    redis.call('SET', KEYS[1], id, 'EX', ARGV[5])
  end
  redis.call('SET', KEYS[3], id, 'EX', ARGV[10])
end
local items = prefix .. id .. ':items'
redis.call('ZADD', items, ARGV[4], request)
redis.call('EXPIRE', items, ARGV[7])
if redis.call('ZCARD', items) < least then return {id, redis.call('EXISTS', prefix .. id .. ':opened')} end
redis.call('SET', KEYS[2], '', 'EX', ARGV[6])
redis.call('SET', prefix .. id .. ':opened', now, 'EX', ARGV[7])
return {id, 1}
"""

_LEAVE = """
local id = redis.call('GET', KEYS[3])
if not id then
  local storm = redis.call('GET', KEYS[1])
  if not storm then return 1 end
  return 1 - redis.call('EXISTS', KEYS[2]) * redis.call('EXISTS', ARGV[1] .. storm .. ':opened')
end
if redis.call('EXISTS', ARGV[1] .. id .. ':opened') == 1 then return 0 end
redis.call('ZREM', ARGV[1] .. id .. ':items', ARGV[2])
redis.call('DEL', KEYS[3])
return 1
"""


@dataclass(frozen=True, slots=True)
class Joined:
    """The storm that a request waits in. Once it is `opened`, a digest stands for the request."""

    storm: str
    opened: bool


class DigestStore:
    """The storms of every channel."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._join = redis.register_script(_JOIN)
        self._leave = redis.register_script(_LEAVE)

    def join(self, channel: str, request_id: str, ends_ms: int) -> Joined:
        """Wait in the channel's storm, or in a new one."""
        arguments: list[str | int] = [
            _PREFIX,
            keys.hashed(channel)[:16],
            request_id,
            ends_ms,
            STORM_S,
            CALM_S,
            KEEP_S,
            LEAST,
            MOST,
            JOINED_S,
        ]
        with answering():
            storm, opened = self._join(keys=self._keys(channel, request_id), args=arguments)
        return Joined(text(storm), bool(opened))

    def may_be_a_card(self, channel: str, request_id: str) -> bool:
        """Whether a request may have a card of its own: not once a digest stands for it, nor in the midst of a storm.
        A yes takes it out of what waits.
        """
        with answering():
            return bool(self._leave(keys=self._keys(channel, request_id), args=[_PREFIX, request_id]))

    def requests(self, storm: str) -> list[str]:
        """Everything that a storm's digest stands for, what ends soonest first."""
        with answering():
            return [text(found) for found in self._redis.zrange(f"{_PREFIX}{storm}:items", 0, -1)]

    def message(self, storm: str) -> Posting:
        """Where the digest stands; an empty posting before it was posted."""
        with answering():
            held = self._redis.get(f"{_PREFIX}{storm}:message")
        return Posting() if held is None else Posting.model_validate_json(raw(held))

    def put(self, storm: str, message: Posting) -> None:
        """Record where the digest stands, or that it is being posted."""
        with answering():
            self._redis.set(f"{_PREFIX}{storm}:message", message.model_dump_json(exclude_defaults=True), ex=KEEP_S)

    @staticmethod
    def _keys(channel: str, request_id: str) -> list[str]:
        joined = keys.guard("storm-of", f"{channel} {request_id}")
        return [keys.guard("storm", channel), keys.guard("storm-busy", channel), joined]


_PREFIX = f"{keys.PREFIX}digest:"
