"""Signed checkpoints of the trail, in order, and where its kept part begins."""

from collections.abc import Sequence
from datetime import timedelta

from redis import Redis

from approvalbot.request.seal import Cut
from approvalbot.store import keys
from approvalbot.store.raw import answering, raw, text

_PUSH = """
if redis.call('LLEN', KEYS[1]) ~= tonumber(ARGV[1]) then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[2])
return 1
"""

_LOCK = "sealing"

SETTLED = ("approved", "denied", "expired", "withdrawn", "ended", "failed", "watched")
"""States from which nothing follows by itself: their requests may be forgotten with their steps."""


class CheckpointStore:
    """The list of signed checkpoints. What it holds proves nothing by itself: copies elsewhere do."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._push = redis.register_script(_PUSH)

    def all(self) -> list[str]:
        """Every checkpoint that is kept, oldest first."""
        with answering():
            return [text(one) for one in self._redis.lrange(keys.TRAIL_CHECKPOINTS, 0, -1)]

    def newest(self, most: int) -> list[str]:
        """The newest checkpoints, the newest first."""
        with answering():
            return [text(one) for one in reversed(self._redis.lrange(keys.TRAIL_CHECKPOINTS, -most, -1))]

    def last(self) -> tuple[int, str | None]:
        """How many there are, and the newest."""
        with answering():
            pipe = self._redis.pipeline(transaction=True)
            pipe.llen(keys.TRAIL_CHECKPOINTS)
            pipe.lindex(keys.TRAIL_CHECKPOINTS, -1)
            count, newest = pipe.execute()
        return int(count), None if newest is None else text(newest)

    def push(self, count: int, signed: str) -> bool:
        """Add a checkpoint after the first `count`; False when another process has added one meanwhile."""
        with answering():
            return bool(self._push(keys=[keys.TRAIL_CHECKPOINTS], args=[count, signed]))

    def hold(self, token: str, for_: timedelta) -> bool:
        """Be the one process that seals and publishes for a while; False when another is."""
        with answering():
            return bool(
                self._redis.set(keys.guard(_LOCK, ""), token, nx=True, px=max(1, int(for_.total_seconds() * 1000)))
            )

    def cut(self) -> Cut | None:
        """Where the kept part begins; None: at the first entry."""
        with answering():
            held = self._redis.get(keys.TRAIL_CUT)
        return None if held is None else Cut.model_validate_json(raw(held))

    def cut_at(self, cut: Cut, keep: Sequence[str], forget: Sequence[str]) -> None:
        """Let the trail begin after `cut.number`, keep these checkpoints, and forget the requests named: all at once,
        so that whoever verifies meanwhile sees the one or the other.
        """
        with answering():
            pipe = self._redis.pipeline(transaction=True)
            pipe.set(keys.TRAIL_CUT, cut.model_dump_json())
            pipe.xtrim(keys.TRAIL, minid=f"{cut.number + 1}-0", approximate=False)
            pipe.delete(keys.TRAIL_CHECKPOINTS)
            pipe.rpush(keys.TRAIL_CHECKPOINTS, *keep)
            for request_id in forget:
                pipe.delete(*keys.all_of(request_id))
                for state in SETTLED:
                    pipe.zrem(keys.in_state(state), request_id)
            pipe.execute()

    def published(self, place: str) -> int:
        """The number of entries that the newest checkpoint published at a place seals; 0: none was."""
        return self._progress(keys.TRAIL_PUBLISHED, place)

    def note_published(self, place: str, number: int) -> None:
        """The checkpoint of `number` entries stands at the place."""
        with answering():
            self._redis.hset(keys.TRAIL_PUBLISHED, place, number)

    def places(self) -> dict[str, int]:
        """Every place that checkpoints were published at, with how many entries the newest one there seals."""
        with answering():
            return {text(name): int(number) for name, number in self._redis.hgetall(keys.TRAIL_PUBLISHED).items()}

    def shipped(self, receiver: str) -> int:
        """How many entries a receiver has been sent."""
        return self._progress(keys.TRAIL_SHIPPED, receiver)

    def note_shipped(self, receiver: str, number: int) -> None:
        """A receiver has taken everything up to `number`."""
        with answering():
            self._redis.hset(keys.TRAIL_SHIPPED, receiver, number)

    def forget_receiver(self, receiver: str) -> bool:
        """Ship to a receiver no more: what it lacks holds no cut up any longer. False: there is none of that name."""
        with answering():
            return bool(self._redis.hdel(keys.TRAIL_SHIPPED, receiver))

    def receivers(self) -> dict[str, int]:
        """Every receiver, with how many entries it has been sent."""
        with answering():
            return {text(name): int(number) for name, number in self._redis.hgetall(keys.TRAIL_SHIPPED).items()}

    def _progress(self, key: str, name: str) -> int:
        with answering():
            return int(self._redis.hget(key, name) or 0)
