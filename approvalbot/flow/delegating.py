"""Delegating: whose seats somebody may fill while those people are away, by what is so at this moment.

What a delegate may do with a seat is decided by `request/delegating.py`; here it is found out who left them one, and
whether both policies, the request's own and today's, take this delegate.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from approvalbot.errors import MoveRefused
from approvalbot.flow.members import bars_now, entries_of_member, full_member, person_of
from approvalbot.flow.ports import Journey, Member
from approvalbot.flow.today import current_of
from approvalbot.policy.approval import Approval
from approvalbot.policy.environment import Identities
from approvalbot.request.case import Case
from approvalbot.request.moves import Hindered
from approvalbot.request.quorum import entries_of
from approvalbot.request.request import Absence, Delegated, Person, Request, Role

MOST = 10
"""People that one delegate stands in for at once: each costs look-ups at every press of theirs, which has 3 s."""


@dataclass(frozen=True, slots=True)
class Left:
    """The seats that are left to somebody, who is barred of those who left them, and why one is not left."""

    seats: tuple[Delegated, ...] = ()
    bars: Mapping[str, Role] = field(default_factory=dict)
    hindered: Hindered | None = None


def left_to(journey: Journey, case: Case, member: Member, person: Person, own: Collection[str]) -> Left:
    """What people who are away leave to this member. `own` are the entries that the member belongs to by themselves.

    Raises:
        MoveRefused: `membership_unknown`, and the member has no seat of their own.
    """
    absences = journey.absences.stood_in_for_by(member.slack)[:MOST]
    if not absences:
        return Left()
    identities = journey.policies().identities
    if is_away(journey, identities, person):
        return Left(hindered=Hindered("away", absences[0].person))
    try:
        if not is_taken(journey, case, member, own):
            return Left(hindered=Hindered("policy", absences[0].person))
        seats, bars = [], dict[str, Role]()
        for absent, who in _present_members(journey, absences):
            seats.append(Delegated(by=who, entries=tuple(entries_of_member(journey.people, case, absent))))
            bars |= bars_now(case.request, identities, absent, who)
    except MoveRefused:
        if entries_of(case.request, case.terms.approval, case.request.level).isdisjoint(own):
            raise
        return Left()
    return Left(tuple(seats), bars)


def _present_members(journey: Journey, absences: Collection[Absence]) -> Iterator[tuple[Member, Person]]:
    """Those of the absent who are full members still: nobody stands in for somebody who has left."""
    for absence in absences:
        try:
            absent = full_member(journey.people, str(absence.person.slack))
        except MoveRefused as fault:
            if fault.code == "membership_unknown":
                raise
            continue
        yield absent, person_of(absent, journey.policies().identities)


def is_away(journey: Journey, identities: Identities, person: Person) -> bool:
    """Whether somebody is away, by whichever of their accounts they said so."""
    known = identities.by_id.get(person.key)
    return bool(journey.absences.of([str(person.slack), *(known.accounts("slack") if known else ())]))


def is_taken(journey: Journey, case: Case, member: Member, own: Collection[str]) -> bool:
    """Whether the request's own policy takes this member as a delegate, and today's too, where there is one."""
    current = current_of(journey.policies(), case)
    rules = [case.terms.approval] if current is None else [case.terms.approval, current.approval]
    return all(_takes(journey, rule, case.request, member, own) for rule in rules)


def _takes(journey: Journey, approval: Approval, request: Request, member: Member, own: Collection[str]) -> bool:
    match approval.delegation.allow:
        case "none":
            return False
        case "peers":
            return not entries_of(request, approval).isdisjoint(own)
        case entries:
            return any(journey.people.is_member(entry, entry.name, member) for entry in entries)
