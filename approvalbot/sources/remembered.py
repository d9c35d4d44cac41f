"""What senders' proofs need from outside: fetched once for everybody who waits, kept for a while, few at a time.

A stranger may make us look something up (a key id nobody knows, a certificate's address), so a look-up is bounded: one
at a time for an address, few for all of them together, and none again right after one that failed.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import anyio
import anyio.to_thread

from approvalbot.errors import ApprovalBotError, Unavailable
from approvalbot.log import get_logger

log = get_logger("sources")

Fetch = Callable[[str, Mapping[str, str], float], tuple[int, bytes]]
"""Gives status and body of a GET: address, headers, seconds in all. Raises `DeliveryFailed`."""

WITHIN_S = 5.0
"""Seconds for one look-up: SNS waits 15 s for an answer, Pub/Sub 10 s by default."""

AT_ONCE = 4
MOST_WAITING = 32
"""Look-ups under way, and addresses waited for; over it a sender is told to come again."""

MOST_HELD = 256
"""Addresses kept. A service has a handful of issuers; what strangers made us look up is dropped first."""

AGAIN_S = 5.0
"""Seconds before an address that failed is asked again."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Held(Generic[T]):
    value: T
    at_s: float


class Remembered(Generic[T]):
    """Values by their address. `read` makes one of a status and a body, and raises ValueError where it cannot.

    `stale_s` is how old a value may be while a newer one cannot be had. One for each event loop.
    """

    def __init__(
        self,
        fetch: Fetch,
        read: Callable[[int, bytes], T],
        *,
        stale_s: float,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._read = read
        self._stale_s = stale_s
        self._now_s = now_s
        self._held: dict[str, _Held[T]] = {}
        self._failed: dict[str, float] = {}
        self._under_way: dict[str, asyncio.Task[T]] = {}
        self._limiter = anyio.CapacityLimiter(AT_ONCE)

    async def get(self, url: str, *, max_age_s: float, stale: bool = True) -> T:
        """The value at an address, at most `max_age_s` old; older, where `stale` admits it, while no newer can be had.

        Raises:
            Unavailable: it cannot be had now.
        """
        held = self._held.get(url)
        if held is not None and self._now_s() - held.at_s <= max_age_s:
            return held.value
        try:
            return await self._looked_up(url)
        except Unavailable:
            if stale and held is not None and self._now_s() - held.at_s <= self._stale_s:
                return held.value
            raise

    async def _looked_up(self, url: str) -> T:
        task = self._under_way.get(url)
        if task is None:
            failed_at = self._failed.get(url)
            too_soon = failed_at is not None and self._now_s() - failed_at <= AGAIN_S
            if too_soon or len(self._under_way) >= MOST_WAITING:
                raise _unavailable(url)
            task = asyncio.create_task(self._ask(url))
            self._under_way[url] = task
            task.add_done_callback(lambda done: self._ended(url, done))
        # Whoever hangs up must not end the look-up for the others.
        return await asyncio.shield(task)

    async def _ask(self, url: str) -> T:
        try:
            status, body = await anyio.to_thread.run_sync(self._fetch, url, {}, WITHIN_S, limiter=self._limiter)
            value = self._read(status, body)
        except (ApprovalBotError, ValueError) as fault:
            log.warning("look-up failed", host=urlsplit(url).hostname, fault=str(fault)[:300])
            self._failed[url] = self._now_s()
            raise _unavailable(url) from fault
        self._failed.pop(url, None)
        self._held.pop(url, None)
        self._held[url] = _Held(value, self._now_s())
        return value

    def _ended(self, url: str, task: "asyncio.Task[T]") -> None:
        self._under_way.pop(url, None)
        if not task.cancelled():
            task.exception()  # asked for, so that a look-up nobody waits for any more is no complaint of asyncio's
        while len(self._held) > MOST_HELD:
            absent = next((one for one, held in self._held.items() if held.value is None), None)
            del self._held[absent if absent is not None else next(iter(self._held))]
        while len(self._failed) > MOST_HELD:
            del self._failed[next(iter(self._failed))]


def _unavailable(url: str) -> Unavailable:
    host = urlsplit(url).hostname or "the sender's side"
    return Unavailable(f"What proves this sender could not be fetched from {host} now. Send it again.")
