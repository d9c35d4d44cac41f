"""The port to the request's life: inline tests that press buttons and let time pass need it, the rest does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from approvalbot.events.event import Event
from approvalbot.policy.calendars import Calendars
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.inline.shapes import VoteStep
from approvalbot.policy.inline.world import World

BarRole = Literal["requester", "actor", "excluded"]


@dataclass(frozen=True)
class Opening:
    """A request as a test opens it.

    `bars` are (role, system, account) of those who may not vote; `actor` is the person who acted or asked, if known.
    `filled` are the names of approver entries that depend on the event or the requester, by the key of the entry.
    `policy_error` says what of the policy could not be evaluated, if anything.
    """

    terms: Policy | Entitlement
    opened_at: datetime
    quorum: int
    distinct: bool
    world: World
    calendars: Calendars
    actor: str | None = None
    actor_known: bool = True
    bars: tuple[tuple[BarRole, str, str], ...] = ()
    event: Event | None = None
    names: Mapping[str, Any] = field(default_factory=dict)
    duration_s: int = 0
    filled: Mapping[str, str] = field(default_factory=dict)
    policy_error: str = ""


@dataclass(frozen=True, slots=True)
class PressOutcome:
    """Whether a press counted, and the code of its refusal if it did not."""

    counts: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """How a test ended: the state, and what became of each press in order."""

    state: str
    presses: tuple[PressOutcome, ...] = ()


class Lifecycle(Protocol):
    """Plays a request through: the presses in the order of their times, then time up to `until_s` after the opening.

    Without `until_s` time stops after the last press. Providers give and end access at once.
    """

    def play(self, opening: Opening, votes: tuple[VoteStep, ...], until_s: int | None) -> Played:
        """How it ends."""
