"""Audit: what is due and has not happened, handed to the workers again.

This is both the clock and its safety net. Deadlines and overdue effects stand in Redis; whoever claims one asks a
worker to act on it, and unless that happens it comes up again five seconds later, whatever was lost on the way.
"""

import itertools
from collections.abc import Sequence
from typing import Protocol

from approvalbot.flow.ports import Outgoing
from approvalbot.request.effects import request_of


class Due(Protocol):
    """What is due, each claimed by one sweeper at a time."""

    def claim_deadlines(self, most: int = 100) -> Sequence[str]:
        """Requests whose deadline has come."""

    def claim_effects(self, most: int = 100) -> Sequence[str]:
        """Effects whose time has come without anybody performing them."""


def sweep(due: Due, outgoing: Outgoing) -> int:
    """Hand on everything that is due; gives how much that was."""
    requests = due.claim_deadlines()
    if requests:
        outgoing.wake(requests)
    effects = due.claim_effects()
    for _, same in itertools.groupby(sorted(effects), key=request_of):
        outgoing.send(list(same))
    return len(requests) + len(effects)
