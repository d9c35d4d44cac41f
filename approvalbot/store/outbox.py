"""The outbox: effects that were committed and must still be performed, each at least once and seldom twice.

Theory. `outbox` is a sorted set of effect ids by the time at which each is to be driven; `effects` holds what they are.
A worker *takes* an effect: it is held for the length of a lease, which the worker renews while it lives, and the take's
number fences off any earlier taker. Done, it is removed; failed, it is put back with a time; what only had to wait its
turn is put back too, and that take is no attempt. Whatever is still there when its time has come (the process that
should have enqueued it died, the job was lost, the worker was killed) is driven again by `overdue`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis import Redis

from approvalbot.request.effects import EFFECT, Effect
from approvalbot.store import keys
from approvalbot.store.leases import Leases
from approvalbot.store.raw import answering, from_ms, raw, text, to_ms

LEASE_S = 15
"""Seconds an effect is held by its taker without being renewed: so long an effect waits whose worker was killed. Three
renewals may fail meanwhile. A living worker holds it for up to `leases.LONGEST_S`."""

REDRIVE_MS = 5000
"""An overdue effect or deadline that was handed to the queue is handed out again after this long."""

_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local body = redis.call('HGET', KEYS[2], ARGV[1])
if not body then return {} end
local hold = redis.call('HGET', KEYS[3], ARGV[1])
if hold and tonumber(hold) > now then return {} end
redis.call('HSET', KEYS[3], ARGV[1], now + ARGV[2])
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return {body, redis.call('HINCRBY', KEYS[4], ARGV[1], 1), redis.call('HGET', KEYS[6], ARGV[1]) or '0'}
"""

_RENEW = """
if redis.call('HGET', KEYS[4], ARGV[1]) ~= ARGV[2] then return 0 end
local time = redis.call('TIME')
local until_ms = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]
redis.call('HSET', KEYS[3], ARGV[1], until_ms)
redis.call('ZADD', KEYS[1], until_ms, ARGV[1])
return 1
"""

_FINISH = """
if redis.call('HGET', KEYS[4], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[3], ARGV[1])
if ARGV[3] ~= '' then
  if ARGV[5] == '1' then redis.call('HINCRBY', KEYS[6], ARGV[1], 1) end
  redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
  return 1
end
local body = redis.call('HGET', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[4], ARGV[1])
redis.call('HDEL', KEYS[6], ARGV[1])
if ARGV[4] ~= '' and body then redis.call('HSET', KEYS[5], ARGV[1], ARGV[4] .. ' ' .. body) end
return 1
"""

