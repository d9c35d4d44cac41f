"""Ask: an engineer's wish becomes a request for access, or is refused with what would be possible."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from approvalbot.errors import AccessRefused, MoveRefused
from approvalbot.flow.advance import hand_on
from approvalbot.flow.excluding import excluded_by_wish
from approvalbot.flow.granting import names_of_wish, requester_as_named
from approvalbot.flow.members import full_member, person_of
from approvalbot.flow.ports import Journey, Member
from approvalbot.flow.wanting import WANTED, already_open, question_of, same_wish
from approvalbot.flow.watching import watch_wish
from approvalbot.log import get_logger
from approvalbot.policy.access import check_wish, not_a_member
from approvalbot.policy.calendars import schedule_row
from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.seats import filled_by_requester
from approvalbot.policy.snapshots import snapshot
from approvalbot.policy.templates import field_text, fill_text
from approvalbot.request.about import About, Line
from approvalbot.request.case import Case
from approvalbot.request.lifecycle import open_request
from approvalbot.request.names import name_of
from approvalbot.request.opening import Opening, Stands
from approvalbot.request.quorum import filled_name
from approvalbot.request.refusals import shown_entries
from approvalbot.request.request import Bar, Person, Request, State, Wish

log = get_logger("ask")

MOST_OPEN = 10
"""Open requests of one person: as many as one list shows them."""


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
    offered = (one for one in journey.policies().entitlements.values() if one.mode != "off")
    return sorted((one for one in offered if may_ask(journey, one, member)), key=lambda one: one.title)


def ask(journey: Journey, asking: Asking) -> Case:
    """Open a request for access.

    Raises:
        AccessRefused: not this person, not this much, not like this; or it is already open or held, or only watched.
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
    if not may_ask(journey, terms, member):
        groups = shown_entries(entry.key for entry in terms.requestable_by)
        sentence = "{title} can be requested by {groups}. You are not in it."
        raise AccessRefused("not_requestable", sentence, title=terms.title, groups=groups)
    duration_s = asking.duration_s or terms.duration.default_s
    wish = Wish(entitlement=terms.id, duration_s=duration_s, reason=asking.reason.strip(), inputs=dict(asking.inputs))
    check_wish(terms, duration_s=duration_s, reason=wish.reason, inputs=wish.inputs)
    people = people_named_in(journey, terms, wish.inputs)
    if terms.mode != "monitor":
        _check_open(journey, person)
    named = requester_as_named(policies.identities, person)
    name = name_of("access", person.key, terms.id, asking.key)
    request = new_request(journey, terms, person, wish, name, named)
    about = about_wish(terms, person, wish, named, people)
    if terms.mode == "monitor":
        watch_wish(journey, request, terms, about, same_wish(terms, person, wish))
        raise _only_watched(terms, person, duration_s)
    return open_access(journey, terms, request, about, question_of(journey, terms, person, wish, name))


def may_ask(journey: Journey, terms: Entitlement, member: Member) -> bool:
    """Whether somebody belongs to those who may ask for it, now. What cannot be looked up counts for nobody."""
    try:
        return belongs(journey, terms, member)
    except MoveRefused:
        return False


def belongs(journey: Journey, terms: Entitlement, member: Member) -> bool:
    """The same.

    Raises:
        MoveRefused: `membership_unknown`, Slack does not say.
    """
    return any(journey.people.is_member(entry, entry.name, member) for entry in terms.requestable_by)


def new_request(
    journey: Journey, terms: Entitlement, person: Person, wish: Wish, request_id: str, named: Mapping[str, Any]
) -> Request:
    """A wish as a request that is not opened yet. `named` is what `$requester` means in it."""
    now = journey.requests.now()
    row = schedule_row(terms.approval, journey.policies().calendars, now)
    names = names_of_wish(wish, named)
    return Request(
        id=request_id,
        kind="access",
        policy_id=terms.id,
        policy_digest=terms.digest,
        opened_at=now,
        requester=person,
        bars=(
            Bar(role="requester", system="slack", account=person.slack or "", person=person.key),
            *excluded_by_wish(journey.policies().identities, terms.approval, names),
        ),
        quorum=row.quorum,
        distinct=row.from_distinct_groups,
        filled=filled_by_requester(terms, person.key),
        wish=wish,
        named={name: str(value) for name, value in named.items()},
    )


def open_access(journey: Journey, terms: Entitlement, request: Request, about: About, question: str) -> Case:
    """Open a request for access, once for a question.

    Raises:
        AccessRefused: `already_open`, somebody asked the same and it stands.
        Unavailable: nothing was recorded.
    """
    change = open_request(request, terms, request.opened_at, {"entitlement": terms.id, "content": about.digest})
    past = journey.past.before(request.policy_id, about, request.opened_at)
    about = about.model_copy(update={"before": past})
    stands = Stands(f"repeat:{terms.id}:{question}", WANTED)
    opened = journey.requests.open(change, Opening(about, snapshot(terms), stands))
    if opened.is_repeat:
        raise already_open(opened.request)
    if opened.how == "new":
        hand_on(journey, change)
    return Case(change.request, terms, about)


def people_named_in(journey: Journey, terms: Entitlement, inputs: Mapping[str, str]) -> dict[str, str]:
    """The names of the people whom a wish names, by the Slack id that the form gave.

    Raises:
        AccessRefused: `input_invalid`, one of them could not act here.
        MoveRefused: `membership_unknown`, Slack does not say.
    """
    names = {}
    for one in terms.inputs:
        value = inputs.get(one.id, "")
        if one.type == "user" and value:
            member = journey.people.who(value)
            if not (member.active and member.person and member.full):
                raise not_a_member(one, value)
            names[value] = member.name
    return names


def _check_open(journey: Journey, person: Person) -> None:
    """Nobody keeps everybody else busy with questions."""
    waiting = [one for one in journey.requests.asked_by(person.key, 50) if one.state is State.PENDING]
    if len(waiting) >= MOST_OPEN:
        listed = ", ".join(one.short_id for one in waiting)
        sentence = "At most {most} open requests per person. Yours: {listed}."
        hint = "`/access cancel` takes one back."
        raise AccessRefused("too_many_requests", sentence, hint=hint, most=MOST_OPEN, listed=listed)


def _only_watched(terms: Entitlement, person: Person, duration_s: int) -> AccessRefused:
    """What would have happened, for an entitlement that only watches."""
    log.info("watched", policy=terms.id, person=person.key, duration_s=duration_s)
    filled = filled_by_requester(terms, person.key)
    asked = shown_entries(filled_name(entry.key, filled) for entry in terms.approval.levels[0].approvers)
    return AccessRefused(
        "monitor_only",
        "{title} only watches for now, so nobody was asked and nothing is given. It would ask {asked} for {length}.",
        title=terms.title,
        asked=asked,
        length=show_duration(duration_s),
    )


def about_wish(
    terms: Entitlement, person: Person, wish: Wish, requester: Mapping[str, Any], people: Mapping[str, str]
) -> About:
    """What approvers see of a wish. `people` are the names behind the Slack ids in it."""
    labels = {one.id: one.label for one in terms.inputs}
    lines = [Line(label="For", value=show_duration(wish.duration_s), must_show=True)]
    for name, value in wish.inputs.items():
        shown = f"{people[value]} ({value})" if value in people else value
        lines += [Line(label=labels.get(name, name), value=shown)] if value else []
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
        banners=tuple(banner.text for banner in terms.message.banners),
    )
