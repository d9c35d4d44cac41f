"""The counts in Redis: one hash for each day, one for all days, and how far the trail was read for them."""

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import orjson
from redis import Redis

from approvalbot.request.request import Request
from approvalbot.request.statistics import Count, Counts, Fact, counted
from approvalbot.store import keys
from approvalbot.store.raw import answering, text
from approvalbot.store.trail import TrailStore

AT_ONCE = 1000
"""Entries counted in one step: Redis adds them up in a few milliseconds."""

DAYS_KEPT = 400

_ADD = """
if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
for i = 4, #ARGV, 3 do
  redis.call('HINCRBY', ARGV[i], ARGV[i + 1], ARGV[i + 2])
  if ARGV[i] ~= KEYS[2] then redis.call('EXPIRE', ARGV[i], ARGV[3]) end
end
return 1
"""

FindMany = Callable[[list[str]], list[Request]]


class Statistics:
    """Counts what the trail says, as far as it has been read."""

    def __init__(self, redis: "Redis", find_many: FindMany) -> None:
        self._redis = redis
        self._find_many = find_many
        self._trail = TrailStore(redis)
        self._add = redis.register_script(_ADD)

    def catch_up(self, most: int = 100_000) -> bool:
        """Count what is new; gives whether everything was. Whoever does so at the same time, an entry counts once."""
        for _ in range(max(1, most // AT_ONCE)):
            with answering():
                held = text(self._redis.get(keys.STATISTICS_CURSOR) or b"0")
            begin = max(int(held), self._trail.start()[0].number)
            batch = list(itertools.islice(self._trail.records(begin + 1, begin + AT_ONCE), AT_ONCE))
            if not batch:
                return True
            days = counted(batch, self._facts({str(record.entry["request"]) for record in batch}))
            total: Counts = Counter()
            for counts in days.values():
                total.update(counts)
            parts = [*_parts(keys.STATISTICS, total)]
            for day, counts in days.items():
                parts += _parts(keys.statistics_of(day.isoformat()), counts)
            with answering():
                added = self._add(
                    keys=[keys.STATISTICS_CURSOR, keys.STATISTICS],
                    args=[held, str(batch[-1].number), DAYS_KEPT * 86_400, *parts],
                )
            if added and len(batch) < AT_ONCE:
                return True
        return False

    def total(self) -> Counts:
        """Every count since the first entry."""
        with answering():
            return _read(self._redis.hgetall(keys.STATISTICS))

    def days(self, last: date, count: int) -> dict[date, Counts]:
        """The counts of each of the `count` days that end with `last`."""
        return self.of_days([last - timedelta(days=back) for back in range(count - 1, -1, -1)])

    def of_days(self, days: Sequence[date]) -> dict[date, Counts]:
        """The counts of each of these days."""
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            for day in days:
                pipe.hgetall(keys.statistics_of(day.isoformat()))
            found = pipe.execute()
        return {day: _read(held) for day, held in zip(days, found, strict=True)}

    def _facts(self, names: set[str]) -> Mapping[str, Fact]:
        requests = self._find_many([name for name in names if name.isupper()])
        return {request.id: Fact.of(request) for request in requests}


def _parts(key: str, counts: Counts) -> list[str | bytes | int]:
    return [part for name, number in counts.items() for part in (key, orjson.dumps(name), number)]


def _read(held: Mapping[Any, Any]) -> Counts:
    made: Counts = Counter()
    for name, number in held.items():
        count: Count = tuple(orjson.loads(name))
        made[count] = int(number)
    return made
