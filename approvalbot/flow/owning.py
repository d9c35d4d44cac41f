"""Owning: who answers for an entitlement, looked up now."""

from approvalbot.errors import MoveRefused
from approvalbot.flow.ports import Journey, Member
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.people import owner_entry
from approvalbot.request.change import Terms


def is_owner(journey: Journey, terms: Terms, member: Member) -> bool:
    """Whether somebody owns it by the policy of today, or, where that is gone, by the one it was given under.

    Membership that cannot be read makes nobody an owner.
    """
    policies = journey.policies()
    current = policies.entitlements.get(terms.id) if isinstance(terms, Entitlement) else None
    entry = owner_entry((current or terms).owner, policies.identities)
    try:
        return journey.people.is_member(entry, entry.name, member)
    except MoveRefused:
        return False
