"""Who is told that something changed: one counter, and everybody who waits for it to grow.

A change is announced by topic (`channel:C0DEPLOYS`, `modal:U0ANN`, `traffic`, …). A reader holds the number it saw
last; `since` gives the topics that changed after it, so that no change between two reads is lost.
"""

import asyncio
from collections import deque
from collections.abc import Iterable

KEPT_CHANGES = 2_000
"""Older changes are forgotten; a reader that far behind is told to read everything again."""

EVERYTHING = "*"


class Hub:
    """The counter of changes and the topics of the recent ones."""

    def __init__(self) -> None:
        self.number = 0
        self._recent: deque[tuple[int, str]] = deque(maxlen=KEPT_CHANGES)
        self._waiters: set[asyncio.Event] = set()
        self.ended = False

    def tell(self, *topics: str) -> None:
        """Announce a change. Called on the server's own loop only."""
        self.number += 1
        self._recent.extend((self.number, topic) for topic in topics)
        for waiter in self._waiters:
            waiter.set()

    def end(self) -> None:
        """Send everybody home: the server is stopping, and must not wait for those who wait for it."""
        self.ended = True
        for waiter in self._waiters:
            waiter.set()

    def since(self, number: int) -> list[str]:
        """The topics that changed after `number`, each once; `["*"]` when that is too long ago to know."""
        if number >= self.number:
            return []
        if not self._recent or self._recent[0][0] > number + 1:
            return [EVERYTHING]
        return sorted({topic for at, topic in self._recent if at > number})

    async def wait(self, number: int, timeout_s: float, topics: Iterable[str] = ()) -> list[str]:
        """What changed after `number`, as soon as there is something; empty when the time is over.

        With `topics`, only a change whose topic starts with one of them ends the wait.
        """
        wanted = tuple(topics)
        woken = asyncio.Event()
        self._waiters.add(woken)
        try:
            async with asyncio.timeout(timeout_s):
                while not self.ended:
                    woken.clear()
                    changed = self.since(number)
                    if changed and (not wanted or any(topic.startswith((*wanted, EVERYTHING)) for topic in changed)):
                        return changed
                    await woken.wait()
        except TimeoutError:
            pass
        finally:
            self._waiters.discard(woken)
        return []
