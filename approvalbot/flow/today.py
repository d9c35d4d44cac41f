"""Today: what the policies in force say of a request that was opened under an earlier version of them.

Tightening applies at once, loosening does not. Here only what a policy says now is found out; `request/quorum.py` lays
it over what was frozen into the request.
"""

from approvalbot.policy.calendars import schedule_row
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.people import owner_entry
from approvalbot.policy.policyset import PolicySet
from approvalbot.request.case import Case
from approvalbot.request.moves import Today


def current_of(policies: PolicySet, case: Case) -> Policy | Entitlement | None:
    """The current version of the case's policy, or None when there is none or it is off."""
    current = policies.current(case.request.policy_id, case.request.kind)
    return None if current is None or current.mode == "off" else current


def today_of(policies: PolicySet, case: Case) -> Today | None:
    """The rules of the current version of the case's policy, or None when there is none or it is off."""
    current = current_of(policies, case)
    if current is None:
        return None
    row = schedule_row(current.approval, policies.calendars, case.request.opened_at)
    owner = owner_entry(current.owner, policies.identities).key
    return Today(current.approval, row.quorum, row.from_distinct_groups, owner)


def wants_typing(policies: PolicySet, case: Case) -> bool:
    """Whether an approval has to hold the name of what it is about, by the request's own policy or that of today."""
    current = current_of(policies, case)
    confirms = [case.terms.approval.confirm, current.approval.confirm if current is not None else None]
    return any(one is not None for one in confirms)
