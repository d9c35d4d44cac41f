"""Server-sent events: the steps of a request as they happen, resumable by the number of the last one seen.

Each event's id is the step's number within its request, so `Last-Event-ID` says where to go on. The subscription that
wakes long-polls wakes streams too; between two looks a comment keeps the connection from being taken for idle.

Source: WHATWG HTML, "Server-sent events".
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
import orjson

from approvalbot.request.request import Request
from approvalbot.request.trail import Record
from approvalbot.store.requests import RequestStore
from approvalbot.store.trail import TrailStore
from approvalbot.web.waiting import Changes, heard

COMMENT_S = 15.0
"""Seconds between comments: proxies commonly close what is silent for a minute."""

LONGEST_S = 3600.0
"""Seconds after which a stream ends and its reader comes again, so that none outlives a deployment."""

RETRY_MS = 2000

HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""A proxy that buffers would hold events back; nginx is told not to."""

_OVER = frozenset({"denied", "expired", "withdrawn", "ended", "failed"})


@dataclass(frozen=True, slots=True)
class Streams:
    """Streams of one process."""

    store: RequestStore
    trail: TrailStore
    changes: Changes

    async def steps(self, request_id: str, after: int, write: Callable[[Record, Request], Any]) -> AsyncIterator[bytes]:
        """Every step after number `after`, then each new one, until nothing more can come. `write` makes the data."""
        yield b"retry: %d\n\n" % RETRY_MS
        until, spoke = time.monotonic() + LONGEST_S, time.monotonic()
        async with self.changes.waiting(request_id) as changed:
            while time.monotonic() < until:
                changed.clear()
                request, records = await anyio.to_thread.run_sync(self._look, request_id, after)
                if request is None:
                    return
                for record in records:
                    after = int(record.entry["n"])
                    yield event(str(record.entry["what"]), write(record, request), after)
                    spoke = time.monotonic()
                if is_over(request) and after >= request.trail_count:
                    yield event("end", {"status": request.state.value}, after)
                    return
                if time.monotonic() - spoke >= COMMENT_S:
                    yield b": still here\n\n"
                    spoke = time.monotonic()
                await heard(changed, COMMENT_S)

    def _look(self, request_id: str, after: int) -> tuple[Request | None, Sequence[Record]]:
        found = self.store.find(request_id)
        if found is None or found.trail_count <= after:
            return found, ()
        return found, [record for record in self.trail.of(request_id) if int(record.entry["n"]) > after]


def event(name: str, data: Any, number: int) -> bytes:
    """One event. JSON holds no line break, so one `data` line is enough."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (number, name.encode(), orjson.dumps(data))


def is_over(request: Request) -> bool:
    """Whether nothing more is expected: an approval without a grant may still be told to receivers."""
    return request.state.value in _OVER and request.due_at is None


def last_seen(header: str) -> int:
    """The number in `Last-Event-ID`; anything else begins at the first step."""
    return int(header) if header.isascii() and header.isdigit() and len(header) <= 9 else 0
