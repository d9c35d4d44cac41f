"""Which grants gave somebody a membership that several grants may share: what a grant added, only the last one removes.

Written before the membership is added and dropped after it is gone, so that a crash in between leaves a mark too many
and never one too few.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

from approvalbot.errors import UnderWay
from approvalbot.store import keys
from approvalbot.store.guards import Guards
from approvalbot.store.raw import answering, text

ALONE_S = 55
"""How long one worker may work on one membership: a few calls at their timeouts, and shorter than a lease."""


class GrantHolds:
    """Marks in Redis, without an end of their own."""

    def __init__(self, redis: "Redis", guards: Guards) -> None:
        self._redis = redis
        self._guards = guards

    def holders(self, what: str) -> frozenset[str]:
        """The grants that a membership was added for."""
        with answering():
            return frozenset(text(one) for one in self._redis.smembers(keys.granted(what)))

    def add(self, what: str, holder: str) -> None:
        """Note that it is added for a grant."""
        with answering():
            self._redis.sadd(keys.granted(what), holder)

    def drop(self, what: str, holder: str) -> None:
        """Note that it is not held by a grant any more."""
        with answering():
            self._redis.srem(keys.granted(what), holder)

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Be the only one who changes it.

        Raises:
            UnderWay: another worker does.
        """
        token = secrets.token_hex(8)
        if not self._guards.hold("granting", what, token, for_s=ALONE_S):
            raise UnderWay("Another grant changes the same at this moment.", retry_after_s=0.5)
        try:
            yield
        finally:
            self._guards.release("granting", what, token)
