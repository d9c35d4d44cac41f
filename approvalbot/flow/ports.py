"""What the journey needs from the world, as protocols: the edges implement them, and so may a test."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from approvalbot.flow.links import Links
from approvalbot.flow.remembering import Absences, Homes, Mutes, Past
from approvalbot.policy.approval import Approver
from approvalbot.policy.correlation import Counts
from approvalbot.policy.policyset import PolicySet
from approvalbot.request.case import Case
from approvalbot.request.change import Change
from approvalbot.request.effects import AskLooker, Effect, Page
from approvalbot.request.moves import Repeated
from approvalbot.request.opening import Opened, Opening
from approvalbot.request.request import Request


class Requests(Protocol):
    """Where requests live. Every method may raise `Unavailable`."""

    def now(self) -> datetime:
        """The only clock: the store's own, UTC, in whole milliseconds."""

    def load(self, request_id: str) -> tuple[Case, datetime]:
        """The case, and the store's time at which it stood like that.

        Raises:
            NotFound: no such request (code `unknown_request`).
        """

    def find(self, request_id: str) -> Request | None:
        """The request alone, or None."""

    def asked_by(self, person: str, most: int) -> Sequence[Request]:
        """What a person (by key) asked for, newest first."""

    def parameters(self, request_id: str) -> Mapping[str, Any]:
        """The event's values that the effects of a request name, by path."""

    def group(self, group_id: str, requests: Mapping[str, str]) -> None:
        """Let one id stand for several requests, each by the event's own name for it."""

    def open(self, change: Change, opening: Opening) -> Opened:
        """Write a new request whole, unless it stands already, another stands for its question, or there is no room."""

    def delivered(self, request_id: str) -> Opened | None:
        """What became of the event that `request_id` is named after, or None where nothing is known of it."""

    def repeats(self, request_id: str, after: int) -> Repeated:
        """How many repeats of a request were counted, and the marks of those `after` so many; the next is told anew."""

    def commit(self, change: Change) -> bool:
        """Write the change whole, or nothing: False when the request moved on or the clock passed a bound."""


class Outgoing(Protocol):
    """Carries work to the workers. Losing what it carries loses nothing: the outbox and the deadlines are the truth."""

    def send(self, effect_ids: Sequence[str], *, first: bool = False) -> None:
        """Ask one worker to perform these effects, in this order; `first` before what waits already."""

    def wake(self, request_ids: Sequence[str]) -> None:
        """Ask a worker to see what is due."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody as the workspace knows them now. `full` is false for guests and people of other companies."""

    slack: str
    team: str
    name: str
    email: str = ""
    active: bool = True
    person: bool = True
    full: bool = True
    tz: str = "UTC"


class People(Protocol):
    """Who somebody is and what they belong to, fresh. Every method may raise `MoveRefused` (`membership_unknown`)."""

    def who(self, slack: str) -> Member:
        """The member of that Slack id."""

    def members(self, entry: Approver, name: str) -> frozenset[str] | None:
        """The Slack ids behind an approver entry whose template was filled to `name`; None: it names nobody we know."""

    def is_member(self, entry: Approver, name: str, member: Member) -> bool:
        """Whether somebody belongs to it right now. A no is never taken from memory."""


class Messenger(Protocol):
    """Says things in Slack. What was posted for which purpose is kept, so that a repeat posts nothing twice."""

    def announce(self, case: Case, level: int, key: str) -> bool:
        """Post the card to the level's channels and call the level; gives whether to tell its people one by one."""

    def announce_to(self, case: Case, people: Iterable[str]) -> None:
        """Post the card to each of these people."""

    def refresh(self, case: Case) -> None:
        """Draw the card anew wherever it stands."""

    def remind(self, case: Case, level: int, nth: int, key: str) -> None:
        """Say in the thread that the question is open and what comes next."""

    def note(self, case: Case, what: str, detail: Mapping[str, str], key: str) -> None:
        """One line of the timeline in the thread."""

    def tell(self, case: Case, what: str, key: str) -> None:
        """A direct message to the requester."""

    def alarm(self, case: Case, what: str, detail: Mapping[str, str], key: str) -> None:
        """A message to the owner of the policy."""


