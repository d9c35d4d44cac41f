"""Who is away. Each absence is a key that ends with it, so that nothing has to be cleared away when somebody returns.

Two indexes lead to them: all who are away, and who named somebody to stand in. An index may still name an absence that
is over; the key alone says whether it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from redis import Redis

from approvalbot.request.request import Absence, Person
from approvalbot.request.trail import Draft
from approvalbot.store import keys
from approvalbot.store.chains import Chains
from approvalbot.store.raw import answering, raw, text, to_ms
from approvalbot.store.waiting import WaitingStore

MOST_LISTED = 500
"""Absences that one list gives; a page shows fewer."""

CHAIN = "people"
"""The chain of the trail that holds who went away and came back."""


class AbsenceStore:
    """Reads and writes absences."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._chains = Chains(redis)
        self._waiting = WaitingStore(redis)

    def of(self, people: Iterable[str]) -> Mapping[str, Absence]:
        """Those of these people (by Slack id) who are away now."""
        names = list(dict.fromkeys(people))
        if not names:
            return {}
        with answering():
            held = self._redis.mget([keys.absence(name) for name in names])
        return {
            name: Absence.model_validate_json(raw(one))
            for name, one in zip(names, held, strict=True)
            if one is not None
        }

    def stood_in_for_by(self, slack: str) -> Sequence[Absence]:
        """The absences that name somebody to stand in, those that end soonest first."""
        with answering():
            names = self._redis.zrange(keys.stood_in_for_by(slack), 0, MOST_LISTED - 1)
        found = self.of(text(name) for name in names).values()
        # The index may be of an earlier absence, which named somebody else.
        return [one for one in found if one.delegate is not None and one.delegate.slack == slack]

    def waits_for(self, slack: str, most: int) -> Sequence[str]:
        """The newest open requests that somebody was asked to decide."""
        return self._waiting.of(slack, most).newest

    def listed(self, most: int = MOST_LISTED) -> Sequence[Absence]:
        """Everybody who is away now, those who return soonest first."""
        with answering():
            self._redis.zremrangebyscore(keys.AWAY, "-inf", to_ms(self._now()))
            names = self._redis.zrange(keys.AWAY, 0, min(most, MOST_LISTED) - 1)
        return list(self.of(text(name) for name in names).values())

    def begin(self, absence: Absence) -> None:
        """Somebody is away from now on; it replaces what they said before, and stands in the trail."""
        detail = {"until": absence.until.isoformat(), "reason": absence.reason}
        if absence.delegate is not None:
            detail["delegate"] = absence.delegate.key
        # The trail first: an absence of which it knows nothing would let somebody vote in another's place unseen.
        self._chains.append(CHAIN, [Draft("away", absence.person, {name: one for name, one in detail.items() if one})])
        slack, ends = str(absence.person.slack), int(to_ms(absence.until))
        self._unlist(slack)
        with answering():
            pipe = self._redis.pipeline()
            pipe.set(keys.absence(slack), absence.model_dump_json(exclude_defaults=True), pxat=ends)
            self._list(pipe, keys.AWAY, slack, ends)
            if absence.delegate is not None:
                self._list(pipe, keys.stood_in_for_by(str(absence.delegate.slack)), slack, ends)
            pipe.execute()

    def end(self, person: Person) -> bool:
        """Somebody is back; gives whether they were away."""
        slack = str(person.slack)
        self._unlist(slack)
        with answering():
            was_away = bool(self._redis.delete(keys.absence(slack)))
        if was_away:
            self._chains.append(CHAIN, [Draft("back", person)])
        return was_away

    def _list(self, pipe: "Redis", index: str, slack: str, ends: int) -> None:
        pipe.zadd(index, {slack: ends})
        pipe.zremrangebyscore(index, "-inf", to_ms(self._now()))
        # As long as the last of them: `GT` would need Redis 7.
        pipe.pexpireat(index, max(ends, self._ends_of(index)))

    def _ends_of(self, index: str) -> int:
        last = self._redis.zrange(index, -1, -1, withscores=True)
        return int(last[0][1]) if last else 0

    def _unlist(self, slack: str) -> None:
        before = self.of([slack]).get(slack)
        with answering():
            self._redis.zrem(keys.AWAY, slack)
            if before is not None and before.delegate is not None:
                self._redis.zrem(keys.stood_in_for_by(str(before.delegate.slack)), slack)

    def _now(self) -> datetime:
        with answering():
            seconds, _ = self._redis.time()
        return datetime.fromtimestamp(int(seconds), UTC)
