"""Asking: whom a level reaches, as the workspace knows it at this moment."""

from dataclasses import dataclass

from approvalbot.errors import MoveRefused
from approvalbot.flow.ports import People
from approvalbot.request.case import Case
from approvalbot.request.quorum import filled_name


@dataclass(frozen=True, slots=True)
class Resolved:
    """The people of a level by Slack id, sorted, without those who may not vote; and the entries that named nobody.

    `unknown` are the entries that could not be looked up now, which is not the same as naming nobody; `fault` says why.
    """

    people: tuple[str, ...]
    unresolved: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    fault: MoveRefused | None = None


def people_of_level(people: People, case: Case, level: int) -> Resolved:
    """Look up every approver entry of a level."""
    found: set[str] = set()
    unresolved: list[str] = []
    unknown: list[str] = []
    fault: MoveRefused | None = None
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
    return Resolved(tuple(sorted(found)), tuple(unresolved), tuple(unknown), fault)
