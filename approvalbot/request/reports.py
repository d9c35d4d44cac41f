"""Reports, as moves: what came of what a decision set off, of actions and of grants."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class ActionDone:
    """Report: an action is done. `answer` says in a few words what was found or changed."""

    key: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class ActionDelayed:
    """Report: an attempt at an action failed, and it is tried again."""

    key: str
    fault: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ActionFailed:
    """Report: an action is given up."""

    key: str
    fault: str


@dataclass(frozen=True, slots=True)
class GrantStarted:
    """Report: the provider gave access; `reference` is its own name for the grant."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class GrantRefused:
    """Report: the provider will not give access, finally. `uncertain`: an earlier attempt may have given it."""

    fault: str
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class GrantEnded:
    """Report: the provider confirmed that access is gone, by the end of that `round`."""

    round: int = 0


@dataclass(frozen=True, slots=True)
class EndFailed:
    """Report: the provider did not end access; it may still be open."""

    fault: str


@dataclass(frozen=True, slots=True)
class GrantExtended:
    """Report: the provider agreed to the new end of the extension `key`."""

    key: str


@dataclass(frozen=True, slots=True)
class ExtendFailed:
    """Report: the provider will not extend, finally."""

    key: str
    fault: str


@dataclass(frozen=True, slots=True)
class ExtensionGiven:
    """Report to the request that asked for an extension: the grant now ends at `ends_at`."""

    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ExtensionRefused:
    """Report to the request that asked for an extension: the grant was not extended."""

    fault: str


@dataclass(frozen=True, slots=True)
class Left:
    """Report: the holder is not in the groups any more that may ask for what they hold, or their account is gone."""

    why: Literal["left_group", "deactivated"]


@dataclass(frozen=True, slots=True)
class MembershipRead:
    """Report: the holder still belongs to the groups that may ask."""


@dataclass(frozen=True, slots=True)
class MembershipUnread:
    """Report: nobody could say whether the holder still belongs. That alone ends nothing."""

    fault: str
