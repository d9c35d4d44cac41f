"""Playing: a whole life of a request in memory, for the inline tests of policies. Presses and time are values.

It takes the same steps by the same table as the service. Only what surrounds them is simple: people belong to what the
test's fixtures say, a level's people are reached at once, passkeys are at hand, and providers give and end access at
once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from approvalbot.errors import MoveRefused
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import fold
from approvalbot.policy.inline.port import Opening, Played, PressOutcome
from approvalbot.policy.inline.shapes import VoteStep
from approvalbot.policy.people import owner_entry
from approvalbot.request.change import Terms
from approvalbot.request.effects import Announce, Effect, EndGrant, StartGrant
from approvalbot.request.lifecycle import open_request, step
from approvalbot.request.moves import CastVote, LevelAsked, Move, Wake
from approvalbot.request.names import name_of
from approvalbot.request.quorum import filled_name
from approvalbot.request.reports import GrantEnded, GrantStarted
from approvalbot.request.request import Bar, Person, Request, Role, State, Wish


class PlayedLifecycle:
    """The lifecycle port of inline tests."""

    def play(self, opening: Opening, votes: tuple[VoteStep, ...], until_s: int | None) -> Played:
        """How a request ends whose presses come in the order of their times; then time passes up to `until_s`."""
        play = _Play(opening, _confirmed(opening.terms), _new(opening), opening.opened_at)
        play.begin()
        presses = tuple(play.press(vote) for vote in votes)
        play.pass_time(until_s or 0)
        return Played(play.request.state.value, presses)


@dataclass(slots=True)
class _Play:
    """A request on its way."""

    opening: Opening
    terms: Terms
    request: Request
    now: datetime

    def begin(self) -> None:
        change = open_request(self.request, self.terms, self.now, {})
        self.request = change.request
        self._perform(change.effects)

    def press(self, vote: VoteStep) -> PressOutcome:
        """Let the time of a press come, and count it or say why not."""
        self.pass_time(vote.after_s)
        world = self.opening.world
        if barred := world.refusal(world.person(vote.by)):
            return PressOutcome(counts=False, why=barred)
        try:
            self._take(_cast(self.opening, self.request, vote))
        except MoveRefused as fault:
            return PressOutcome(counts=False, why=fault.code)
        return PressOutcome(counts=True)

    def pass_time(self, until_s: int) -> None:
        """Let everything happen that is due up to `until_s` seconds after the opening, each at its own moment."""
        until = self.opening.opened_at + timedelta(seconds=until_s)
        while self.request.due_at is not None and self.request.due_at <= until:
            self.now = max(self.now, self.request.due_at)
            version = self.request.version
            self._take(Wake())
            if self.request.version == version:
                break
        self.now = max(self.now, until)

    def _take(self, move: Move) -> None:
        change = step(self.request, self.terms, move, self.now)
        self.request = change.request
        self._perform(change.effects)

    def _perform(self, effects: tuple[Effect, ...]) -> None:
        """What the world does at once: tell a level's people, give access, end it. The rest moves no request."""
        for effect in effects:
            match effect:
                case Announce():
                    self._take(_asked(self.opening, self.request, effect.level))
                case StartGrant():
                    self._take(GrantStarted())
                case EndGrant() if self.request.state in {State.ACTIVE, State.FAILED}:
                    self._take(GrantEnded(effect.round))
                case _:
                    pass


def _confirmed(terms: Terms) -> Terms:
    """The terms without the passkey and the typing: a test's press is a whole one, as the policy asks for it."""
    approval = terms.approval.model_copy(update={"assurance": "press", "confirm": None})
    return terms.model_copy(update={"approval": approval})


def _new(opening: Opening) -> Request:
    terms = opening.terms
    access = isinstance(terms, Entitlement)
    return Request(
        id=name_of("test", terms.id),
        kind="access" if isinstance(terms, Entitlement) else terms.request,
        policy_id=terms.id,
        policy_digest=terms.digest,
        opened_at=opening.opened_at,
        requester=_person(opening, opening.actor) if opening.actor and opening.actor_known else None,
        bars=tuple(_bar(opening, *one) for one in opening.bars),
        actor_known=opening.actor_known,
        quorum=opening.quorum,
        distinct=opening.distinct,
        filled=dict(opening.filled),
        policy_error=opening.policy_error,
        wish=Wish(entitlement=terms.id, duration_s=opening.duration_s) if access else None,
    )


def _person(opening: Opening, person: str) -> Person:
    known = opening.world.identities.by_id.get(person)
    if known is None:
        return Person(key=person, name=person)
    return Person(key=known.id, name=known.name, slack=next(iter(known.accounts("slack")), None))


def _bar(opening: Opening, role: Role, system: str, account: str) -> Bar:
    person = account if system == "person" else opening.world.identities.lookup(system, account)
    return Bar(role=role, system=system, account=account, person=person)


def _asked(opening: Opening, request: Request, level: int) -> LevelAsked:
    """Whom a level reaches by the fixtures: never whoever asked, unless they may approve their own request."""
    approval = opening.terms.approval
    reached: set[str] = set()
    unresolved: list[str] = []
    for entry in approval.levels[level].approvers:
        key = filled_name(entry.key, request.filled)
        members = _members(opening, key)
        if members:
            reached |= members
        else:
            unresolved.append(key)
    owner = _owner(opening)
    if owner:
        reached |= _members(opening, owner)
    if request.requester is not None and not approval.self_approval:
        reached.discard(request.requester.key)
    return LevelAsked(level=level, people=tuple(sorted(reached)), unresolved=tuple(unresolved), owner=owner)


def _cast(opening: Opening, request: Request, vote: VoteStep) -> CastVote:
    person = opening.world.person(vote.by)
    levels = opening.terms.approval.levels
    keys = {filled_name(entry.key, request.filled) for level in levels for entry in level.approvers}
    owner = _owner(opening)
    return CastVote(
        by=_person(opening, person),
        choice=vote.press,
        entries=frozenset(key for key in {*keys, owner} - {""} if person in _members(opening, key)),
        content=request.content,
        reason=vote.reason,
        bars=_bars(request, person),
        actor_known=opening.actor_known,
        owner=owner,
    )


def _owner(opening: Opening) -> str:
    """The entry whose people alone may approve: the policy's owner, if it could not be evaluated and they are known."""
    if not opening.policy_error:
        return ""
    entry = owner_entry(opening.terms.owner, opening.world.identities)
    return entry.key if _members(opening, entry.key) else ""


def _bars(request: Request, person: str) -> dict[str, Role]:
    """Who may not vote, by person. The presser is barred too where the event names them as the test does."""
    bars: dict[str, Role] = {}
    for bar in request.bars:
        if bar.person is not None:
            bars.setdefault(bar.person, bar.role)
        if fold(bar.account) == fold(person):
            bars.setdefault(person, bar.role)
    return bars


def _members(opening: Opening, key: str) -> frozenset[str]:
    kind, _, name = key.partition(":")
    return opening.world.members(kind, name) or frozenset()
