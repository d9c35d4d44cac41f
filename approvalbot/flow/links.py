"""What the journey needs to keep links and what waits for one."""

from collections.abc import Sequence
from typing import Protocol

from approvalbot.request.links import Account, Link, Proposal


class Links(Protocol):
    """Keeps links, and what waits for one. Every method may raise `Unavailable`."""

    def all(self) -> Sequence[Link]:
        """Every link that stands."""

    def add(self, link: Link) -> None:
        """Let a link stand; it replaces one of the same account."""

    def keep(self, account: Account, press: str) -> None:
        """Keep a press that waits for the account's link; the same person's earlier one on the same request goes."""

    def forget(self, account: Account, request_id: str, slack: str) -> None:
        """Let go of what somebody pressed on a request, if it waits for the account's link."""

    def take(self, account: Account) -> Sequence[str]:
        """The presses that wait for the account's link; each is given once."""

    def propose(self, proposal: Proposal) -> None:
        """Keep a proposal, in place of an earlier one on the same request."""

    def proposed(self, request_id: str) -> Proposal | None:
        """The proposal on a request, if one stands."""

    def drop(self, request_id: str) -> bool:
        """Take the proposal away; gives whether it was there, so that it is confirmed or refused once."""
