"""What is remembered of settled requests: how those alike ended, how long decisions of a policy took, who asks a lot.

Each is a list by time that `commit.lua` writes with the commit itself, of the last thirty days and the newest 200, and
that ends by itself. Reading one is one round trip; nothing is ever searched through.
"""

from datetime import datetime, timedelta

from redis import Redis

from approvalbot.request.about import About, Before
from approvalbot.request.past import alike, asker, before, outcome_mark, read_outcome, usual_s
from approvalbot.request.request import Request, State
from approvalbot.store import keys
from approvalbot.store.raw import answering, from_ms, raw, text, to_ms

Extra = tuple[str, str | bytes, str | bytes]

KEEP = "KEEP"
"""The command of `commit.lua` that adds to such a list, once for each value."""

DAYS = timedelta(days=30)
"""As long as `commit.lua` keeps a value."""

A_DAY = timedelta(days=1)

PEOPLE_DECIDED = frozenset({State.APPROVED, State.DENIED})


def of_opening(request: Request, about: About) -> list[Extra]:
    """What a new request adds: that its asker asked once more."""
    return [(KEEP, keys.asked_lately(asker(about)), request.id)] if asker(about) else []


def of_settling(request: Request, about: About) -> list[Extra]:
    """What a request adds that has just been settled."""
    decision = request.decision
    if decision is None:
        return []
    extras: list[Extra] = [(KEEP, keys.alike(alike(request.policy_id, about)), outcome_mark(request, decision))]
    if decision.state in PEOPLE_DECIDED and not decision.by_timeout:
        took_ms = round((decision.at - request.opened_at).total_seconds() * 1000)
        extras.append((KEEP, keys.took(request.policy_id), f"{request.id} {took_ms}"))
    return extras


class PastStore:
    """Reads those lists."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    def before(self, policy_id: str, about: About, now: datetime) -> Before:
        """How requests like this ended in the last thirty days; and that one more is asked by the same account."""
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            pipe.zrevrangebyscore(
                keys.alike(alike(policy_id, about)), "+inf", to_ms(now - DAYS), withscores=True, start=0, num=200
            )
            pipe.zcount(keys.asked_lately(asker(about)), to_ms(now - A_DAY), "+inf")
            marks, asked = pipe.execute()
        return before([read_outcome(raw(mark), from_ms(float(at))) for mark, at in marks], int(asked) + 1)

    def usual_s(self, policy_id: str) -> float | None:
        """How many seconds people usually took to decide a policy's requests; None below a handful of decisions."""
        with answering():
            held = self._redis.zrange(keys.took(policy_id), 0, -1)
        return usual_s([int(text(one).rpartition(" ")[2]) / 1000 for one in held])
