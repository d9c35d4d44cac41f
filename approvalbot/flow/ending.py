"""Ending: access is taken back before its time, by whoever holds it or by an owner, who says why."""

from approvalbot.errors import MoveRefused
from approvalbot.flow.advance import advance
from approvalbot.flow.members import full_member, person_of
from approvalbot.flow.owning import is_owner
from approvalbot.flow.ports import Journey
from approvalbot.flow.refusing import in_the_trail
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.case import Case
from approvalbot.request.moves import End


def end_access(journey: Journey, request_id: str, slack: str, reason: str = "") -> Case:
    """Begin to end access early; gives the case as it then is.

    Raises:
        MoveRefused: `not_yours`, or `reason_required` where an owner ends what somebody else holds; the trail has it.
        NotFound: there is no such request.
        Unavailable: nothing was recorded.
    """
    with in_the_trail(journey, request_id, slack, "end"):
        member = full_member(journey.people, slack)
    person = person_of(member, journey.policies().identities)
    case, _ = journey.requests.load(request_id)
    requester = case.request.requester
    own = requester is not None and requester.is_same(person)
    freely = own and isinstance(case.terms, Entitlement) and "withdraw" in case.terms.grant.end_on
    owner = not freely and is_owner(journey, case.terms, member)
    if owner and not own and not reason.strip():
        raise MoveRefused(
            "reason_required",
            "You end what {holder} holds, so say why: they read it.",
            hint="`/access revoke <id> because <reason>` does it in one line.",
            holder=requester or "somebody",
        )
    with in_the_trail(journey, request_id, slack, "end"):
        return advance(journey, request_id, End(person, reason.strip(), owner=owner))[0]
