"""Links: accounts that were tied to a person besides the identity document, as values."""

from dataclasses import dataclass

from approvalbot.policy.environment import fold

KEPT_S = 600
"""Seconds for which a press waits for its link: as long as ux.md tells the presser."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account in one of the systems that the identities know."""

    system: str
    name: str

    @property
    def key(self) -> str:
        """The same for one account in whatever case an event writes it: as the identities compare accounts."""
        return f"{self.system} {fold(self.name)}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody says whose account it is; `by` and `person` are person's keys, `nonce` tells it from the next one."""

    request_id: str
    account: Account
    person: str
    by: str
    by_slack: str
    nonce: int


@dataclass(frozen=True, slots=True)
class Link:
    """An account that belongs to `person`: `proposed` by one and `confirmed` by another, both person's keys."""

    account: Account
    person: str
    proposed: str
    confirmed: str
