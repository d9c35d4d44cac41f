"""Lints of an entitlement: who may ask, and what the grant gives besides what it seems to."""

from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.lint.finding import Smell, Smells


def grant_smells(document: Entitlement) -> Smells:
    """What can go wrong with whom it is given to."""
    if not document.requestable_by:
        yield Smell("nobody-may-ask", "warning", ("requestable_by",), "the list is empty, so nobody may ask for it")
