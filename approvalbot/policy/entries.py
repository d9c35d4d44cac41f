"""Whom and where a document names: its approver entries and its channels, each with its place."""

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
        for place, entry in enumerate(document.approval.delegation.entries):
            yield ("approval", "delegation", "allow", place, entry.kind), entry


def notice_channels(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """The channels that a document's levels write to."""
    if isinstance(document, Policy | SigmaPack | Entitlement):
        for number, level in enumerate(document.approval.levels):
            for place, notice in enumerate(level.notify):
                if notice.kind == "channel":
                    yield ("approval", "levels", number, "notify", place, "channel"), notice.target
