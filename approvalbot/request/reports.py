"""Reports of actions, as moves: what came of what a decision set off."""

from dataclasses import dataclass


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
