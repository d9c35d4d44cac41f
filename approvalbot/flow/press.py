"""Press: somebody pressed Approve or Deny. Who they are and what they belong to is looked up now, never remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from approvalbot.errors import MoveRefused
from approvalbot.flow.advance import advance, advance_or_note
from approvalbot.flow.asking import owner_of
from approvalbot.flow.excluding import excluded_today
from approvalbot.flow.ports import Journey, Member, People
from approvalbot.flow.today import today_of
from approvalbot.policy.approval import Approver
from approvalbot.policy.environment import Identities, fold
from approvalbot.request.case import Case
from approvalbot.request.change import Change
from approvalbot.request.lifecycle import step
from approvalbot.request.moves import CastVote, Noted
from approvalbot.request.quorum import filled_name
from approvalbot.request.request import Bar, Choice, Person, Request, Role


@dataclass(frozen=True, slots=True)
class Press:
    """What the button or the form said. `content` is the content version of the card that was pressed."""

    request_id: str
    slack: str
    choice: Choice
    content: int
    reason: str = ""
    reason_code: str = ""
    confirmed: str = ""


def press(journey: Journey, pressed: Press) -> tuple[Case, Change]:
    """Count a press, or say why it does not count.

    Raises:
        MoveRefused: not this person, not now, not like this; the trail has the refusal.
        Unavailable: nothing was recorded.
    """
    try:
        member = full_member(journey.people, pressed.slack)
    except MoveRefused as fault:
        stranger = Person(key=f"slack:{pressed.slack}", name=pressed.slack, slack=pressed.slack)
        advance(journey, pressed.request_id, refusal_note(pressed, stranger, fault))
        raise
    person = person_of(member, journey.policies().identities)
    return advance_or_note(
        journey,
        pressed.request_id,
        lambda case: cast_vote(journey, case, pressed, member, person),
        lambda fault: refusal_note(pressed, person, fault),
    )


def full_member(people: People, slack: str) -> Member:
    """The member behind a Slack id, if it is one who may decide anything at all.

    Raises:
        MoveRefused: `not_a_person` for bots and workflows, `not_a_member` for guests, strangers and deactivated people.
    """
    member = people.who(slack)
    if not member.person:
        raise MoveRefused("not_a_person", "Bots and workflows cannot decide. Nothing was recorded.")
    if not member.active:
        raise MoveRefused("not_a_member", "Your account is not active. Nothing was recorded.")
    if not member.full:
        raise MoveRefused("not_a_member", "Only full members of this workspace can decide. Nothing was recorded.")
    return member


def person_of(member: Member, identities: Identities) -> Person:
    """The person a member is: by the identity document, else by team and user id, never by a name or an e-mail."""
    known = identities.lookup("slack", member.slack)
    if known is None:
        return Person(key=f"slack:{member.team}/{member.slack}", name=member.name, slack=member.slack)
    return Person(key=known, name=identities.by_id[known].name, slack=member.slack)


def cast_vote(journey: Journey, case: Case, pressed: Press, member: Member, person: Person) -> CastVote:
    """The vote with every fact the lifecycle needs, as they stand now."""
    policies = journey.policies()
    excluded = excluded_today(policies, case)
    barring = case.request.model_copy(update={"bars": (*case.request.bars, *excluded)})
    bars = bars_now(barring, policies.identities, member, person)
    known_as = voters_now(case.request, policies.identities)
    owner = owner_of(journey.people, case, policies.identities)
    return CastVote(
        by=person,
        choice=pressed.choice,
        entries=entries_of_member(journey.people, case, member, owner),
        content=pressed.content,
        reason=pressed.reason.strip(),
        reason_code=pressed.reason_code,
        bars=bars,
        actor_known=actor_known_now(case, policies.identities),
        linked=_is_linked(case.request, person),
        gone=gone_voters(journey.people, case.request, known_as) if pressed.choice == "approve" else frozenset(),
        today=today_of(policies, case),
        known_as=known_as,
        confirmed=pressed.confirmed,
        owner=owner.key if owner is not None else "",
        stranger_excluded=any(is_stranger(bar, policies.identities) for bar in excluded),
    )


def entries_of_member(people: People, case: Case, member: Member, owner: Approver | None = None) -> frozenset[str]:
    """The approver entries of every level that somebody belongs to now, and the owner's where that is one.

    Raises:
        MoveRefused: `membership_unknown`, when no entry of an open level is confirmed and one could not be looked up.
    """
    found, unknown = set(), None
    opened: set[str] = set()
    for number, level in enumerate(case.terms.approval.levels):
        for entry in level.approvers:
            key = filled_name(entry.key, case.request.filled)
            if number <= case.request.level:
                opened.add(key)
            try:
                if people.is_member(entry, key.partition(":")[2], member):
                    found.add(key)
            except MoveRefused as fault:
                unknown = fault if number <= case.request.level else unknown
    if owner is not None and people.is_member(owner, owner.name, member):
        found.add(owner.key)
        opened.add(owner.key)
    if unknown is not None and not found & opened:
        raise unknown
    return frozenset(found)


def bars_now(request: Request, identities: Identities, member: Member, person: Person) -> Mapping[str, Role]:
    """Who may not vote, as today's identities know them; the presser's own e-mail bars them too."""
    bars: dict[str, Role] = {}
    for bar in request.bars:
        holders = {bar.person, identities.lookup(bar.system, bar.account)}
        if bar.system == "slack" and bar.account == member.slack:
            holders.add(person.key)
        if member.email and fold(bar.account) == fold(member.email):
            holders.add(person.key)
        for holder in holders - {None}:
            bars.setdefault(str(holder), bar.role)
    return bars


def actor_known_now(case: Case, identities: Identities) -> bool:
    """Whether identities added since the request opened tie its actor to one person, and know all who are excluded.

    An actor for whom only the sender vouches stays unknown: no entry of ours makes the sender's word true.
    """
    if case.about.claimed_by or any(is_stranger(bar, identities) for bar in case.request.bars):
        return False
    accounts = (bar for bar in case.request.bars if bar.role != "excluded")
    return len({identities.lookup(bar.system, bar.account) for bar in accounts} - {None}) == 1


def is_stranger(bar: Bar, identities: Identities) -> bool:
    """Whether somebody is excluded whom nobody knows, so that it cannot be ruled out that it is whoever presses."""
    # A Slack account is known by itself: it is compared with the presser's own.
    return bar.role == "excluded" and bar.system != "slack" and identities.lookup(bar.system, bar.account) is None


def voters_now(request: Request, identities: Identities) -> Mapping[str, str]:
    """Today's key of each earlier voter whom the identities know by another one than when they voted."""
    keys = {vote.by.key: identities.lookup("slack", vote.by.slack) for vote in request.votes if vote.by.slack}
    return {then: now for then, now in keys.items() if now is not None and now != then}


