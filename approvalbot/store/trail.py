"""The trail in Redis: one stream, numbered without a gap, read in pages."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from redis import Redis

from approvalbot.request.trail import Record, Verifier
from approvalbot.store import keys
from approvalbot.store.raw import answering, raw, text
from approvalbot.store.requests import read_request

PAGE = 2000
"""Entries read in one round trip: about a megabyte."""


class TrailStore:
    """Reads the trail. Writing it is the commit's alone."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    def total(self) -> int:
        """How many entries were ever written."""
        with answering():
            return int(self._redis.hget(keys.TRAIL_HEAD, "number") or 0)

    def records(self, start: int = 1, end: int | None = None) -> Iterator[Record]:
        """The entries from number `start` to `end` (None: the last), in order."""
        last = "+" if end is None else f"{end}-0"
        position = f"{start}-0"
        while True:
            with answering():
                page = self._redis.xrange(keys.TRAIL, position, last, PAGE) or []
            for name, stored in page:
                number = int(text(name).split("-")[0])
                fields: dict[Any, Any] = stored or {}
                yield Record(number, text(fields[b"after"]), orjson.loads(raw(fields[b"entry"])))
            if len(page) < PAGE:
                return
            position = f"{number + 1}-0"

    def head(self, request_id: str) -> tuple[int, str] | None:
        """The number of a request's entries and the hash of the last, as the request itself holds it now."""
        with answering():
            stored = self._redis.get(keys.request(request_id))
        held = None if stored is None else read_request(stored)
        return None if held is None else (held.trail_count, held.trail_head)

    def heads(self) -> dict[str, tuple[int, str]]:
        """The same for every request."""
        return {name: (count, head) for name, count, head in self._all_heads()}

    def _all_heads(self) -> Iterator[tuple[str, int, str]]:
        prefix = keys.request("")
        with answering():
            for key in self._redis.scan_iter(f"{prefix}*", count=1000):
                stored = self._redis.get(key)
                if stored is not None:
                    held = read_request(stored)
                    yield held.id, held.trail_count, held.trail_head


def prove(
    trail: TrailStore, watch: Callable[[Iterator[Record]], Iterator[Record]] = iter
) -> tuple[Verifier, list[str]]:
    """Verify the whole trail; gives the verifier and every fault found. `watch` may look at the records that pass."""
    heads, total = trail.heads(), trail.total()
    verifier = Verifier(heads, total)
    for record in watch(trail.records()):
        verifier.read(record)
    return verifier, verifier.finish(trail.head)
