"""The approver entries of a document, each with the place where it stands."""

from collections.abc import Iterator

from approvalbot.policy.approval import Approver
from approvalbot.policy.base import Document
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.faults import KeyPath
from approvalbot.policy.pack import SigmaPack


def approver_entries(document: Document) -> Iterator[tuple[KeyPath, Approver]]:
    """Whom a document asks, level by level, and for an entitlement who may ask. Other kinds have none."""
    if isinstance(document, Entitlement):
        for place, entry in enumerate(document.requestable_by):
            yield ("requestable_by", place, entry.kind), entry
    if isinstance(document, Policy | SigmaPack | Entitlement):
        for number, level in enumerate(document.approval.levels):
            for place, entry in enumerate(level.approvers):
                yield ("approval", "levels", number, "approvers", place, entry.kind), entry
