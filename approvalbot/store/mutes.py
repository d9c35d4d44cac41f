"""Whom each person has muted: a sorted set for each, by the time until when, which ends with the last of them."""

from collections.abc import Iterable, Mapping, Sequence

from redis import Redis

from approvalbot.request.muting import Mute
from approvalbot.request.request import Person
from approvalbot.request.trail import Draft
from approvalbot.store import keys
from approvalbot.store.absences import CHAIN
from approvalbot.store.chains import Chains
from approvalbot.store.raw import answering, from_ms, raw, to_ms


class MuteStore:
    """Reads and writes mutes."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._chains = Chains(redis)

    def of(self, people: Iterable[str]) -> Mapping[str, Sequence[Mute]]:
        """Whom each of these people (by Slack id) has muted now; only those who have muted somebody."""
        names = list(dict.fromkeys(people))
        with answering():
            seconds, _ = self._redis.time()
            pipe = self._redis.pipeline(transaction=False)
            for name in names:
                pipe.zrangebyscore(keys.mutes(name), f"({int(seconds) * 1000}", "+inf", withscores=True)
            answers = pipe.execute()
        held = zip(names, answers, strict=True)
        return {name: [_mute(*pair) for pair in found] for name, found in held if found}

    def begin(self, by: Person, mute: Mute) -> None:
        """Somebody mutes another from now on; it replaces what they said of them before, and stands in the trail."""
        self._chains.append(CHAIN, [Draft("muted", by, {"whom": mute.person.key, "until": mute.until.isoformat()})])
        self._forget(by, mute.person)
        name, ends = keys.mutes(str(by.slack)), int(to_ms(mute.until))
        with answering():
            pipe = self._redis.pipeline()
            pipe.zadd(name, {mute.person.model_dump_json(): ends})
            pipe.zrange(name, -1, -1, withscores=True)
            _, last = pipe.execute()
            self._redis.pexpireat(name, int(last[0][1]))

    def end(self, by: Person, muted: Person) -> bool:
        """Somebody wants to hear of another again; gives whether they had muted them."""
        if not self._forget(by, muted):
            return False
        self._chains.append(CHAIN, [Draft("unmuted", by, {"whom": muted.key})])
        return True

    def _forget(self, by: Person, muted: Person) -> bool:
        name = keys.mutes(str(by.slack))
        with answering():
            held = self._redis.zrange(name, 0, -1)
            gone = [raw(one) for one in held if Person.model_validate_json(raw(one)).is_same(muted)]
            return bool(gone and self._redis.zrem(name, *gone))


def _mute(person: bytes, until: float) -> Mute:
    return Mute(person=Person.model_validate_json(raw(person)), until=from_ms(until))
