"""Turns: what stands in a request's thread comes in the order in which it happened.

A message that may not go out now waits, and its request's later ones wait behind it. The mark that says so ends by
itself a little after the message should have gone out, so that one that is lost holds up nothing.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from approvalbot.errors import DeliveryFailed
from approvalbot.slack.ports import Notes

BEHIND_S = 1.0
"""Seconds after which a message looks again whether those before it went out."""

LONGEST_DELAY_S, GRACE_S = 60, 10
"""Seconds until a message that failed is tried again at the latest, and for which its turn is kept beyond that."""


class Turns:
    """Whose turn it is, by request. Effects are named `request:version:index`; smaller ones go first."""

    def __init__(self, memory: Notes) -> None:
        self._memory = memory

    @contextmanager
    def of(self, request_id: str, key: str) -> Iterator[None]:
        """Say something in its turn.

        Raises:
            DeliveryFailed: something earlier of the request still waits.
        """
        first = self._memory.recall("turn", request_id)
        if first is not None and _place(first) < _place(key):
            raise DeliveryFailed(
                "slack_failed", "An earlier message of the request waits.", retry_after_s=BEHIND_S, tried=False
            )
        try:
            yield
        except DeliveryFailed as fault:
            if not fault.final:
                keep_s = math.ceil(LONGEST_DELAY_S if fault.retry_after_s is None else fault.retry_after_s) + GRACE_S
                self._memory.remember("turn", request_id, key, keep_s=keep_s)
            raise
        if first is not None:
            self._memory.forget("turn", request_id)


def _place(key: str) -> tuple[int, ...]:
    """The version and the index of an effect; one that the store scheduled by itself has none and goes at once."""
    return tuple(int(part) for part in key.split(":")[1:] if part.isdecimal())
