"""The request: one open question put to approvers, as a frozen value.

A request holds only what moves. What was asked about stands beside it in the store (`About`), and so does the policy
snapshot it was opened under, shared by all requests of that policy version. Stored as JSON without defaults: new
fields come last and have a default, old ones keep their meaning, and unknown ones are an error, since an older process
that dropped a field it does not know would lose it for good.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from approvalbot.request.attention import Claim, Question
from approvalbot.request.stored import Person, Stored

__all__ = ["Person", "Stored"]
"""What other modules take from here besides what is defined here: the values that a request is built of."""

Kind = Literal["gate", "review", "access"]
Choice = Literal["approve", "deny"]
Role = Literal["requester", "actor", "excluded", "linker"]


class State(StrEnum):
    """Where a request stands. Nothing but `approved` and `active` ever means yes; nobody acted is `expired`.

    `watched` was never asked: a policy in monitor showed it. Nothing comes before it and nothing after.
    """

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ACTIVE = "active"
    ENDED = "ended"
    FAILED = "failed"
    WATCHED = "watched"


YES = frozenset({State.APPROVED, State.ACTIVE})


class Absence(Stored):
    """Somebody is away until then, and whom they named to stand in for them, if anybody."""

    person: Person
    until: datetime
    since: datetime
    delegate: Person | None = None
    reason: str = ""


class Delegated(Stored):
    """The seats that somebody who is away leaves to their delegate: the approver entries `by` belongs to."""

    by: Person
    entries: tuple[str, ...]


class Less(Stored):
    """Less than was asked: a shorter time in seconds, a narrower scope of the policy, or both; empty means as asked.

    In a decision `label` is what the policy calls the scope, and `terms` what a waiting service is told of it.
    """

    duration_s: int = 0
    scope: str = ""
    label: str = ""
    terms: dict[str, Any] = Field(default_factory=dict)


class Vote(Stored):
    """One person's live press.

    `entries` are the approver entries whose seat they could fill when they pressed. `confirmed` says by what they
    confirmed it besides, such as a passkey; empty for a press alone. `delegated` are the seats of people who are away,
    in whose place it may count: it is one vote of one person all the same. `less` is what
    they approved instead of the whole. `typed` says that they typed what it is about.
    """

    by: Person
    choice: Choice
    at: datetime
    entries: tuple[str, ...] = ()
    reason: str = ""
    reason_code: str = ""
    confirmed: str = ""
    delegated: tuple[Delegated, ...] = ()
    less: Less | None = None
    typed: bool = False

    @property
    def seats(self) -> frozenset[str]:
        """Every entry that it may fill the seat of: one of them."""
        return frozenset(self.entries).union(*(one.entries for one in self.delegated))


class Bar(Stored):
    """Somebody who may not vote here, and why. `person` is None while no identity claims the account."""

    role: Role
    system: str
    account: str
    person: str | None = None


NOBODY_ASKED = "nobody_asked"
"""The reason code of an expiry before which nobody was told: Slack was down, or no group had a member."""


class Decision(Stored):
    """The settled outcome. `by` is empty when nobody acted. `less` is what was approved instead of the whole."""

    state: State
    at: datetime
    by: tuple[Person, ...] = ()
    reason: str = ""
    reason_code: str = ""
    by_timeout: bool = False
    less: Less | None = None


class Asked(Stored):
    """Whom a level really reached: resolved people by Slack id, the entries that named nobody, and who was away.

    `called` are those of the people who were asked only in the place of somebody away.
    """

    level: int
    people: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    away: tuple[Absence, ...] = ()
    called: tuple[str, ...] = ()


class Wish(Stored):
    """What an engineer asked for."""

    entitlement: str
    duration_s: int
    reason: str = ""
    inputs: dict[str, str] = Field(default_factory=dict)


class Extension(Stored):
    """More time for a grant. Until its provider has agreed (`given`), the old end stays in force.

    `key` names it, also to the provider. `until` is the end it gives. `request` is the request whose approval gave it,
    where one was needed.
    """

    key: str
    by: Person
    until: datetime
    give_up_at: datetime
    request: str = ""
    given: bool = False


class GrantState(Stored):
    """What approval gave. `ends_at` is set when it started; `ending` once it is being taken back.

    `check_at` is when its holder's groups are looked at next, `unread` how often in a row that could not be done.
    `end_round` counts the times that access was opened again after its end was under way: a provider must not take
    the end of this for the end that it has seen. `closed` says that the access is proven gone, or never was. `ended_by`
    and `end_reason` are who ended it early, and why; `ended_at` is when its provider confirmed the end.
    """

    reference: str = ""
    started_at: datetime | None = None
    ends_at: datetime | None = None
    warned: bool = False
    ending: str = ""
    failures: int = 0
    give_up_at: datetime | None = None
    fault: str = ""
    extensions: tuple[Extension, ...] = ()
    check_at: datetime | None = None
    unread: int = 0
    end_round: int = 0
    closed: bool = False
    ended_by: Person | None = None
    end_reason: str = ""
    ended_at: datetime | None = None


class Acted(Stored):
    """How an action stands that followed the decision. `key` names it in the document (`on_deny.0`); `fault` is why it
    is not done, so far or for good, and `answer` what its provider said when it was.
    """

    key: str
    action: str
    state: Literal["started", "done", "failed"] = "started"
    fault: str = ""
    answer: str = ""


class Request(Stored):
    """One request.

    `version` counts commits, `content` what the card shows: a press on an older content is refused. `due_at` is the
    next moment at which something happens by itself; `expires_at` when the last level ends if nobody acts.
    `trail_count` and `trail_head` tie the request to its trail: the number of its entries and the hash of the last.
    `named` is what `$requester` meant when access was asked for: whoever leaves the identities meanwhile must lose the
    access under the same name that they were given it by. `repeats` counts the later events that asked the same, as far
    as the card says so, and `repeated_at` is when the last of them came. `counted_in` names the counts of open requests
    that it is part of while it waits. `owner` is the entry of its policy's owner, where the policy could not be
    evaluated: then only its people may approve. `extends` is the request whose grant this one asks to extend.
    `left_out` are the policy's effects that do not follow this event, by key (`on_deny.0`): why they cannot be done, or
    an empty text where their `only_if` does not hold. `acted` are the actions that the decision set off.
    `credit` names the author of the Sigma rule behind it, whom every message has to name. `looked` counts how often
    each person, by key, took or kept a claim. `stood_ms` is for how many milliseconds the clock of the open level has
    stood, pauses that are over. `notes` counts what the requester added unasked. `accepts_less`: whoever waits said,
    when it opened, that they know an approval with less from a whole one.
    """

    id: str
    kind: Kind
    policy_id: str
    policy_digest: str
    opened_at: datetime
    state: State = State.PENDING
    version: int = 0
    content: int = 1
    source: str = ""
    event_digest: str = ""
    requester: Person | None = None
    bars: tuple[Bar, ...] = ()
    actor_known: bool = True
    quorum: int = 1
    distinct: bool = False
    filled: dict[str, str] = Field(default_factory=dict)
    callback: str = ""
    level: int = 0
    level_opened_at: datetime | None = None
    reminded: int = 0
    due_at: datetime | None = None
    expires_at: datetime | None = None
    asked: tuple[Asked, ...] = ()
    votes: tuple[Vote, ...] = ()
    decision: Decision | None = None
    wish: Wish | None = None
    grant: GrantState | None = None
    trail_count: int = 0
    trail_head: str = ""
    policy_error: str = ""
    named: dict[str, str] = Field(default_factory=dict)
    repeats: int = 0
    repeated_at: datetime | None = None
    counted_in: tuple[str, ...] = ()
    owner: str = ""
    extends: str = ""
    left_out: dict[str, str] = Field(default_factory=dict)
    acted: tuple[Acted, ...] = ()
    credit: str = ""
    claim: Claim | None = None
    looked: dict[str, int] = Field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    stood_ms: int = 0
    notes: int = 0
    accepts_less: bool = False

    @property
    def allowed(self) -> bool:
        """Whether the answer is yes, now."""
        return self.state in YES

    @property
    def short_id(self) -> str:
        """The first six characters: enough to tell open requests apart, short enough to read aloud."""
        return self.id[:6]

    def to_json(self) -> bytes:
        """The stored form."""
        return self.model_dump_json(exclude_defaults=True).encode()
