"""Members: who somebody is, what they belong to and what bars them, looked up at the moment it is asked."""

from collections.abc import Mapping

from approvalbot.errors import MoveRefused
from approvalbot.flow.ports import Member, People
from approvalbot.policy.approval import Approver
from approvalbot.policy.environment import Identities, fold
from approvalbot.request.case import Case
from approvalbot.request.quorum import filled_name
from approvalbot.request.request import Person, Request, Role


def full_member(people: People, slack: str) -> Member:
    """The member behind a Slack id, if it is one who may decide anything at all.

    Raises:
        MoveRefused: `not_a_person` for bots and workflows, `not_a_member` for guests, strangers and deactivated people.
    """
    member = people.who(slack)
    if not member.person:
        raise MoveRefused("not_a_person", "Bots and workflows cannot decide. Nothing was recorded.")
    if not member.active:
        raise MoveRefused("not_a_member", "Your account is not active. Nothing was recorded.")
    if not member.full:
        raise MoveRefused("not_a_member", "Only full members of this workspace can decide. Nothing was recorded.")
    return member


def person_of(member: Member, identities: Identities) -> Person:
    """The person a member is: by the identity document, else by team and user id, never by a name or an e-mail."""
    known = identities.lookup("slack", member.slack)
    if known is None:
        return Person(key=f"slack:{member.team}/{member.slack}", name=member.name, slack=member.slack)
    return Person(key=known, name=identities.by_id[known].name, slack=member.slack)


def entries_of_member(people: People, case: Case, member: Member, owner: Approver | None = None) -> frozenset[str]:
    """The approver entries of every level that somebody belongs to now, and the owner's where that is one.

    Raises:
        MoveRefused: `membership_unknown`, when no entry of an open level is confirmed and one could not be looked up.
    """
    found, unknown = set(), None
    opened: set[str] = set()
    for number, level in enumerate(case.terms.approval.levels):
        for entry in level.approvers:
            key = filled_name(entry.key, case.request.filled)
            if number <= case.request.level:
                opened.add(key)
            try:
                if people.is_member(entry, key.partition(":")[2], member):
                    found.add(key)
            except MoveRefused as fault:
                unknown = fault if number <= case.request.level else unknown
    if owner is not None and people.is_member(owner, owner.name, member):
        found.add(owner.key)
        opened.add(owner.key)
    if unknown is not None and not found & opened:
        raise unknown
    return frozenset(found)


def bars_now(request: Request, identities: Identities, member: Member, person: Person) -> Mapping[str, Role]:
    """Who may not vote, as today's identities know them; the presser's own e-mail bars them too."""
    bars: dict[str, Role] = {}
    for bar in request.bars:
        holders = {bar.person, identities.lookup(bar.system, bar.account)}
        if bar.system == "slack" and bar.account == member.slack:
            holders.add(person.key)
        if member.email and fold(bar.account) == fold(member.email):
            holders.add(person.key)
        for holder in holders - {None}:
            bars.setdefault(str(holder), bar.role)
    return bars
