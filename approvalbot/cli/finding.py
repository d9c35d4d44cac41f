"""One check of `doctor` and what it found."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from approvalbot.errors import ApprovalBotError


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `text` says what is so, or what to do."""

    name: str
    ok: bool
    text: str

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON."""
        return asdict(self)


def checked(name: str, check: Callable[[], str]) -> Finding:
    """What a check gives, or the fault it raises."""
    try:
        return Finding(name, True, check())
    except ApprovalBotError as fault:
        return Finding(name, False, fault.text())