class Conversation(Protocol):
    """What people say to each other about a request, through us. Safe to repeat, like every message."""

    def ask_looker(self, case: Case, effect: AskLooker, key: str) -> None:
        """Ask whoever claimed it, in private, whether they still look."""

    def put_question(self, case: Case, nth: int, people: Iterable[str]) -> None:
        """Put a question in the thread, and to each of these people."""

    def tell_answer(self, case: Case, nth: int) -> None:
        """Say an answer in the thread and to whoever asked, and take the buttons off the question."""


class Pager(Protocol):
    """Calls somebody to something that cannot wait for the next look at a channel."""

    def page(self, case: Case, page: Page, key: str) -> None:
        """Call whom the page names; the same policy pages once in a while, unless it is urgent."""

    def overrule(self, case: Case, people: Iterable[str]) -> None:
        """Tell these people why they were told of a request although they had muted whoever asked."""


class Pace(Protocol):
    """How fast one person decides. Both methods may raise `Unavailable`."""

    @property
    def most(self) -> int:
        """Decisions of one person in a minute; 0 is no limit."""

    def take(self, person: str) -> float:
        """Room for one decision: 0 where it was there, else the seconds until it is."""

    def give_back(self, person: str) -> None:
        """The decision was none."""


class Answers(Protocol):
    """Delivers answers to the destinations of the configuration."""

    def deliver(self, to: str, body: Mapping[str, Any], key: str, now: datetime) -> int:
        """Send one signed delivery and give the receiver's status; `key` is the same for every attempt.

        Raises:
            DeliveryFailed: not accepted; it says whether and when to try again.
        """


class Actions(Protocol):
    """Runs the actions that follow decisions, through the providers of the configuration."""

    def run(self, action: str, order: Mapping[str, Any], key: str, now: datetime) -> str:
        """Do what `order` says; gives what was found or changed, in a few words. Safe to repeat under one key.

        Raises:
            DeliveryFailed: not done, or not known to be; `final` when trying again is pointless.
        """


class Granter(Protocol):
    """Gives and takes access through a provider. Both are safe to repeat under one key."""

    def start(self, provider: str, order: Mapping[str, Any], key: str, now: datetime) -> str:
        """Give what `order` says; gives the provider's reference.

        Raises:
            DeliveryFailed: not given; `final` when asking again is pointless.
        """

    def extend(self, provider: str, order: Mapping[str, Any], key: str, now: datetime) -> None:
        """Let it last until the `ends_at` of `order`; returns only when the provider agreed.

        Raises:
            DeliveryFailed: not agreed; `final` when asking again is pointless.
        """

    def end(self, provider: str, order: Mapping[str, Any], key: str, now: datetime) -> None:
        """Take it back; returns only when the provider confirmed.

        Raises:
            DeliveryFailed: not confirmed.
        """


class TakenEffect(Protocol):
    """An effect in a worker's hands."""

    @property
    def id(self) -> str: ...

    @property
    def effect(self) -> Effect: ...

    @property
    def attempt(self) -> int: ...


class Effects(Protocol):
    """The outbox, as the performer sees it."""

    def take(self, effect_id: str) -> Any:
        """Take an effect, or None when it is done, taken by another, or not yet due."""

    def done(self, taken: Any) -> bool:
        """It is performed."""

    def later(self, taken: Any, at: datetime, *, tried: bool = True) -> bool:
        """Put it back until then; with `tried` false this take counts as no attempt."""

    def give_up(self, taken: Any, fault: str) -> bool:
        """Move it to the dead letters."""


@dataclass(frozen=True, slots=True)
class Journey:
    """The ports, together. `policies` gives the set that is in force now."""

    requests: Requests
    effects: Effects
    outgoing: Outgoing
    people: People
    messenger: Messenger
    answers: Answers
    actions: Actions
    granter: Granter
    policies: Callable[[], PolicySet]
    counts: Counts
    pager: Pager
    absences: Absences
    past: Past
    conversation: Conversation
    mutes: Mutes
    homes: Homes
    url: str = ""
    pace: Pace | None = None
    links: Links | None = None
