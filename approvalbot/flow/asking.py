"""Asking: whom a level reaches, as the workspace knows it at this moment."""

from dataclasses import dataclass

from approvalbot.errors import MoveRefused
from approvalbot.flow.ports import People
from approvalbot.policy.approval import Approver
from approvalbot.policy.environment import Identities
from approvalbot.policy.people import owner_entry
from approvalbot.request.case import Case
from approvalbot.request.quorum import filled_name


@dataclass(frozen=True, slots=True)
class Resolved:
    """The people of a level by Slack id, sorted, without those who may not vote; and the entries that named nobody.

    `owner` is the entry of those who alone may approve, if any. `unknown` are the entries that could not be looked up
    now, which is not the same as naming nobody; `fault` says why.
    """

    people: tuple[str, ...]
    unresolved: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    fault: MoveRefused | None = None
    owner: str = ""


def owner_of(people: People, case: Case, identities: Identities) -> Approver | None:
    """The entry whose people alone may approve a request whose policy could not be evaluated: the policy's owner.

    None for every other request, and where the owner names nobody: then the policy's own approvers decide, two of them.

    Raises:
        MoveRefused: `membership_unknown`; an owner who cannot be looked up is not one who names nobody.
    """
    if not case.request.policy_error:
        return None
    entry = owner_entry(case.terms.owner, identities)
    return entry if people.members(entry, entry.name) else None


def people_of_level(people: People, case: Case, level: int, identities: Identities) -> Resolved:
    """Look up every approver entry of a level, and the owner where they are needed."""
    found: set[str] = set()
    unresolved: list[str] = []
    unknown: list[str] = []
    fault: MoveRefused | None = None
    owner: Approver | None = None
    try:
        owner = owner_of(people, case, identities)
        found |= (people.members(owner, owner.name) if owner is not None else None) or frozenset()
    except MoveRefused as refused:
        # The owner alone may approve this one: who they are is worth asking again for, and nobody else stands in.
        fault = refused
        unknown.append(case.terms.owner)
    for entry in case.terms.approval.levels[level].approvers:
        key = filled_name(entry.key, case.request.filled)
        try:
            members = people.members(entry, key.partition(":")[2])
        except MoveRefused as refused:
            fault = refused
            unknown.append(key)
            continue
        if members:
            found |= members
        else:
            unresolved.append(key)
    own = case.request.requester.slack if case.request.requester else None
    if own is not None and not case.terms.approval.self_approval:
        found.discard(own)
    return Resolved(
        tuple(sorted(found)), tuple(unresolved), tuple(unknown), fault, owner.key if owner is not None else ""
    )
