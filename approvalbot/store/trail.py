"""The trail in Redis: one stream, numbered without a gap, read in pages."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from redis import Redis

from approvalbot.request.seal import Checkpoint, Cut, Seals
from approvalbot.request.trail import GENESIS, START, Record, Start, Verifier
from approvalbot.store import keys
from approvalbot.store.chains import read_head
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

    def start(self) -> tuple[Start, Cut | None]:
        """Where the kept part begins, and the cut behind it."""
        with answering():
            held = self._redis.get(keys.TRAIL_CUT)
        if held is None:
            return START, None
        cut = Cut.model_validate_json(raw(held))
        return Start(cut.number, cut.last, cut.heads), cut

    def records(self, start: int = 1, end: int | None = None) -> Iterator[Record]:
        """The entries from number `start` to `end` (None: the last), in order."""
        last = "+" if end is None else f"{end}-0"
        position = f"{start}-0"
        while True:
            with answering():
                page = self._redis.xrange(keys.TRAIL, position, last, PAGE) or []
            for name, stored in page:
                yield _record(name, stored)
            if len(page) < PAGE:
                return
            position = f"({text(page[-1][0])}"

    def back_from(self, number: int | None, most: int) -> list[Record]:
        """At most `most` entries before number `number` (None: the last ones), the newest first."""
        if number is not None and number <= 1:
            return []
        last = "+" if number is None else f"({number}-0"
        with answering():
            page: Any = self._redis.xrevrange(keys.TRAIL, last, "-", most) or []
        return [_record(name, stored) for name, stored in page]

    def number_at(self, moment: datetime) -> int:
        """The number of the first entry written at `moment` or after it; one more than the last where none was.

        By halves: entries stand in the order of their times, but for those that were written in the same instant.
        """
        low, high = self.start()[0].number + 1, self.total() + 1
        while low < high:
            middle = (low + high) // 2
            found = next(iter(self.back_from(middle + 1, 1)), None)
            if found is None or datetime.fromisoformat(str(found.entry["at"])) < moment:
                low = middle + 1
            else:
                high = middle
        return low

    def of(self, request_id: str, most: int = 0) -> list[Record]:
        """The entries of one request, in order: all of them, or the last `most`."""
        with answering():
            numbers = [int(text(one)) for one in self._redis.lrange(keys.steps(request_id), -most, -1)]
            pipe = self._redis.pipeline(transaction=False)
            for number in numbers:
                pipe.xrange(keys.TRAIL, f"{number}-0", f"{number}-0")
            pages = pipe.execute() if numbers else []
        return [_record(*page[0]) for page in pages if page]

    def wait(self, after: int, for_ms: int) -> bool:
        """Whether there is an entry after number `after`, now or within so many milliseconds."""
        with answering():
            return bool(self._redis.xread({keys.TRAIL: f"{after}-0"}, count=1, block=for_ms))

    def head(self, request_id: str) -> tuple[int, str] | None:
        """The number of a request's entries and the hash of the last, as the request itself holds it now."""
        with answering():
            stored = self._redis.get(keys.request(request_id))
            chained = None if stored is not None else self._redis.hget(keys.TRAIL_CHAINS, request_id)
        if chained is not None:
            return read_head(text(chained))[:2]
        if stored is None:
            return None
        held = read_request(stored)
        return held.trail_count, held.trail_head

    def heads(self) -> dict[str, tuple[int, str]]:
        """The same for every request."""
        return {name: (count, head) for name, count, head in self._all_heads()}

    def _all_heads(self) -> Iterator[tuple[str, int, str]]:
        prefix = keys.request("")
        with answering():
            for name, held in self._redis.hgetall(keys.TRAIL_CHAINS).items():
                count, head, _ = read_head(text(held))
                yield text(name), count, head
            for names in batched(self._redis.scan_iter(f"{prefix}*", count=PAGE), PAGE):
                for stored in self._redis.mget(names):
                    if stored is not None:
                        request = read_request(stored)
                        yield request.id, request.trail_count, request.trail_head


def _record(name: Any, stored: Any) -> Record:
    """An entry as the stream gives it. One that is not of our form is empty: whoever proves the trail finds it."""
    fields = stored or {}
    try:
        entry = orjson.loads(raw(fields.get(b"entry", b"")))
    except orjson.JSONDecodeError:
        entry = None
    number, after = int(text(name).split("-")[0]), raw(fields.get(b"after", b"")).decode(errors="replace")
    return Record(number, after, entry if isinstance(entry, dict) else {})


def batched(items: Iterable[Any], most: int) -> Iterator[list[Any]]:
    """The items in lists of at most `most`."""
    waiting = iter(items)
    while batch := list(itertools.islice(waiting, most)):
        yield batch


@dataclass(frozen=True, slots=True)
class Proof:
    """What a verified trail is found to be: how much of it was read, how many checkpoints agree, what does not fit."""

    entries: int
    requests: int
    checkpoints: int
    last: int
    faults: list[str]


def prove(
    trail: TrailStore,
    checkpoints: Mapping[int, Checkpoint] | None = None,
    watch: Callable[[Iterator[Record]], Iterator[Record]] = iter,
) -> Proof:
    """Verify the whole trail, against checkpoints too. `watch` may look at the records that pass."""
    start, cut = trail.start()
    heads, total = trail.heads(), trail.total()
    verifier = Verifier(heads, total, start)
    seals = Seals(checkpoints or {}, start.number, cut.seal if cut else GENESIS)
    for record in watch(trail.records(start.number + 1)):
        verifier.read(record)
        seals.pass_by(record.number, str(record.entry.get("hash")))
    faults = [*verifier.finish(trail.head), *seals.finish()]
    return Proof(verifier.count - start.number, verifier.requests, seals.met, seals.number, faults)
