"""What waits for whom, and who decided what: indexes that the commit itself keeps.

Most requests of a policy ask the same people. So a request stands in one list for each step, that of everybody who was
asked together, and each person has the names of the lists they are in: an entry of 76 bytes for each request instead of
one for each of its people. A list is exact, however many requests are open, and reading it costs as much as it is long.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redis import Redis

from approvalbot.request.change import Change
from approvalbot.request.request import Asked, State
from approvalbot.store import keys
from approvalbot.store.past import KEEP, Extra
from approvalbot.store.raw import answering, text

_LISTS = """
local found = {}
for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if redis.call('EXISTS', ARGV[1] .. name) == 1 then found[#found + 1] = name
  else redis.call('SREM', KEYS[1], name) end
end
return found
"""
"""The lists somebody is in. One that is empty is forgotten in the same step, so that none is that fills meanwhile."""


def of_step(change: Change) -> list[Extra]:
    """What a commit changes in these lists."""
    request = change.request
    if change.settles:
        everybody = [extra for asked in request.asked for extra in _taken_off(asked, request.id)]
        return [*everybody, *_decided((vote.by.slack for vote in request.votes), request.id)]
    if request.state is not State.PENDING:
        return []
    if any(entry.what == "level_asked" for entry in change.entries):
        return _put_on(request.asked[-1], request.id)
    if change.asked_before is not None:
        off = [extra for asked in change.asked_before for extra in _taken_off(asked, request.id)]
        return [*off, *(extra for asked in request.asked for extra in _put_on(asked, request.id))]
    return []


def _put_on(asked: Asked, request_id: str) -> list[Extra]:
    if not asked.people:
        return []
    name = keys.hashed(" ".join(asked.people))
    return [
        ("ZADD", keys.waits_for(name), request_id),
        *(("SADD", keys.waiting_lists(person), name) for person in asked.people),
    ]


def _taken_off(asked: Asked, request_id: str) -> list[Extra]:
    return [("ZREM", keys.waits_for(keys.hashed(" ".join(asked.people))), request_id)] if asked.people else []


def _decided(voters: Iterable[str | None], request_id: str) -> list[Extra]:
    return [(KEEP, keys.decided_by(voter), request_id) for voter in voters if voter]


@dataclass(frozen=True, slots=True)
class Waits:
    """The newest open requests that somebody was asked to decide, and how many there are in all."""

    newest: Sequence[str]
    total: int


class WaitingStore:
    """Reads these lists."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._lists = redis.register_script(_LISTS)

    def of(self, slack: str, most: int) -> Waits:
        """What waits for somebody, the newest first."""
        with answering():
            names = [text(name) for name in self._lists(keys=[keys.waiting_lists(slack)], args=[keys.waits_for("")])]
            pipe = self._redis.pipeline(transaction=False)
            for name in names:
                pipe.zrevrange(keys.waits_for(name), 0, most - 1, withscores=True)
                pipe.zcard(keys.waits_for(name))
            answers = pipe.execute()
        # Somebody whom two steps asked has the request in two lists.
        found = {text(name): float(at) for pairs in answers[::2] for name, at in pairs}
        newest = sorted(found, key=lambda name: found[name], reverse=True)
        # A list that was not read whole may share requests with another: then the count is at most so many.
        whole = all(count <= most for count in answers[1::2])
        return Waits(newest[:most], len(found) if whole else sum(answers[1::2]))
