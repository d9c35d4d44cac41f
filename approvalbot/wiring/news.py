"""How a reload of the policies ended, told: in the metrics, and once to whoever owns what broke."""

from collections.abc import Callable, Iterable

from approvalbot.errors import ApprovalBotError
from approvalbot.reloading import Reloaded
from approvalbot.slack.owners import Owners
from approvalbot.slack.text import safe
from approvalbot.store.broken import BrokenPolicies
from approvalbot.store.keys import hashed
from approvalbot.web.counts import POLICIES_BROKEN, RELOADS
from approvalbot.wiring.house import House

MOST_FAULTS = 5
"""Faults that a message lists; `approvalbot policy check` has them all. Chosen by us: a message is read on a phone."""

FAULT_MOST = 400
"""Characters of one fault in a message. The longest of ours have fewer."""


def tell_of_reloads(house: House) -> None:
    """Let the metrics and the owners of documents hear how each reload of this process ended."""
    alarm_channel = house.settings.approvalbot_alarm_channel
    owners = Owners(house.paced, house.people, lambda: house.policies.identities, alarm_channel)
    house.keeper.tell(_count)
    # Also of the start: where files are mended by a restart, no reload says that it is over.
    house.keeper.tell(PolicyNews(owners, BrokenPolicies(house.redis)).tell, of_the_start=True)


def _count(ended: Reloaded) -> None:
    RELOADS.labels("broken" if ended.fault else "ok").inc()
    POLICIES_BROKEN.set(1 if ended.fault else 0)


class PolicyNews:
    """Tells the owners. Every web process reloads; `told` sees to it that one of them speaks."""

    def __init__(self, owners: Owners, told: BrokenPolicies) -> None:
        self._owners = owners
        self._told = told

    def tell(self, ended: Reloaded) -> None:
        """Tell each owner what is broken in their documents, or all of them that it is over.

        Raises:
            ApprovalBotError: somebody could not be told now; the others were.
        """
        if ended.fault:
            _each(ended.owed, lambda owner: self._tell_fault(owner, ended.owed[owner]))
        else:
            _each(self._told.owners(), self._tell_end)

    def _tell_fault(self, owner: str, faults: tuple[str, ...]) -> None:
        if not self._told.claim(owner, hashed("\n".join(faults))):
            return
        try:
            self._owners.tell(owner, broken_text(owner, faults))
        except BaseException:
            self._told.forget(owner)
            raise

    def _tell_end(self, owner: str) -> None:
        if not self._told.end(owner):
            return
        try:
            self._owners.tell(owner, ":white_check_mark: The policies load again, and are in force as they stand now.")
        except BaseException:
            self._told.claim(owner, "")
            raise


def broken_text(owner: str, faults: tuple[str, ...]) -> str:
    """What an owner is told, in mrkdwn; the faults quote files, so every one is escaped and stays one line."""
    whose = f" Owner: {safe(owner)}." if owner else ""
    lines = [f"• {safe(fault, FAULT_MOST)}" for fault in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        lines.append(f"and {len(faults) - MOST_FAULTS} more; `approvalbot policy check` names them all")
    head = f":warning: The policies were changed and do not load; the set before stays in force.{whose}"
    return "\n".join([head, *lines])


def _each(owners: Iterable[str], tell: Callable[[str], None]) -> None:
    """Do it for every owner; what failed for one is raised once all had their turn."""
    failed: ApprovalBotError | None = None
    for owner in owners:
        try:
            tell(owner)
        except ApprovalBotError as fault:
            failed = fault
    if failed is not None:
        raise failed
