"""Who looks at a page, what they may see, and what they may do. Asked anew for every page."""

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from approvalbot.errors import MoveRefused, NotAllowed, Unavailable
from approvalbot.flow.members import entries_of_member
from approvalbot.flow.owning import is_owner
from approvalbot.flow.ports import Journey, Member
from approvalbot.policy.environment import Identities, fold
from approvalbot.request.case import Case
from approvalbot.request.request import Person, Request

Role = Literal["viewer", "auditor", "admin"]

INCLUDES: dict[Role, frozenset[Role]] = {
    "viewer": frozenset({"viewer"}),
    "auditor": frozenset({"viewer", "auditor"}),
    "admin": frozenset({"viewer", "auditor", "admin"}),
}
"""A viewer sees every request, an auditor the trail too, an admin may act on deliveries and sessions. Nobody decides by
a role: who may decide is what the policy says, and who is asked may always see what they are asked about."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is signed in. `csrf` is their session's own word, `token` what their cookie holds.

    `unconfirmed`: Slack does not answer, and this is who they were when it last did.
    """

    member: Member
    person: Person
    roles: frozenset[Role]
    csrf: str
    token: str
    confirmed_at: float = 0.0
    unconfirmed: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """Their own time zone, as their Slack profile has it."""
        try:
            return ZoneInfo(self.member.tz)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    def is_a(self, role: Role) -> bool:
        """Whether they have a role, or one that includes it."""
        return role in self.roles

    def must_be(self, role: Role, *, confirmed: bool = False) -> None:
        """Do nothing for somebody who has the role, and whom Slack `confirmed` if that is asked.

        Raises:
            NotAllowed: they have not.
            Unavailable: Slack does not say who they are now.
        """
        if not self.is_a(role):
            hint = "The Identities document names who has which role, APPROVALBOT_ADMINS the first admins."
            raise NotAllowed("not_allowed", "This page is for the role {role}.", hint=hint, role=role)
        if confirmed and self.unconfirmed:
            raise Unavailable("Slack does not answer, so nobody can be confirmed. Nothing was done.")


def roles_of(member: Member, person: Person, identities: Identities, admins: frozenset[str]) -> frozenset[Role]:
    """The roles of somebody: those that the identities give them, and `admin` for those whom the settings name."""
    found: set[Role] = set()
    for role, included in INCLUDES.items():
        if person.key in identities.roles.get(role, ()):
            found |= included
    if {member.slack, person.key} & admins or (member.email and fold(member.email) in {fold(one) for one in admins}):
        found |= INCLUDES["admin"]
    return frozenset(found)


def has_part(viewer: Viewer, request: Request) -> bool:
    """Whether somebody was asked, asked themselves, or voted."""
    return (
        any(viewer.person.slack in asked.people for asked in request.asked)
        or (request.requester is not None and request.requester.is_same(viewer.person))
        or any(vote.by.is_same(viewer.person) for vote in request.votes)
    )


def may_see(viewer: Viewer, case: Case, journey: Journey) -> bool:
    """Whether somebody may see a request: everybody who has a part in it or would be asked now, the owner of what it
    gives, and every viewer.
    """
    if viewer.is_a("viewer") or has_part(viewer, case.request):
        return True
    if viewer.unconfirmed:
        return False
    try:
        if entries_of_member(journey.people, case, viewer.member):
            return True
    except MoveRefused:
        return False
    return case.request.kind == "access" and is_owner(journey, case.terms, viewer.member)
