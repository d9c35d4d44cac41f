"""Lints of the approval block: who can ever agree, and how long they have."""

import math
from collections.abc import Mapping

from approvalbot.policy.approval import Approval, Approver
from approvalbot.policy.documents import Policy
from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.entries import approver_entries
from approvalbot.policy.environment import Identities
from approvalbot.policy.faults import KeyPath
from approvalbot.policy.lint.finding import Smell, Smells, is_severe
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.seats import largest_matching

LONGEST_GATE_S = 55 * 60
LONGEST_S = 24 * 3600
"""Seconds of all levels together: many callers of a gate wait an hour at most, and nobody waits over a day."""


def approval_smells(document: Policy | SigmaPack | Entitlement, policies: PolicySet) -> Smells:
    """What can go wrong with who is asked."""
    approval = document.approval
    yield from _unreachable(approval, policies.identities)
    yield from _roles(approval, policies.identities)
    yield from _schedules(document, policies)
    if len(approval.levels) == 1 and is_severe(document, policies):
        message = "much is at stake and there is one level: if nobody there acts, nobody else is asked"
        yield Smell("single-level", "warning", ("approval", "levels"), message)
    if approval.unmapped_actor == "allow":
        message = "an actor nobody can name may approve their own act"
        yield Smell("unmapped-allowed", "warning", ("approval", "unmapped_actor"), message)
    yield from _timeouts(document, approval)


def _unreachable(approval: Approval, identities: Identities) -> Smells:
    entries = {entry.key: entry for level in approval.levels for entry in level.approvers}
    members = {key: _members(entry, identities) for key, entry in entries.items()}
    people, seats = _most_people(members), _most_seats(members)
    rows: list[tuple[KeyPath, int, bool]] = [
        (("approval", "quorum"), approval.quorum, approval.from_distinct_groups),
        (("approval", "deny_quorum"), approval.deny_quorum, False),
    ]
    rows += [
        (("approval", "schedule", place, "quorum"), row.quorum, row.from_distinct_groups)
        for place, row in enumerate(approval.schedule)
    ]
    for path, quorum, distinct in rows:
        if quorum > people:
            message = f"{quorum} people are asked, and at most {people:.0f} could ever vote"
            yield Smell("quorum-unreachable", "error", path, message)
        elif distinct and quorum > seats:
            message = f"{quorum} distinct groups are asked, and at most {seats} could ever each send somebody else"
            yield Smell("quorum-unreachable", "error", path, message)


def _members(entry: Approver, identities: Identities) -> frozenset[str] | None:
    """The people of an entry as far as this folder knows them; None for a group outside it, which may have any."""
    match entry.kind:
        case "user":
            known = identities.lookup("emails", entry.name) or identities.lookup("slack", entry.name)
            return frozenset({known or entry.name})
        case "role":
            return frozenset(identities.roles.get(entry.name, ()))
        case "manager_of":
            return frozenset({entry.key})
        case _:
            return None


def _most_people(members: Mapping[str, frozenset[str] | None]) -> float:
    """How many people could ever vote."""
    if any(one is None for one in members.values()):
        return math.inf
    return len({person for one in members.values() for person in one or ()})


def _most_seats(members: Mapping[str, frozenset[str] | None]) -> int:
    """How many entries could each send somebody of their own; a group outside this folder always can."""
    people = {person for one in members.values() for person in one or ()}
    held = [[key for key, one in members.items() if one and person in one] for person in sorted(people)]
    return sum(one is None for one in members.values()) + largest_matching(held)


def _roles(approval: Approval, identities: Identities) -> Smells:
    for number, level in enumerate(approval.levels):
        for place, entry in enumerate(level.approvers):
            if entry.kind == "role" and not identities.roles.get(entry.name):
                path = ("approval", "levels", number, "approvers", place, "role")
                yield Smell(
                    "unknown-role", "warning", path, f"no Identities document has people in the role {entry.name}"
                )

    for place, entry in enumerate(approval.delegation.entries):
        if entry.kind == "role" and not identities.roles.get(entry.name):
            message = f"no Identities document has people in the role {entry.name}, so nobody stands in"
            yield Smell("unknown-role", "warning", ("approval", "delegation", "allow", place, "role"), message)


def _schedules(document: Policy | SigmaPack | Entitlement, policies: PolicySet) -> Smells:
    for path, entry in approver_entries(document):
        provider, _, schedule = entry.name.partition("/")
        if entry.kind != "oncall" or "{{" in provider or (schedule and provider in policies.oncall):
            continue
        told = f"{provider} is no on-call provider of a Sources document" if schedule else "it names no schedule"
        message = f"{told}, so {entry.name} names nobody; write NAME/SCHEDULE with a NAME that stands under oncall"
        yield Smell("unknown-oncall", "warning", path, message)


def _timeouts(document: Policy | SigmaPack | Entitlement, approval: Approval) -> Smells:
    total = sum(level.timeout_s for level in approval.levels)
    gate = isinstance(document, Policy) and document.request == "gate"
    most = LONGEST_GATE_S if gate else LONGEST_S
    if total > most:
        why = "callers of a gate often wait at most an hour" if gate else "a question that old is forgotten"
        message = f"all levels together take {show_duration(total)}, over {show_duration(most)}; {why}"
        yield Smell("long-timeout", "warning", ("approval", "levels"), message)
