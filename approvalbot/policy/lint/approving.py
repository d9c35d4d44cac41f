"""Lints of the approval block: who can ever agree, and how long they have."""

import math

from approvalbot.policy.approval import Approval, Approver
from approvalbot.policy.base import SEVERE
from approvalbot.policy.documents import Policy
from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import Identities
from approvalbot.policy.faults import KeyPath
from approvalbot.policy.lint.finding import Smell, Smells
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.policyset import PolicySet

LONGEST_GATE_S = 55 * 60
LONGEST_S = 24 * 3600
"""Seconds of all levels together: many callers of a gate wait an hour at most, and nobody waits over a day."""


def approval_smells(document: Policy | SigmaPack | Entitlement, policies: PolicySet) -> Smells:
    """What can go wrong with who is asked."""
    approval = document.approval
    yield from _unreachable(approval, policies.identities)
    yield from _roles(approval, policies.identities)
    severity = getattr(document, "severity", None) or "low"
    if severity in SEVERE and len(approval.levels) == 1:
        message = f"severity {severity} with one level: if nobody there acts, nobody else is asked"
        yield Smell("single-level", "warning", ("approval", "levels"), message)
    if approval.unmapped_actor == "allow":
        message = "an actor nobody can name may approve their own act"
        yield Smell("unmapped-allowed", "warning", ("approval", "unmapped_actor"), message)
    yield from _timeouts(document, approval)


def _unreachable(approval: Approval, identities: Identities) -> Smells:
    entries = {entry.key: entry for level in approval.levels for entry in level.approvers}
    people = _most_people(list(entries.values()), identities)
    rows: list[tuple[KeyPath, int, bool]] = [(("approval", "quorum"), approval.quorum, approval.from_distinct_groups)]
    rows += [
        (("approval", "schedule", place, "quorum"), row.quorum, row.from_distinct_groups)
        for place, row in enumerate(approval.schedule)
    ]
    for path, quorum, distinct in rows:
        if distinct and quorum > len(entries):
            message = f"{quorum} distinct groups are asked, and only {len(entries)} are named"
            yield Smell("quorum-unreachable", "error", path, message)
        elif quorum > people:
            message = f"{quorum} people are asked, and at most {people:.0f} could ever vote"
            yield Smell("quorum-unreachable", "error", path, message)


def _most_people(entries: list[Approver], identities: Identities) -> float:
    """How many people could ever vote; groups outside this folder may have any number."""
    known: set[str] = set()
    single = 0
    for entry in entries:
        match entry.kind:
            case "user":
                known.add(identities.lookup("emails", entry.name) or entry.name)
            case "role":
                known.update(identities.roles.get(entry.name, ()))
            case "manager_of":
                single += 1
            case _:
                return math.inf
    return len(known) + single


def _roles(approval: Approval, identities: Identities) -> Smells:
    for number, level in enumerate(approval.levels):
        for place, entry in enumerate(level.approvers):
            if entry.kind == "role" and not identities.roles.get(entry.name):
                path = ("approval", "levels", number, "approvers", place, "role")
                yield Smell(
                    "unknown-role", "warning", path, f"no Identities document has people in the role {entry.name}"
                )


def _timeouts(document: Policy | SigmaPack | Entitlement, approval: Approval) -> Smells:
    total = sum(level.timeout_s for level in approval.levels)
    gate = isinstance(document, Policy) and document.request == "gate"
    most = LONGEST_GATE_S if gate else LONGEST_S
    if total > most:
        why = "callers of a gate often wait at most an hour" if gate else "a question that old is forgotten"
        message = f"all levels together take {show_duration(total)}, over {show_duration(most)}; {why}"
        yield Smell("long-timeout", "warning", ("approval", "levels"), message)
