"""The events that a running bot received, read again: the capped stream of one source, the oldest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from redis import Redis

from approvalbot.store import keys
from approvalbot.store.raw import answering, from_ms, raw, text

PAGE = 500
"""Events read in one round trip: a few megabytes at most, where each is as large as one may be it is 125 MB."""


@dataclass(frozen=True, slots=True)
class CapturedEvent:
    """One event as it came. `identity` tells which it is where its body holds several; `at` is when it arrived."""

    at: datetime
    body: bytes
    identity: str
    headers: Mapping[str, str]


class CapturedEvents:
    """Reads what `Capture` wrote."""

    def __init__(self, redis: Redis, source: str) -> None:
        self._redis = redis
        self._key = keys.captured(source)

    def __len__(self) -> int:
        with answering():
            return int(self._redis.xlen(self._key))

    def __iter__(self) -> Iterator[CapturedEvent]:
        position = "-"
        while True:
            with answering():
                page = self._redis.xrange(self._key, position, "+", PAGE) or []
            for name, stored in page:
                yield _event(text(name), stored or {})
            if len(page) < PAGE:
                return
            position = f"({text(page[-1][0])}"


def _event(name: str, stored: dict[Any, Any]) -> CapturedEvent:
    held = stored.get(b"headers")
    return CapturedEvent(
        at=from_ms(int(name.partition("-")[0])),
        body=raw(stored[b"body"]),
        identity=text(stored[b"id"]),
        headers={} if held is None else orjson.loads(raw(held)),
    )
