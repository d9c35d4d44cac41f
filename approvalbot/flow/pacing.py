"""Pacing: nobody decides faster than a person can read, whoever or whatever presses with their account."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from approvalbot.errors import MoveRefused
from approvalbot.flow.ports import Pace


@contextmanager
def paced(pace: Pace | None, person: str) -> Iterator[None]:
    """Let a decision through while there is room in the minute. One that is refused uses up nothing.

    Raises:
        MoveRefused: code `too_fast`.
    """
    if pace is None or pace.most == 0:
        yield
        return
    if (wait_s := pace.take(person)) > 0:
        raise MoveRefused(
            "too_fast",
            "You have decided {most} requests in a minute. Please wait {wait_s} s.",
            most=pace.most,
            wait_s=math.ceil(wait_s),
        )
    try:
        yield
    except MoveRefused:
        pace.give_back(person)
        raise
