"""Opening: what a new request must pass before it is written, and what became of it.

All of it is judged in the one step that writes the request: a question cannot be taken by something that never came to
stand, and of two askers at one moment one opens and the other is told of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from approvalbot.request.about import About
from approvalbot.request.request import Request, State


@dataclass(frozen=True, slots=True)
class Stands:
    """The question that a request stands for. While it does, the same question opens nothing new.

    It does in `states` (None: whatever becomes of it), and for `window_s` seconds (None: without an end). `counted`: a
    repeat is counted on the request, and said beside its card.
    """

    key: str
    states: frozenset[State] | None = None
    window_s: int | None = None
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """The event behind an opening. Where it joins another request, that is remembered for `keep_s` seconds."""

    digest: str
    keep_s: int


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most requests that may wait at once in one count. `name` is that of the limit, `counted_in` of the count."""

    name: str
    counted_in: str
    most: int


@dataclass(frozen=True, slots=True)
class Opening:
    """What is stored once, beside a new request, and what must hold before it is."""

    about: About
    snapshot: Mapping[str, Any]
    stands: Stands | None = None
    delivery: Delivery | None = None
    ceilings: tuple[Ceiling, ...] = ()


How = Literal["new", "same", "noted", "repeat", "full"]


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of an opening, and the request that stands for its question now.

    `new`: it was written. `same`: it stands already. `repeat`: another request stands for the question; `noted`: that
    was found when the same event came before. `full`: nothing was written, since as many as `ceiling` allows wait
    already; `request` is then the oldest of them, and nobody's answer. `event` is the digest of the event as it came
    first, `effects` are the ids of those that a worker should be asked for.
    """

    how: How
    request: Request
    event: str = ""
    effects: tuple[str, ...] = ()
    ceiling: str = ""

    @property
    def is_repeat(self) -> bool:
        """Whether the request was opened by another event."""
        return self.how in {"repeat", "noted"}
