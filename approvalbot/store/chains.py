"""What belongs to no request and still is a step: policies put in force, people who signed in, a trail that was cut.

Each kind is a chain of its own in the same numbered stream. Its head stands in a hash, where a request's stands in the
request.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from redis import Redis

from approvalbot.errors import Unavailable
from approvalbot.request.trail import Draft, chain
from approvalbot.store import keys
from approvalbot.store.raw import answering, text

MOST_TRIES = 50
"""Times an entry is chained anew because another process wrote to the same chain in between."""

_APPEND = """
local held = redis.call('HGET', KEYS[3], ARGV[1]) or ''
if held ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
local last = redis.call('HMGET', KEYS[2], 'number', 'hash')
local number, after = tonumber(last[1] or '0'), last[2] or string.rep('0', 16)
for i = 4, #ARGV, 2 do
  number = number + 1
  redis.call('XADD', KEYS[1], number .. '-0', 'after', after, 'entry', ARGV[i + 1])
  after = string.sub(ARGV[i], 1, 16)
end
redis.call('HSET', KEYS[2], 'number', number, 'hash', after)
return 1
"""


class Chains:
    """Writes entries that belong to no request."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._append = redis.register_script(_APPEND)

    def append(self, name: str, drafts: Sequence[Draft], *, note: str = "") -> bool:
        """Chain the drafts to `name`. With a `note`, only if the last ones came with another: several processes may
        tell the same. Gives whether they were written.

        Raises:
            Unavailable: Redis does not answer, or others wrote in between every time.
        """
        for _ in range(MOST_TRIES):
            with answering():
                pipe = self._redis.pipeline(transaction=False)
                pipe.hget(keys.TRAIL_CHAINS, name)
                pipe.time()
                held, (seconds, microseconds) = pipe.execute()
            before = text(held) if held else ""
            count, head, last_note = read_head(before)
            if note and note == last_note:
                return False
            at = datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(microseconds) // 1000 * 1000)
            count, head, entries = chain(name, count, head, at, drafts)
            parts = [part for entry in entries for part in (entry.hash, entry.stored())]
            with answering():
                done = self._append(
                    keys=[keys.TRAIL, keys.TRAIL_HEAD, keys.TRAIL_CHAINS],
                    args=[name, before, f"{count} {head} {note}", *parts],
                )
            if done:
                return True
        raise Unavailable("Too many entries of one kind at once; nothing was recorded.")


def read_head(held: str) -> tuple[int, str, str]:
    """A chain's head as it is kept: how many entries, the hash of the last, and the note they came with."""
    count, _, rest = held.partition(" ")
    head, _, note = rest.partition(" ")
    return int(count or 0), head, note
