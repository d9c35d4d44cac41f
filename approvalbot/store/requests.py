"""Requests in Redis: loaded as values, committed by one Lua script that compares and sets."""

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from redis import Redis

from approvalbot.errors import NotFound
from approvalbot.request.about import About
from approvalbot.request.case import Case
from approvalbot.request.change import Change, Terms
from approvalbot.request.effects import effect_id
from approvalbot.request.moves import Repeated
from approvalbot.request.opening import Opened, Opening
from approvalbot.request.request import Request, State
from approvalbot.store import keys
from approvalbot.store.opening import conditions, extras_of
from approvalbot.store.past import Extra, of_settling
from approvalbot.store.raw import answering, from_ms, raw, text, to_ms
from approvalbot.store.waiting import of_step

GRACE_MS = 2000
"""How long after a commit the outbox waits before it drives an effect by itself.

The committing process enqueues at once, in about a millisecond; two seconds of silence mean that it died.
"""

LIST_MOST = 200
"""The most requests one listing gives; the next page starts where it ended."""


_REPEATS = """
local time = redis.call('TIME')
redis.call('HDEL', KEYS[1], 'due')
redis.call('HSET', KEYS[1], 'told', time[1] * 1000 + math.floor(time[2] / 1000))
local held = redis.call('HMGET', KEYS[1], 'count', 'last')
return {held[1], held[2], redis.call('LRANGE', KEYS[2], ARGV[1], ARGV[1] + 49)}
"""


@dataclass(frozen=True, slots=True)
class Named:
    """The requests that an id stands for, and by which names an event uses their approvals up.

    `event` is the digest of the event, where it is one that joined another's request.
    """

    ids: list[str]
    shares: list[str]
    event: str = ""


class RequestStore:
    """Requests, their snapshots and what they are about.

    `read_terms` turns a stored snapshot into the document it is; it is handed in so that this room needs to know
    nothing of policies.
    """

    def __init__(self, redis: "Redis", read_terms: Callable[[Mapping[str, Any]], Terms]) -> None:
        self._redis = redis
        self._commit = redis.register_script(_script("commit.lua"))
        self._open = redis.register_script(_script("opening.lua") + _script("commit.lua"))
        self._repeats = redis.register_script(_REPEATS)
        self._read_terms = functools.lru_cache(maxsize=512)(lambda stored: read_terms(orjson.loads(stored)))

    def now(self) -> datetime:
        """The store's own clock, UTC: the only one that decides."""
        with answering():
            seconds, microseconds = self._redis.time()
        return _moment(seconds, microseconds)

    def find(self, request_id: str) -> Request | None:
        """The request, or None."""
        with answering():
            body = self._redis.get(keys.request(request_id))
        return None if body is None else read_request(body)

    def load(self, request_id: str) -> tuple[Case, datetime]:
        """The case, and the store's time at which it stood like that.

        Raises:
            NotFound: no such request.
            Unavailable: Redis does not answer.
        """
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            pipe.get(keys.request(request_id))
            pipe.get(keys.about(request_id))
            pipe.time()
            body, about, (seconds, microseconds) = pipe.execute()
            if body is None or about is None:
                raise NotFound("unknown_request", "This request is not known here any more. Nothing was changed.")
            request = read_request(body)
            snapshot = self._redis.get(keys.policy(request.policy_digest))
        if snapshot is None:
            raise NotFound("unknown_request", "The policy this request was opened under is gone; it cannot go on.")
        case = Case(request, self._read_terms(raw(snapshot)), About.model_validate_json(about))
        return case, _moment(seconds, microseconds)

    def open(self, change: Change, opening: Opening) -> Opened:
        """Write a new request whole, unless it stands already, another stands for its question, or there is no room."""
        extras = extras_of(change.request, opening)
        arguments = [*_arguments(change, extras), conditions(change.request, opening)]
        with answering():
            answer = self._open(keys=[keys.request(change.request.id)], args=arguments)
        return _opened(change, answer)

    def delivered(self, request_id: str) -> Opened | None:
        """What became of the event that `request_id` is named after, or None where nothing is known of it."""
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            pipe.get(keys.request(request_id))
            pipe.get(keys.joined(request_id))
            own, joined = pipe.execute()
        if own is not None:
            held = read_request(own)
            return Opened("same", held, event=held.event_digest)
        holder, _, event = text(joined or b"").partition(" ")
        standing = self.find(holder) if holder else None
        return None if standing is None else Opened("noted", standing, event=event)

    def repeats(self, request_id: str, after: int) -> Repeated:
        """How many repeats of a request were counted, and the marks of those `after` so many; the next is told anew."""
        with answering():
            names = [keys.repeats(request_id), keys.repeated(request_id)]
            count, last, marks = self._repeats(keys=names, args=[after])
        return Repeated(int(count or 0), from_ms(float(last or 0)), tuple(text(mark) for mark in marks))

    def parameters(self, request_id: str) -> Mapping[str, Any]:
        """The event's values that the effects of a request name, by path."""
        with answering():
            stored = self._redis.get(keys.parameters(request_id))
        held: Mapping[str, Any] = {} if stored is None else json.loads(raw(stored))
        return held

    def commit(self, change: Change) -> bool:
        """Write a change whole, or nothing at all.

        False means that the request has moved on since it was read, or that the clock stands outside the change's
        bounds: read it again and compute the step again.
        """
        request, left = change.request, list[Extra]()
        if request.state is not State.PENDING:
            left = [("ZREM", keys.open_in(name), request.id) for name in request.counted_in]
        if change.settles:
            about = self.abouts([request.id]).get(request.id)
            left += of_settling(request, about) if about is not None else []
        left += of_step(change)
        with answering():
            outcome = self._commit(keys=[keys.request(request.id)], args=_arguments(change, left))
        return bool(raw(outcome[0]) == b"ok")

    def group(self, group_id: str, requests: Mapping[str, str]) -> None:
        """Let one id stand for several requests, each by the event's own name for it."""
        held = (request if own == request else f"{own}={request}" for own, request in requests.items())
        with answering():
            self._redis.set(keys.group(group_id), ",".join(held))

    def named(self, name: str) -> Named:
        """What an id stands for: a request, the several that one event asks, or an event that joined another's."""
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            pipe.get(keys.group(name))
            pipe.get(keys.joined(name))
            group, joined = pipe.execute()
        if group:
            held = [(request, own) for own, _, request in (one.rpartition("=") for one in text(group).split(","))]
            return Named([request for request, _ in held], [_share(own) if own else request for request, own in held])
        holder, _, event = text(joined or b"").partition(" ")
        return Named([holder], [_share(name)], event) if holder else Named([name], [name])

    def consume(self, request_id: str) -> bool:
        """Use an approval up: True once, False ever after."""
        with answering():
            return bool(self._redis.set(keys.consumed(request_id), b"", nx=True))

    def listed(self, index: str, *, before: float | None = None, most: int = 50) -> list[tuple[str, float]]:
        """The ids of an index, newest first, each with the time (ms) it was opened; `before` continues a page."""
        bound = "+inf" if before is None else f"({before}"
        with answering():
            found = self._redis.zrevrangebyscore(index, bound, "-inf", 0, min(most, LIST_MOST), withscores=True)
        return [(raw(pair[0]).decode(), float(pair[1])) for pair in found]

    def count(self, index: str) -> int:
        """How many requests an index holds."""
        with answering():
            return int(self._redis.zcard(index))

    def are_of(self, source: str, request_ids: Sequence[str]) -> bool:
        """Whether a source opened or joined each of these."""
        with answering():
            scores = self._redis.zmscore(keys.of_source(source), list(request_ids))
        return None not in scores

    def newest(self, indexes: list[str], most: int) -> list[str]:
        """The ids at the head of several indexes, each newest first, in one round trip."""
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            for index in indexes:
                pipe.zrevrange(index, 0, most - 1)
            return [raw(name).decode() for names in pipe.execute() for name in names]

    def asked_by(self, person: str, most: int) -> list[Request]:
        """What a person (by key) asked for, newest first."""
        return self.find_many([name for name, _ in self.listed(keys.asked_by(person), most=most)])

    def find_many(self, request_ids: list[str]) -> list[Request]:
        """Several requests in one round trip; unknown ids are left out."""
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            for request_id in request_ids:
                pipe.get(keys.request(request_id))
            bodies = pipe.execute()
        return [read_request(body) for body in bodies if body is not None]

    def abouts(self, request_ids: list[str]) -> dict[str, About]:
        """What several requests are about."""
        if not request_ids:
            return {}
        with answering():
            found = self._redis.mget([keys.about(request_id) for request_id in request_ids])
        pairs = zip(request_ids, found, strict=True)
        return {request_id: About.model_validate_json(about) for request_id, about in pairs if about is not None}


