"""Waiting: whoever waits for a request is told when it changes, by one subscription for each process.

A message may be lost (pub/sub promises nothing) or come between a look and a wait, so everybody looks again after they
have begun to wait, and at least every few seconds while they do.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Self

import redis.asyncio
from redis.exceptions import RedisError

from approvalbot.log import get_logger

log = get_logger("waiting")

ANYTHING = "*"
"""Whoever waits for this hears of every change of every request."""

LOOK_AGAIN_S = 5.0
"""Seconds after which a waiter looks again although nothing was heard."""


class Changes:
    """Tells waiters of changes. One for each event loop; `channel` carries `id version state`."""

    def __init__(self, client: redis.asyncio.Redis, channel: str) -> None:
        self._client = client
        self._channel = channel
        self._waiters: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._listener = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener

    @contextlib.asynccontextmanager
    async def waiting(self, *request_ids: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever one of these requests may have changed; clear it before looking."""
        event = asyncio.Event()
        for request_id in request_ids:
            self._waiters[request_id].add(event)
        try:
            yield event
        finally:
            for request_id in request_ids:
                self._waiters[request_id].discard(event)
                if not self._waiters[request_id]:
                    del self._waiters[request_id]

    async def _listen(self) -> None:
        while True:
            try:
                async with self._client.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(self._channel)
                    self._tell_all()
                    while True:
                        message = await pubsub.get_message(timeout=LOOK_AGAIN_S)
                        if message is not None:
                            self._tell(message["data"].split(b" ", 1)[0].decode())
            except (RedisError, OSError) as fault:
                log.warning("subscription lost", error=type(fault).__name__)
                await asyncio.sleep(1)

    def _tell(self, request_id: str) -> None:
        for name in (request_id, ANYTHING):
            for event in self._waiters.get(name, ()):
                event.set()

    def _tell_all(self) -> None:
        """After a break nobody knows what was missed."""
        for events in self._waiters.values():
            for event in events:
                event.set()


async def heard(event: asyncio.Event, within_s: float) -> None:
    """Wait until something is heard, or it is time to look again."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, min(within_s, LOOK_AGAIN_S))):
            await event.wait()
