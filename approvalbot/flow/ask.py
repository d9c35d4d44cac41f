"""Ask: an engineer's wish becomes a request for access, or is refused with what would be possible."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from approvalbot.errors import AccessRefused, MoveRefused
from approvalbot.flow.advance import hand_on
from approvalbot.flow.excluding import excluded_by_wish
from approvalbot.flow.granting import names_of_wish, requester_as_named
from approvalbot.flow.ports import Journey, Member
from approvalbot.flow.press import full_member, person_of
from approvalbot.policy.access import check_wish
from approvalbot.policy.calendars import schedule_row
from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.seats import filled_by_requester
from approvalbot.policy.snapshots import snapshot
from approvalbot.policy.templates import field_text, fill_text
from approvalbot.request.about import About, Line
from approvalbot.request.case import Case
from approvalbot.request.lifecycle import open_request
from approvalbot.request.opening import Opening, Stands
from approvalbot.request.refusals import shown_entries
from approvalbot.request.request import Bar, Person, Request, State, Wish, name_of

WANTED = frozenset({State.PENDING, State.APPROVED, State.ACTIVE})
"""While a request is in one of these, the same person needs no second one for the same."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody typed or filled in. `key` names the form or the command, so that sending it twice asks once."""

    slack: str
    entitlement: str
    key: str
    duration_s: int | None = None
    reason: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)


def requestable(journey: Journey, slack: str) -> list[Entitlement]:
    """What somebody may ask for, by title."""
    member = full_member(journey.people, slack)
    offered = journey.policies().entitlements.values()
    return sorted((one for one in offered if _may_ask(journey, one, member)), key=lambda one: one.title)


def ask(journey: Journey, asking: Asking) -> Case:
    """Open a request for access.

    Raises:
        AccessRefused: not this person, not this much, not like this; or it is already open or held.
        MoveRefused: the person is no full member, or Slack does not say.
        Unavailable: nothing was recorded.
    """
    policies = journey.policies()
    member = full_member(journey.people, asking.slack)
    person = person_of(member, policies.identities)
    terms = policies.entitlements.get(asking.entitlement)
    if terms is None or terms.mode == "off":
        raise AccessRefused(
            "unknown_entitlement", "There is nothing called {name} to ask for.", name=asking.entitlement
        )
    if not _may_ask(journey, terms, member):
        groups = shown_entries(entry.key for entry in terms.requestable_by)
        sentence = "{title} can be requested by {groups}. You are not in it."
        raise AccessRefused("not_requestable", sentence, title=terms.title, groups=groups)
    duration_s = asking.duration_s or terms.duration.default_s
    wish = Wish(entitlement=terms.id, duration_s=duration_s, reason=asking.reason.strip(), inputs=dict(asking.inputs))
    check_wish(terms, duration_s=duration_s, reason=wish.reason, inputs=wish.inputs)
    return _open(journey, policies, terms, person, wish, asking.key)


def _may_ask(journey: Journey, terms: Entitlement, member: Member) -> bool:
    try:
        return any(journey.people.is_member(entry, entry.name, member) for entry in terms.requestable_by)
    except MoveRefused:
        return False


def _open(journey: Journey, policies: PolicySet, terms: Entitlement, person: Person, wish: Wish, key: str) -> Case:
    now = journey.requests.now()
    row = schedule_row(terms.approval, policies.calendars, now)
    named = requester_as_named(policies.identities, person)
    names = names_of_wish(wish, named)
    request = Request(
        id=name_of("access", person.key, terms.id, key),
        kind="access",
        policy_id=terms.id,
        policy_digest=terms.digest,
        opened_at=now,
        requester=person,
        bars=(
            Bar(role="requester", system="slack", account=person.slack or "", person=person.key),
            *excluded_by_wish(policies.identities, terms.approval, names),
        ),
        quorum=row.quorum,
        distinct=row.from_distinct_groups,
        filled=filled_by_requester(terms, person.key),
        wish=wish,
        named={name: str(value) for name, value in named.items()},
    )
    about = about_wish(terms, person, wish, named)
    change = open_request(request, terms, now, {"entitlement": terms.id, "content": about.digest})
    stands = Stands(f"repeat:{terms.id}:{_same_wish(terms, person, wish)}", WANTED)
    opened = journey.requests.open(change, Opening(about, snapshot(terms), stands))
    if opened.is_repeat:
        raise _already(opened.request)
    if opened.how == "new":
        hand_on(journey, change)
    return Case(change.request, terms, about)


def _already(holder: Request) -> AccessRefused:
    ends = holder.grant.ends_at if holder.grant else None
    if ends is not None:
        return AccessRefused("already_open", "You already hold this until {at} (`{id}`).", at=ends, id=holder.short_id)
    return AccessRefused("already_open", "You already asked at {at}: `{id}`.", at=holder.opened_at, id=holder.short_id)


def _same_wish(terms: Entitlement, person: Person, wish: Wish) -> str:
    """What makes two wishes one: the person, and the inputs that the entitlement's `dedupe.key` names (all of them
    where it names none).
    """
    wanted = (
        {path.removeprefix("$input.") for path in terms.dedupe.key if path.startswith("$input.")}
        if terms.dedupe
        else None
    )
    inputs = sorted((name, value) for name, value in wish.inputs.items() if wanted is None or name in wanted)
    return name_of(person.key, *(f"{name}={value}" for name, value in inputs))


def about_wish(terms: Entitlement, person: Person, wish: Wish, requester: Mapping[str, Any]) -> About:
    """What approvers see of a wish."""
    labels = {one.id: one.label for one in terms.inputs}
    lines = [Line(label="For", value=show_duration(wish.duration_s), must_show=True)]
    lines += [Line(label=labels.get(name, name), value=value) for name, value in wish.inputs.items() if value]
    if wish.reason:
        lines.append(Line(label="Reason", value=f"“{wish.reason}”", must_show=True))
    names = {
        "$requester": requester,
        "$input": dict(wish.inputs),
        "$duration": show_duration(wish.duration_s),
        "$reason": wish.reason,
    }
    said = ("$duration", "$reason", "$input.")
    more = [path for path in terms.message.fields if not path.startswith(said)]
    lines += [Line(label=path.removeprefix("$"), value=field_text(path, names)) for path in more]
    summary = fill_text(terms.message.summary, names) if terms.message.summary else ""
    return About(
        title=terms.title,
        severity=terms.severity,
        who=person.name,
        who_id=person.key,
        action=f"hold {terms.title}",
        summary=summary or f"{person.name} asks for {terms.title} for {show_duration(wish.duration_s)}",
        lines=tuple(lines),
        runbook=terms.message.runbook or "",
        origin="/access",
    )