_OVERDUE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[2], id) end
return due
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """An effect in a worker's hands. `fence` counts its takes from 1; `attempt` only those that did not just wait."""

    id: str
    effect: Effect
    attempt: int
    fence: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """An effect still to be performed. `due_at` is when it is driven next, `attempts` how often it was tried."""

    id: str
    due_at: datetime
    attempts: int
    effect: Effect


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that was given up: kept until somebody sends it again or forgets it."""

    id: str
    fault: str
    effect: Effect


class Outbox:
    """Effects still to be performed."""

    _keys = (keys.OUTBOX, keys.EFFECTS, keys.HOLDS, keys.TRIES, keys.DEAD_LETTERS, keys.WAITS)

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._leases = Leases()
        self._take = redis.register_script(_TAKE)
        self._renew = redis.register_script(_RENEW)
        self._finish = redis.register_script(_FINISH)

    def take(self, effect_id: str, lease_s: float = LEASE_S) -> Taken | None:
        """Take an effect to perform it. None: it is done, another worker has it, or its time has not come.

        Until it is done, put back or given up, the lease is renewed for as long as this process lives.
        """
        with answering():
            found = self._take(keys=self._keys, args=[effect_id, int(lease_s * 1000)])
        if not found:
            return None
        fence = int(found[1])
        taken = Taken(effect_id, EFFECT.validate_json(raw(found[0])), fence - int(found[2]), fence)
        self._leases.keep(_lease(taken), lambda: self._hold_longer(taken, lease_s), lease_s)
        return taken

    def done(self, taken: Taken) -> bool:
        """The effect is performed. False: the lease ran out and somebody else has taken it since."""
        return self._end(taken, "", "")

    def later(self, taken: Taken, at: datetime, *, tried: bool = True) -> bool:
        """Put the effect back, not to be taken before `at`. With `tried` false it only waits: this was no attempt."""
        return self._end(taken, to_ms(at), "", tried=tried)

    def give_up(self, taken: Taken, fault: str) -> bool:
        """Move the effect to the dead letters, with the reason in one line."""
        return self._end(taken, "", fault.replace(" ", "\u00a0")[:300] or "-")

    def _end(self, taken: Taken, at: str, fault: str, *, tried: bool = True) -> bool:
        self._leases.let_go(_lease(taken))
        arguments = [taken.id, str(taken.fence), at, fault, "" if tried else "1"]
        with answering():
            return bool(self._finish(keys=self._keys, args=arguments))

    def _hold_longer(self, taken: Taken, lease_s: float) -> bool:
        with answering():
            return bool(self._renew(keys=self._keys, args=[taken.id, str(taken.fence), int(lease_s * 1000)]))

    def waiting(self) -> int:
        """How many effects are still to be performed."""
        with answering():
            return int(self._redis.zcard(keys.OUTBOX))

    def soonest(self, most: int) -> list[Waiting]:
        """The effects that come next, at most so many of them."""
        with answering():
            due: Any = self._redis.zrange(keys.OUTBOX, 0, most - 1, withscores=True)
            names = [text(name) for name, _ in due]
            bodies = self._redis.hmget(keys.EFFECTS, names) if names else []
            tries = self._redis.hmget(keys.TRIES, names) if names else []
            waits = self._redis.hmget(keys.WAITS, names) if names else []
        # An effect that was performed between the two readings has no body any more.
        return [
            Waiting(name, from_ms(score), int(tried or 0) - int(waited or 0), EFFECT.validate_json(raw(body)))
            for name, (_, score), body, tried, waited in zip(names, due, bodies, tries, waits, strict=True)
            if body is not None
        ]

    def given_up(self) -> int:
        """How many deliveries were given up."""
        with answering():
            return int(self._redis.hlen(keys.DEAD_LETTERS))

    def dead_letters(self, most: int | None = None) -> list[DeadLetter]:
        """The deliveries that were given up: all of them, or any `most`."""
        with answering():
            found = list(itertools.islice(self._redis.hscan_iter(keys.DEAD_LETTERS, count=1000), most))
        # A scan may give one twice while others are added.
        letters = {text(effect_id): _dead_letter(text(effect_id), stored) for effect_id, stored in found}
        return sorted(letters.values(), key=lambda letter: letter.id)

    def dead_letter(self, effect_id: str) -> DeadLetter | None:
        """One that was given up, or None."""
        with answering():
            stored = self._redis.hget(keys.DEAD_LETTERS, effect_id)
        return None if stored is None else _dead_letter(effect_id, stored)

    def revive(self, effect_id: str) -> bool:
        """Send a dead letter again from the beginning of its schedule. False: there is none by that id."""
        with answering():
            stored = self._redis.hget(keys.DEAD_LETTERS, effect_id)
            if stored is None:
                return False
            body = text(stored).partition(" ")[2]
            pipe = self._redis.pipeline(transaction=True)
            pipe.hset(keys.EFFECTS, effect_id, body)
            pipe.hdel(keys.HOLDS, effect_id)
            pipe.zadd(keys.OUTBOX, {effect_id: 0})
            pipe.hdel(keys.DEAD_LETTERS, effect_id)
            pipe.execute()
        return True


def _lease(taken: Taken) -> str:
    return f"{taken.id} {taken.fence}"


def _dead_letter(effect_id: str, stored: Any) -> DeadLetter:
    fault, _, body = text(stored).partition(" ")
    return DeadLetter(effect_id, fault.replace("\u00a0", " "), EFFECT.validate_json(body))


class Clockwork:
    """What is due: deadlines of requests and overdue effects, each claimed by one sweeper at a time."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._overdue = redis.register_script(_OVERDUE)

    def claim_deadlines(self, most: int = 100) -> Sequence[str]:
        """Requests whose deadline has come. Unless their deadline moves, they come again after `REDRIVE_MS`."""
        return self._claim(keys.DEADLINES, most)

    def claim_effects(self, most: int = 100) -> Sequence[str]:
        """Effects whose time has come without anybody performing them."""
        return self._claim(keys.OUTBOX, most)

    def _claim(self, key: str, most: int) -> Sequence[str]:
        with answering():
            return [text(found) for found in self._overdue(keys=[key], args=[most, REDRIVE_MS])]

    def next_in_s(self) -> float:
        """Seconds until something is due, by Redis time; negative when it already is, infinite when nothing waits."""
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            pipe.zrange(keys.DEADLINES, 0, 0, withscores=True)
            pipe.zrange(keys.OUTBOX, 0, 0, withscores=True)
            pipe.time()
            deadline, effect, (seconds, microseconds) = pipe.execute()
        soonest = min((score for _, score in (*deadline, *effect)), default=float("inf"))
        return float(soonest / 1000 - (int(seconds) + int(microseconds) / 1_000_000))
