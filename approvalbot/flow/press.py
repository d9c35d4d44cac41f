"""Press: somebody pressed Approve or Deny. Who they are and what they belong to is looked up now, never remembered."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import orjson

from approvalbot.errors import ApprovalBotError
from approvalbot.flow.advance import advance
from approvalbot.flow.asking import owner_of
from approvalbot.flow.delegating import left_to
from approvalbot.flow.excluding import excluded_today
from approvalbot.flow.linking import identities_now, kept_for_link, let_go, linkers, waiting_presses
from approvalbot.flow.members import bars_now, entries_of_member, full_member, person_of
from approvalbot.flow.narrowing import choices_now
from approvalbot.flow.pacing import paced
from approvalbot.flow.ports import Journey, Member, People
from approvalbot.flow.refusing import in_the_trail
from approvalbot.flow.today import today_of
from approvalbot.policy.environment import Identities
from approvalbot.request.case import Case
from approvalbot.request.change import Change
from approvalbot.request.lifecycle import step
from approvalbot.request.links import Account
from approvalbot.request.moves import CastVote
from approvalbot.request.request import Bar, Choice, Less, Person, Request
from approvalbot.request.typed import to_type


@dataclass(frozen=True, slots=True)
class Press:
    """What the button or the form said. `content` is the content version of the card that was pressed.

    `less` is what is approved instead of the whole, `typed` the name that the policy may want typed. `alert`: security
    is to hear of it.
    """

    request_id: str
    slack: str
    choice: Choice
    content: int
    reason: str = ""
    reason_code: str = ""
    confirmed: str = ""
    less: Less | None = None
    typed: str = ""
    alert: bool = False


def press(journey: Journey, pressed: Press, *, keep: bool = False) -> tuple[Case, Change]:
    """Count a press, or say why it does not count. `keep`: one that lacks only a link waits for it, and whoever pressed
    is told so.

    Raises:
        KeptForLink: it waits for a link.
        MoveRefused: not this person, not now, not like this; the trail has the refusal.
        Unavailable: nothing was recorded.
    """
    with in_the_trail(journey, pressed.request_id, pressed.slack, pressed.choice):
        member = full_member(journey.people, pressed.slack)
        person = person_of(member, journey.policies().identities)

        def move(case: Case) -> CastVote:
            if pressed.choice == "deny":
                # Before it is committed: a link that is confirmed in this moment must not bring the approval back.
                let_go(journey, case, pressed.slack)
            return cast_vote(journey, case, pressed, member, person)

        kept = kept_for_link(journey, pressed.request_id, as_kept(pressed) if keep else "")
        with kept, paced(journey.pace, person.key):
            return advance(journey, pressed.request_id, move)


def as_kept(pressed: Press) -> str:
    """A press as it is kept for a link; empty for one that a form, a passkey or less time belongs to."""
    if pressed.choice != "approve" or pressed.confirmed or pressed.less or pressed.typed:
        return ""
    return orjson.dumps(asdict(pressed)).decode()


def count_kept(journey: Journey, account: Account) -> list[tuple[Press, ApprovalBotError | None]]:
    """Press anew what waited for an account's link, as if pressed now; gives each press with its refusal, if any."""
    counted: list[tuple[Press, ApprovalBotError | None]] = []
    for held in waiting_presses(journey, account):
        pressed = Press(**orjson.loads(held))
        try:
            press(journey, pressed)
        except ApprovalBotError as fault:
            # Whatever keeps one from counting keeps no other, and whoever pressed hears of it.
            counted.append((pressed, fault))
        else:
            counted.append((pressed, None))
    return counted


def cast_vote(journey: Journey, case: Case, pressed: Press, member: Member, person: Person) -> CastVote:
    """The vote with every fact the lifecycle needs, as they stand now."""
    policies, identities = journey.policies(), identities_now(journey)
    excluded = excluded_today(policies, case)
    barring = case.request.model_copy(update={"bars": (*case.request.bars, *excluded)})
    # Whoever confirmed a link stays barred also where a policy lets people approve what they asked for themselves.
    bars = {**bars_now(barring, identities, member, person), **linkers(journey, barring)}
    known_as = voters_now(case.request, identities)
    owner = owner_of(journey.people, case, identities)
    entries = entries_of_member(journey.people, case, member, owner)
    left = left_to(journey, replace(case, request=barring), member, person, entries)
    return CastVote(
        by=person,
        choice=pressed.choice,
        entries=entries,
        content=pressed.content,
        reason=pressed.reason.strip(),
        reason_code=pressed.reason_code,
        bars={**left.bars, **bars},
        actor_known=actor_known_now(case, identities),
        linked=_is_linked(case.request, person),
        gone=gone_voters(journey.people, case.request, known_as) if pressed.choice == "approve" else frozenset(),
        today=today_of(policies, case),
        known_as=known_as,
        confirmed=pressed.confirmed,
        owner=owner.key if owner is not None else "",
        stranger_excluded=any(is_stranger(bar, identities) for bar in excluded),
        delegated=left.seats,
        hindered=left.hindered,
        less=pressed.less,
        offered=pressed.less is not None and choices_now(policies, case).hold(pressed.less),
        typed=pressed.typed,
        to_type=to_type(case.request, case.about),
        alert=pressed.alert,
    )


def as_filled_in(vote: CastVote) -> CastVote:
    """The vote with everything that a form would still ask for, to learn whether it would count."""
    return replace(vote, reason="(to be given)", typed=vote.to_type)


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
    keys = {one.key: identities.lookup("slack", one.slack) for one in _voters(request) if one.slack}
    return {then: now for then, now in keys.items() if now is not None and now != then}


def gone_voters(people: People, request: Request, known_as: Mapping[str, str]) -> frozenset[str]:
    """The earlier voters, by today's keys, whose account is deactivated by now."""
    return frozenset(
        known_as.get(one.key, one.key) for one in _voters(request) if one.slack and not people.who(one.slack).active
    )


def _voters(request: Request) -> Iterator[Person]:
    """The earlier voters, and those in whose place they voted."""
    for vote in request.votes:
        yield vote.by
        yield from (one.by for one in vote.delegated)


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
    with in_the_trail(journey, pressed.request_id, pressed.slack, pressed.choice):
        member = full_member(journey.people, pressed.slack)
        person = person_of(member, journey.policies().identities)
        case, now = journey.requests.load(pressed.request_id)
        vote = cast_vote(journey, case, pressed, member, person)
        step(case.request, case.terms, as_filled_in(vote), now)
    return case
