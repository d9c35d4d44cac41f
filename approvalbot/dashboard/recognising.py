"""Who somebody is, as Slack says; and while Slack does not answer, who they were when it last did.

Whoever is only remembered may read what they could read before. Nothing that they do counts: a decision looks them up
itself, and every other form is refused at the door.
"""

import time
from collections.abc import Callable

from approvalbot.errors import MoveRefused
from approvalbot.flow.ports import Member

QUIET_S = 10.0
"""Seconds for which Slack is not asked again after it did not answer: each page would wait for it to give up."""

Remembered = Callable[[str], Member | None]
"""What Slack said of a member in the last hour, or None."""


class Recognition:
    """Finds the member behind a session. One for each process. `ask` gives a full member, or raises."""

    def __init__(
        self, ask: Callable[[str], Member], remembered: Remembered, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._remembered = remembered
        self._now_s = now_s
        self._quiet_until_s = 0.0

    def member(self, slack: str) -> tuple[Member, bool]:
        """The member, and whether Slack confirms them now.

        Raises:
            MoveRefused: deactivated, a guest, or not known at all.
        """
        if self._now_s() < self._quiet_until_s and (known := self._known(slack)) is not None:
            return known, False
        try:
            return self._ask(slack), True
        except MoveRefused as fault:
            known = self._known(slack) if fault.code == "membership_unknown" else None
            if known is None:
                raise
            self._quiet_until_s = self._now_s() + QUIET_S
            return known, False

    def _known(self, slack: str) -> Member | None:
        member = self._remembered(slack)
        return member if member is not None and member.person and member.active and member.full else None
