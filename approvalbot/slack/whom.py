"""`/access oncall`: who would be asked now, step by step, if somebody asked for something."""

from collections.abc import Sequence

from approvalbot.errors import AccessRefused, MoveRefused
from approvalbot.flow.ask import requestable
from approvalbot.flow.members import full_member, person_of
from approvalbot.flow.ports import Journey
from approvalbot.policy.approval import Approver
from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.seats import filled_by_requester
from approvalbot.request.quorum import filled_name
from approvalbot.request.refusals import shown_entry
from approvalbot.request.request import Absence, Person
from approvalbot.slack.text import safe, show

MOST = 5
"""Entitlements shown when none is named: what the home tab offers too."""

MOST_NAMES = 10


def whom(journey: Journey, slack: str, name: str) -> str:
    """The steps of one entitlement, or of the first few that this person may ask for.

    Raises:
        AccessRefused: there is none of that name for them.
        MoveRefused: they are no full member, or Slack does not say.
    """
    offered = requestable(journey, slack)
    wanted = [one for one in offered if name in {"", one.id}][:MOST]
    if not wanted:
        known = ", ".join(f"`{one.id}`" for one in offered)
        raise AccessRefused(
            "unknown_entitlement",
            "There is nothing called {name} to ask for." if name else "There is nothing you may ask for here.",
            hint=f"You may ask for: {known}." if known else "",
            name=name[:60],
        )
    person = person_of(full_member(journey.people, slack), journey.policies().identities)
    return "\n\n".join(_steps(journey, one, person) for one in wanted)


def _steps(journey: Journey, terms: Entitlement, person: Person) -> str:
    lines = [f"*{safe(terms.title, 120)}* (`{terms.id}`)"]
    filled = filled_by_requester(terms, person.key)
    for number, level in enumerate(terms.approval.levels, 1):
        entries = [(entry, filled_name(entry.key, filled)) for entry in level.approvers]
        groups = " or ".join(safe(shown_entry(key), 80) for _, key in entries)
        lines.append(
            f"{number}. {groups}, {show_duration(level.timeout_s)}: {_people(journey, entries, terms, person)}"
        )
    return "\n".join(lines)


def _people(journey: Journey, entries: Sequence[tuple[Approver, str]], terms: Entitlement, person: Person) -> str:
    found: set[str] = set()
    try:
        for entry, key in entries:
            found |= journey.people.members(entry, key.partition(":")[2]) or set()
    except MoveRefused:
        return "Slack does not say now"
    if not terms.approval.self_approval:
        found.discard(person.slack or "")
    listed = sorted(found)[:MOST_NAMES]
    absences = journey.absences.of(listed)
    names = [f"<@{one}>{_away(absences.get(one))}" for one in listed]
    more = f" +{len(found) - MOST_NAMES}" if len(found) > MOST_NAMES else ""
    return ", ".join(names) + more if names else ":warning: nobody"


def _away(absence: Absence | None) -> str:
    """That somebody is away, after their name. Whether whom they named may stand in depends on the request."""
    if absence is None:
        return ""
    return f" (away, named {show(absence.delegate)})" if absence.delegate else " (away)"
