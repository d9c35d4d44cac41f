"""Which policies somebody may decide, as far as the policies alone say it. Pure.

An entry that names a person or a role of the identities is answered here. Who is in a Slack group or a channel, or on
call, is known elsewhere and looked up when somebody presses: such entries are named, and nobody is put into them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from approvalbot.policy.approval import Approver
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import Identities, Person
from approvalbot.policy.policyset import PolicySet

ELSEWHERE = frozenset({"usergroup", "channel_members", "oncall"})


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in a level. `entry` is the approver entry that gives it."""

    key: str
    kind: str
    title: str
    level: str
    entry: str


def seats_of(policies: PolicySet, person: Person) -> list[Seat]:
    """The seats that are this person's by name, by role or as somebody's manager; once for each policy and level."""
    found: dict[tuple[str, str, str], Seat] = {}
    for seat, approver in _seats(policies):
        if _names(approver, person, policies.identities):
            found.setdefault((seat.key, seat.kind, seat.level), seat)
    return list(found.values())


def entries_elsewhere(policies: PolicySet) -> dict[str, list[Seat]]:
    """By entry, the seats that depend on a membership which is known elsewhere."""
    found: dict[str, list[Seat]] = {}
    for seat, approver in _seats(policies):
        if approver.kind in ELSEWHERE:
            found.setdefault(approver.key, []).append(seat)
    return dict(sorted(found.items()))


def _seats(policies: PolicySet) -> Iterator[tuple[Seat, Approver]]:
    terms: list[tuple[str, str, Policy | Entitlement]] = [
        (one.policy.key, one.policy.request, one.policy) for one in policies.compiled if one.policy.mode != "off"
    ]
    terms += [(one.id, "access", one) for one in policies.entitlements.values() if one.mode != "off"]
    for key, kind, one in terms:
        for level in one.approval.levels:
            for approver in level.approvers:
                yield Seat(key, kind, one.title, level.name, approver.key), approver


def _names(approver: Approver, person: Person, identities: Identities) -> bool:
    """Whether an entry can be filled by this person. A manager's seat is theirs where anybody has them as manager."""
    match approver.kind:
        case "user":
            named = identities.lookup("emails", approver.name) or identities.lookup("slack", approver.name)
            return person.id in {approver.name, named}
        case "role":
            return person.id in identities.roles.get(approver.name, ())
        case "manager_of":
            known = identities.by_id.get(approver.name)
            if known is not None:
                return known.manager == person.id
            # Filled from the event or the requester: it may be theirs, if they manage anybody at all.
            return any(one.manager == person.id for one in identities.people)
        case _:
            return False
