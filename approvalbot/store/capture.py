"""Every received event is remembered and captured before it is answered, many of them in one round trip.

Remembered: its identity with the digest of its body and what it matched, so that a redelivery gets the same answer and
another body under the same id is told apart. Captured: its bytes, in a capped stream for each source. Counted: by the
hour, for each source. One script call
carries whatever has gathered while the call before it was under way; alone, an event waits for one round trip.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import redis.asyncio
from redis.exceptions import RedisError

from approvalbot.errors import Unavailable
from approvalbot.store import keys
from approvalbot.store.raw import from_ms, text

MOST_AT_ONCE = 1000
"""Events in one script call. Redis does nothing else meanwhile: a thousand take about 3 ms."""

_RECORD = """
local time = redis.call('TIME')
local out = {time[1] * 1000 + math.floor(time[2] / 1000)}
local counted = {}
local hour = math.floor(time[1] / 3600)
local n = 0
for i = 1, #KEYS, 2 do
  local held = redis.call('GET', KEYS[i])
  if held then
    out[#out + 1] = held
  else
    out[#out + 1] = ''
    redis.call('SET', KEYS[i], ARGV[n + 1], 'EX', ARGV[n + 2])
    if ARGV[n + 3] ~= '0' then
      local entry = {'id', ARGV[n + 4], 'body', ARGV[n + 5]}
      if ARGV[n + 6] ~= '' then
        entry[5], entry[6] = 'headers', ARGV[n + 6]
      end
      redis.call('XADD', KEYS[i + 1], 'MAXLEN', '~', ARGV[n + 3], '*', unpack(entry))
    end
    local count = counted[KEYS[i + 1]] or {0, 0}
    counted[KEYS[i + 1]] = {count[1] + 1, count[2] + (string.sub(ARGV[n + 1], -2) == ' -' and 0 or 1)}
  end
  n = n + 6
end
for key, count in pairs(counted) do
  redis.call('HINCRBY', key .. ':' .. hour, 'all', count[1])
  redis.call('HINCRBY', key .. ':' .. hour, 'matched', count[2])
  redis.call('EXPIRE', key .. ':' .. hour, 93600)
end
return out
"""


@dataclass(frozen=True, slots=True)
class Received:
    """An event as it came: `verdict` is what it matched (policy ids), `keep_s` how long its identity is remembered.

    `headers` are those that its policies see, as JSON; empty where there are none.
    """

    source: str
    identity: str
    digest: str
    verdict: str
    body: bytes
    keep_s: int
    headers: bytes = b""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of an identity."""

    digest: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """That an event is remembered: since when, by the store's own clock, and what was known of its identity before."""

    at: datetime
    seen: Seen | None = None


class Capture:
    """Remembers and captures events. One for each event loop."""

    def __init__(self, client: redis.asyncio.Redis, *, cap: int) -> None:
        self._record = client.register_script(_RECORD)
        self._cap = cap
        self._gathered: list[tuple[Received, asyncio.Future[Recorded]]] = []
        self._sender: asyncio.Task[None] | None = None

    async def record_all(self, events: Sequence[Received]) -> list[Recorded]:
        """Remember events, and give in their order what was remembered of them before.

        Raises:
            Unavailable: Redis does not answer; nothing is known, the source should send again.
        """
        return await asyncio.gather(*(self._enqueue(event) for event in events))

    def _enqueue(self, event: Received) -> "asyncio.Future[Recorded]":
        waiter: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
        self._gathered.append((event, waiter))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())
        return waiter

    async def _send(self) -> None:
        while self._gathered:
            batch, self._gathered = self._gathered[:MOST_AT_ONCE], self._gathered[MOST_AT_ONCE:]
            try:
                found = await self._record(
                    keys=[key for event, _ in batch for key in self._keys(event)],
                    args=[part for event, _ in batch for part in self._parts(event)],
                )
            except (RedisError, OSError) as fault:
                error = Unavailable("Our storage did not answer; the event was not taken. Send it again.")
                error.__cause__ = fault
                for _, waiter in batch:
                    if not waiter.done():
                        waiter.set_exception(error)
                continue
            at = from_ms(float(found[0]))
            for (_, waiter), held in zip(batch, found[1:], strict=True):
                if not waiter.done():
                    waiter.set_result(Recorded(at, _seen(text(held))))

    @staticmethod
    def _keys(event: Received) -> tuple[str, str]:
        return keys.seen_event(event.identity), keys.captured(event.source)

    def _parts(self, event: Received) -> tuple[str | bytes | int, ...]:
        held = f"{event.digest} {event.verdict}"
        return held, event.keep_s, self._cap, event.identity, event.body, event.headers


def _seen(held: str) -> Seen | None:
    if not held:
        return None
    digest, _, verdict = held.partition(" ")
    return Seen(digest, verdict)