def read_request(stored: Any) -> Request:
    """The request in its stored form: version and state for the commit script, then the body."""
    return Request.model_validate_json(raw(stored).split(b" ", 2)[2])


def _opened(change: Change, answer: list[Any]) -> Opened:
    match [text(part) if place != 1 else part for place, part in enumerate(answer)]:
        case ["ok", *_]:
            return Opened("new", change.request, event=change.request.event_digest)
        case ["same", held]:
            standing = read_request(held)
            return Opened("same", standing, event=standing.event_digest)
        case ["noted", held, event]:
            return Opened("noted", read_request(held), event=event)
        case ["repeat", held, event, effect]:
            return Opened("repeat", read_request(held), event=event, effects=(effect,) if effect else ())
        case ["full", held, ceiling, effect]:
            return Opened("full", read_request(held), effects=(effect,) if effect else (), ceiling=ceiling)
        case other:
            raise AssertionError(f"opening.lua answered {other[0]}")


def _share(own_id: str) -> str:
    """The share of an event that joined: once that is forgotten, the same event may open a request of the same id."""
    return f"{own_id}:joined"


def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _arguments(change: Change, extras: Sequence[Extra]) -> list[str | bytes]:
    """A change as commit.lua reads it."""
    request = change.request
    arguments: list[str | bytes] = [
        keys.PREFIX,
        request.id,
        str(change.expected),
        str(request.version),
        request.state.value,
        request.to_json(),
        to_ms(request.due_at),
        to_ms(change.valid_from),
        to_ms(change.valid_until),
        str(GRACE_MS),
        str(len(change.entries)),
    ]
    for entry in change.entries:
        arguments += [entry.hash, entry.stored()]
    arguments.append(str(len(change.effects)))
    for index, effect in enumerate(change.effects):
        arguments += [effect_id(request.id, request.version, index), effect.model_dump_json(exclude_defaults=False)]
    return [*arguments, str(len(extras)), *(part for extra in extras for part in extra)]


def _moment(seconds: Any, microseconds: Any) -> datetime:
    """Redis TIME in whole milliseconds, as every deadline is, so that "due" means the same to all."""
    return datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(microseconds) // 1000 * 1000)
