"""The trail: the tamper-evident record of every step.

Theory. The entries of one request form a chain: each holds the SHA-256 of the one before, and the request itself holds
the number of its entries and the hash of the last. The store numbers all entries of all requests without a gap and
notes with each the hash of the entry before it, whatever request that belonged to. So an edited entry no longer has
its hash; a removed one leaves a gap in the numbers and a broken link; an inserted or moved one does not fit its
neighbours; a cut end leaves requests whose head is not there.

What it cannot show: whoever can write the store can compute the whole record anew. Signed checkpoints kept elsewhere
answer that; between two of them the record is evident, not proven.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from pydantic import Field

from approvalbot.request.request import Less, Person, Request, Stored

GENESIS = "0" * 64
"""What stands before the first entry of a request."""

MARK = 16
"""Letters of a hash that the store notes as "the entry before": 64 bits place an entry, the chain itself proves it."""


class Entry(Stored):
    """One step. `n` counts the request's entries from 1; `prev` is the hash of entry n-1, `hash` of this one."""

    n: int
    request: str
    at: datetime
    what: str
    by: Person | None = None
    detail: dict[str, str] = Field(default_factory=dict)
    prev: str = GENESIS
    hash: str = ""

    def computed_hash(self) -> str:
        """SHA-256 over everything but the hash itself: JSON with sorted keys, no spaces, UTF-8."""
        return hash_of(self.model_dump(mode="json", exclude={"hash", "prev"}, exclude_defaults=True), self.prev)

    def stored(self) -> bytes:
        """The stored form, without `prev`: it is the hash of the entry before, and the hash of this one covers it."""
        return orjson.dumps(self.model_dump(mode="json", exclude={"prev"}, exclude_defaults=True))


@dataclass(frozen=True, slots=True)
class Draft:
    """A step before it has its place in the chain."""

    what: str
    by: Person | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


def less_detail(less: Less | None) -> dict[str, str]:
    """How less than was asked stands in an entry."""
    if less is None:
        return {}
    return {"less_s": str(less.duration_s) if less.duration_s else "", "less_scope": less.scope}


def hash_of(entry: Mapping[str, Any], prev: str) -> str:
    """The hash of an entry in its stored form without `hash`, after the entry of its request whose hash is `prev`."""
    return hashlib.sha256(prev.encode() + orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)).hexdigest()


def append(request: Request, at: datetime, drafts: Iterable[Draft]) -> tuple[Request, tuple[Entry, ...]]:
    """Chain the drafts to the request's trail; the request returned holds the new head."""
    count, head, entries = chain(request.id, request.trail_count, request.trail_head, at, drafts)
    return request.model_copy(update={"trail_count": count, "trail_head": head}), entries


def chain(
    name: str, count: int, head: str, at: datetime, drafts: Iterable[Draft]
) -> tuple[int, str, tuple[Entry, ...]]:
    """Chain the drafts after entry `count`, whose hash is `head`; gives both as they then are, and the entries.

    `name` is a request's id, or a word in lower case for what belongs to no request, such as `policies`.
    """
    last, entries = head or GENESIS, []
    for n, draft in enumerate(drafts, start=count + 1):
        entry = Entry(n=n, request=name, at=at, what=draft.what, by=draft.by, detail=dict(draft.detail), prev=last)
        last = entry.computed_hash()
        entries.append(entry.model_copy(update={"hash": last}))
    return count + len(entries), last, tuple(entries)


@dataclass(frozen=True, slots=True)
class Record:
    """One entry as the store keeps it: its number among all entries, and the hash of the entry numbered before it."""

    number: int
    after: str
    entry: Mapping[str, Any]


Heads = Mapping[str, tuple[int, str]]
"""What requests hold of their own trail: the number of their entries, and the hash of the last."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a record begins: after entry `number`, whose hash is `last`, with the chains standing at `heads`."""

    number: int = 0
    last: str = GENESIS
    heads: Heads = field(default_factory=dict)


START = Start()
"""The beginning of every trail."""


class Verifier:
    """Reads the records in order and finds what does not fit. Memory grows with the requests, not with the entries.

    `heads` and `total` are what the requests and the store held *before* the reading began, so that entries written
    meanwhile are no fault. `start` is where the record begins, when earlier entries are not there to be read.
    """

    def __init__(self, heads: Heads, total: int, start: Start = START) -> None:
        self.faults: list[str] = []
        self.count = start.number
        self._claimed = heads
        self._total = total
        self._heads: dict[str, tuple[int, str]] = dict(start.heads)
        self._met = {request for request, head in start.heads.items() if heads.get(request) == head}
        self._last = start.last

    def read(self, record: Record) -> None:
        """Check one record against everything read so far."""
        entry = dict(record.entry)
        claimed = str(entry.pop("hash", ""))
        request, step = str(entry.get("request")), entry.get("n")
        self.count += 1
        if record.number != self.count:
            self._fault(record, f"expected number {self.count}; an entry was removed or inserted before it")
            self.count = record.number
        if record.after != self._last[:MARK]:
            self._fault(record, "it does not follow the entry before it; one was moved, removed or inserted")
        self._last = claimed
        n, head = self._heads.get(request, (0, GENESIS))
        if step != n + 1:
            self._fault(record, f"it does not continue its request's chain after step {n}")
        elif hash_of(entry, head) != claimed:
            self._fault(record, "its content does not have its hash; it or the step before was edited")
        self._heads[request] = (step if isinstance(step, int) else 0, claimed)
        if self._claimed.get(request) == self._heads[request]:
            self._met.add(request)

    def _fault(self, record: Record, what: str) -> None:
        entry = record.entry
        self.faults.append(f"entry {record.number} ({entry.get('request')} step {entry.get('n')}): {what}")

    @property
    def requests(self) -> int:
        """How many requests the trail speaks of."""
        return sum(name.isupper() for name in self._heads)

    def finish(self, again: Callable[[str], tuple[int, str] | None]) -> list[str]:
        """The faults, once everything is read. `again` reads what a request holds now.

        A request whose own head never came by lost its end; one whose trail goes on beyond what it holds even now was
        given entries that no commit wrote.
        """
        if self.count < self._total:
            self.faults.append(f"the store counts {self._total} entries, {self.count} are there; the end was cut")
        for request, (n, _) in self._claimed.items():
            if request not in self._met:
                there = self._heads.get(request, (0, ""))[0]
                self.faults.append(f"request {request}: it holds {n} steps, and the trail's {there} do not end in them")
        for request, head in self._heads.items():
            if head != self._claimed.get(request):
                held = again(request)
                if held is None or held[0] < head[0]:
                    self.faults.append(f"request {request}: the trail has {head[0]} steps, more than it ever took")
        return self.faults
