"""Foretelling: whom a wish would ask, and what its holder has of it already, before anybody asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from approvalbot.errors import MoveRefused
from approvalbot.flow.wanting import WANTED
from approvalbot.policy.approval import Approver
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.seats import filled_by_requester
from approvalbot.request.quorum import filled_name
from approvalbot.request.request import Person, Request

Members = Callable[[Approver, str], frozenset[str] | None]
"""The Slack ids behind an approver entry whose template was filled; raises `MoveRefused` where Slack does not say."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """The entries of the first level, and how many people are behind them now; 0 where Slack does not say."""

    entries: tuple[str, ...]
    people: int


def foretell(members: Members, terms: Entitlement, person: Person) -> Foretold:
    """Whom a wish of this person would ask first. They are not counted themselves where they could not approve."""
    filled = filled_by_requester(terms, person.key)
    entries = [(entry, filled_name(entry.key, filled)) for entry in terms.approval.levels[0].approvers]
    found: set[str] = set()
    try:
        for entry, key in entries:
            found |= members(entry, key.partition(":")[2]) or set()
    except MoveRefused:
        found = set()
    if not terms.approval.self_approval:
        found.discard(person.slack or "")
    return Foretold(tuple(key for _, key in entries), len(found))


def standing_wishes(requests: Sequence[Request], terms: Entitlement) -> list[Request]:
    """Those of somebody's requests that ask for this, or hold it, now."""
    return [one for one in requests if one.policy_id == terms.id and one.state in WANTED and not one.extends]