def gone_voters(people: People, request: Request, known_as: Mapping[str, str]) -> frozenset[str]:
    """The earlier voters, by today's keys, whose account is deactivated by now."""
    return frozenset(
        known_as.get(vote.by.key, vote.by.key)
        for vote in request.votes
        if vote.by.slack and not people.who(vote.by.slack).active
    )


def refusal_note(pressed: Press, person: Person, fault: MoveRefused) -> Noted:
    """How a refused press stands in the trail."""
    return Noted("press_refused", person, {"choice": pressed.choice, "code": fault.code})


def _is_linked(request: Request, person: Person) -> bool:
    """Whether somebody would be barred by another account of theirs, and not by the one they pressed with."""
    requester = request.requester
    asked = any(bar.system == "slack" and bar.account == person.slack for bar in request.bars)
    return requester is not None and requester.slack is not None and requester.slack != person.slack and not asked


def rehearse(journey: Journey, pressed: Press) -> Case:
    """Find out whether a press would be refused, without counting it: before somebody fills in a form.

    Raises:
        MoveRefused: as `press` would; the trail has the refusal. A missing reason is no refusal here.
    """
    try:
        member = full_member(journey.people, pressed.slack)
        person = person_of(member, journey.policies().identities)
        case, now = journey.requests.load(pressed.request_id)
        vote = cast_vote(journey, case, pressed, member, person)
        step(case.request, case.terms, replace(vote, reason="(to be given)"), now)
    except MoveRefused as fault:
        stranger = Person(key=f"slack:{pressed.slack}", name=pressed.slack, slack=pressed.slack)
        advance(journey, pressed.request_id, refusal_note(pressed, stranger, fault))
        raise
    return case
