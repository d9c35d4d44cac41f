"""The seats of an approval: entries that depend on the event or the requester, and who can fill which of them."""

import fnmatch
import re
from collections.abc import Iterable, Sequence

from approvalbot.events.event import Event
from approvalbot.events.values import fan_out
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import Identities
from approvalbot.policy.templates import fill_text, terminals_of

_NAME = re.compile(r"[@#A-Za-z0-9._-]+")
_SCHEDULE = re.compile(r"[a-z0-9._-]+/[A-Za-z0-9._-]+")


def filled_by_event(policy: Policy, event: Event, identities: Identities, system: str) -> dict[str, str]:
    """The filled names of a policy's entries, by the key of the entry. `system` is where the event's accounts live.

    A name in the event must not choose its own judges: a filled name holds plain letters and is on the entry's list,
    else the entry names nobody.
    """
    filled: dict[str, str] = {}
    for level in policy.approval.levels:
        for entry in level.approvers:
            if entry.kind == "manager_of" and entry.name.startswith("$"):
                account = next(iter(_texts_at(event, entry.name)), "")
                filled[entry.key] = f"manager_of:{identities.lookup(system, account) or '-'}"
            elif entry.templated:
                name = fill_text(entry.name, {}, event)
                plain = (_SCHEDULE if entry.kind == "oncall" else _NAME).fullmatch(name)
                good = plain and any(fnmatch.fnmatchcase(name, allowed) for allowed in entry.allow)
                filled[entry.key] = f"{entry.kind}:{name if good else '-'}"
    return filled


def filled_by_requester(terms: Entitlement, person: str) -> dict[str, str]:
    """The same for an entitlement: `manager_of: $requester.id` becomes the id of whoever asks."""
    return {
        entry.key: f"{entry.kind}:{person}"
        for level in terms.approval.levels
        for entry in level.approvers
        if entry.kind == "manager_of" and entry.name == "$requester.id"
    }


def largest_matching(seats: Sequence[Iterable[str]]) -> int:
    """The most voters who can each fill a seat of their own.

    `seats[i]` are the entries that voter i belongs to. Augmenting paths (Kuhn): counting votes and groups apart is
    wrong both ways, since Ann in every group and two others in one of them make three votes, three groups, two seats.
    """
    holder: dict[str, int] = {}

    def seat(voter: int, tried: set[str]) -> bool:
        for entry in sorted(seats[voter]):
            if entry in tried:
                continue
            tried.add(entry)
            if entry not in holder or seat(holder[entry], tried):
                holder[entry] = voter
                return True
        return False

    return sum(seat(voter, set()) for voter in range(len(seats)))


def _texts_at(event: Event, path: str) -> list[str]:
    found = fan_out(terminals_of(path, {}, event))
    return [str(value) for value in found if isinstance(value, str | int) and value != ""]
