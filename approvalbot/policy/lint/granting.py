"""Lints of an entitlement: who may ask, and what the grant gives besides what it seems to."""

from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.lint.finding import Smell, Smells
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.policyset import PolicySet


def grant_smells(document: Entitlement, policies: PolicySet) -> Smells:
    """What can go wrong with whom it is given to, and with what it gives besides."""
    if not document.requestable_by:
        yield Smell("nobody-may-ask", "warning", ("requestable_by",), "the list is empty, so nobody may ask for it")
    group = str(document.grant.with_.get("group", ""))
    if document.grant.provider == "slack_group" and group:
        named = sorted(one.id for one in _asking(policies) if f"usergroup:{group}" in _entries(one))
        if named:
            message = f"whoever holds it may decide or ask where {named[0]} names {group}"
            yield Smell("grants-approver", "warning", ("grant", "with", "group"), message)


def _asking(policies: PolicySet) -> list[Policy | SigmaPack | Entitlement]:
    return [one for one in policies.documents if isinstance(one, Policy | SigmaPack | Entitlement)]


def _entries(document: Policy | SigmaPack | Entitlement) -> frozenset[str]:
    """Who decides, and for an entitlement who may ask."""
    asking = document.requestable_by if isinstance(document, Entitlement) else ()
    return document.approval.entry_keys | {entry.key for entry in asking}
