"""Lists of requests: several indexes read together, the newest first, page by page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis

from approvalbot.store.raw import answering, text

MOST = 500
"""Ids that one page holds at most."""

_PLACE = re.compile(r"([0-9]{1,15})\.([0-9A-Z]{1,40})")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a listing stands: at the request `id`, opened at `at_ms`. Two that opened in one millisecond are told
    apart, so that no page loses one of them.
    """

    at_ms: int
    id: str

    @classmethod
    def read(cls, written: str) -> "Place | None":
        """The place of a link of ours, or None."""
        found = _PLACE.fullmatch(written)
        return cls(int(found[1]), found[2]) if found else None

    def __str__(self) -> str:
        return f"{self.at_ms}.{self.id}"


class Listing:
    """Reads the indexes that commits write."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    def page(self, indexes: Sequence[str], *, before: Place | None = None, most: int = 50) -> list[Place]:
        """At most `most` requests of all these indexes together, the newest first, that stand before a place."""
        bound, most = ("+inf" if before is None else str(before.at_ms)), min(most, MOST)
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            for index in indexes:
                pipe.zrevrangebyscore(index, bound, "-inf", 0, most + 1, withscores=True)
            answers: list[Any] = pipe.execute()
        found = {Place(int(score), text(name)) for answer in answers for name, score in answer}
        return sorted((place for place in found if before is None or place < before), reverse=True)[:most]

    def counts(self, indexes: Sequence[str]) -> list[int]:
        """How many requests each index holds."""
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            for index in indexes:
                pipe.zcard(index)
            return [int(count) for count in pipe.execute()]
