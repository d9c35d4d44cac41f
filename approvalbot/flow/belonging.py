"""Belonging: whether the holder of access is still among those who may ask for it."""

from collections.abc import Collection, Iterable
from typing import Protocol

from approvalbot.errors import MoveRefused, NotFound
from approvalbot.flow.advance import advance
from approvalbot.flow.ask import belongs
from approvalbot.flow.ports import Journey, Member
from approvalbot.log import get_logger
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.case import Case
from approvalbot.request.moves import Recheck
from approvalbot.request.reports import Left, MembershipRead, MembershipUnread
from approvalbot.request.request import Request

log = get_logger("belonging")


class Holders(Protocol):
    """Finds access that somebody holds."""

    def held(self) -> Iterable[Request]:
        """All access that is active now."""


def check_member(journey: Journey, case: Case) -> None:
    """Look whether the holder still belongs, by the groups of the document that their access was given under."""
    requester = case.request.requester
    if requester is None or requester.slack is None or not isinstance(case.terms, Entitlement):
        return
    try:
        report = _looked(journey, case.terms, journey.people.who(requester.slack))
    except MoveRefused as fault:
        report = MembershipUnread(fault.text())
    advance(journey, case.request.id, report)


def _looked(journey: Journey, terms: Entitlement, member: Member) -> Left | MembershipRead | MembershipUnread:
    if not member.active:
        return Left("deactivated")
    if member.full and belongs(journey, terms, member):
        return MembershipRead()
    if all(journey.people.members(entry, entry.name) is None for entry in terms.requestable_by):
        # A group that was renamed or deleted is a fault of the policy, and nobody has left it.
        return MembershipUnread("none of the groups that may ask is known any more")
    return Left("left_group")


def recheck(journey: Journey, holders: Holders, people: Collection[str] = ()) -> int:
    """Look at once at what these people hold (Slack ids; none: everybody). Gives how many grants that were."""
    count = 0
    for request in holders.held():
        watched = request.grant is not None and request.grant.check_at is not None
        holder = request.requester.slack if request.requester else None
        if watched and (not people or holder in people):
            count += 1
            try:
                advance(journey, request.id, Recheck())
            except (MoveRefused, NotFound) as fault:
                log.info("not looked at", request_id=request.id, why=fault.code)
    return count
