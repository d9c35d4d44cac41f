"""A membership that several grants may share, such as a seat in a group: given once, taken back by the last of them.

Theory. Whoever was a member before the first grant stays one after the last: that membership is not ours to take. What
a grant adds is marked before it is added, under the grant's name. A grant that finds the membership there while another
grant is marked joins in; one that finds it there and no mark has added nothing, and removes nothing. At the end of a
grant its mark goes; the membership goes with the last mark.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from approvalbot.errors import DeliveryFailed

ADDED, KEPT = "added", "was there before"
"""How a grant refers to what it did. It comes back with the end, and stands in the trail."""


class Holds(Protocol):
    """The marks, shared by all processes."""

    def holders(self, what: str) -> frozenset[str]:
        """The grants that a membership was added for."""

    def add(self, what: str, holder: str) -> None:
        """Note that it is added for a grant."""

    def drop(self, what: str, holder: str) -> None:
        """Note that it is not held by a grant any more."""

    def alone(self, what: str) -> AbstractContextManager[None]:
        """Be the only one who changes it."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One membership: its name for the marks and for the lock, and how to look at it, add it and remove it.

    `lock` is what must not be changed by two at once, such as the whole group.
    """

    name: str
    lock: str
    is_there: Callable[[], bool]
    add: Callable[[], None]
    remove: Callable[[], None]


def give(holds: Holds, seat: Seat, holder: str) -> str:
    """Give a membership for a grant; gives how to refer to it."""
    with holds.alone(seat.lock):
        there, holders = seat.is_there(), holds.holders(seat.name)
        if there and not holders:
            return KEPT
        holds.add(seat.name, holder)
        if not there:
            try:
                seat.add()
            except DeliveryFailed as fault:
                if fault.final and holder not in holders:
                    holds.drop(seat.name, holder)
                raise
        return ADDED


def take(holds: Holds, seat: Seat, holder: str, reference: str) -> None:
    """Take a membership back, unless it was there before or another grant still holds it.

    What was added is removed even if its mark was lost: access that outlives its grant is worse than one too few.
    """
    with holds.alone(seat.lock):
        holders = holds.holders(seat.name)
        ours = holder in holders or reference == ADDED
        if ours and not holders - {holder} and seat.is_there():
            seat.remove()
        holds.drop(seat.name, holder)
