"""Moves: anything that may befall a request. Facts about the world enter here as values, read just before the step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from approvalbot.policy.approval import Approval
from approvalbot.policy.entitlement import Extend as ExtendRule
from approvalbot.request.reports import (
    ActionDelayed,
    ActionDone,
    ActionFailed,
    EndFailed,
    ExtendFailed,
    ExtensionGiven,
    ExtensionRefused,
    GrantEnded,
    GrantExtended,
    GrantRefused,
    GrantStarted,
    Left,
    MembershipRead,
    MembershipUnread,
)
from approvalbot.request.request import Absence, Choice, Delegated, Less, Person, Role


@dataclass(frozen=True, slots=True)
class Today:
    """The rules of the policy's current version, to be intersected with the snapshot: tightening applies at once.

    `owner` is the entry that its owner stands for; empty where it plays no part.
    """

    approval: Approval
    quorum: int
    distinct: bool
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Hindered:
    """Why somebody cannot vote in the place of one who named them: the absent one is barred or has voted, the policy
    does not take the delegate, or the delegate is away too.
    """

    why: Literal["barred", "voted", "policy", "away"]
    absent: Person


@dataclass(frozen=True, slots=True)
class CastVote:
    """Somebody pressed.

    `entries` are the approver entries (all levels) they belong to right now. `bars` maps the people who may not vote,
    as today's identities know them, to why. `known_as` gives today's key of each earlier voter whose key has changed:
    the identities may have learned of somebody since they voted. `gone` are the keys (today's) of earlier voters who
    are deactivated by now. `today` is None when the policy is deleted, off or unreadable: then the snapshot alone
    decides. `confirmed` says by what the press was confirmed besides, such as a passkey; nothing that Slack sends is.
    `owner` is the entry whose people alone may approve, where the policy could not be evaluated and its owner names
    somebody; `entries` then says whether the presser belongs to it. `stranger_excluded`: today's policy excludes an
    account that was not excluded before and that nobody is known to hold. `delegated` are the seats of people who are
    away and named the presser to stand in for them, as the policies allow it now; `hindered` says why one is not.
    `less` is what is approved instead of the whole, and `offered` whether the policy of today and whoever waits take
    that. `to_type` is what has to be typed where the policy wants it, and `typed` what was. `alert`: security is to
    hear of this denial.
    """

    by: Person
    choice: Choice
    entries: frozenset[str]
    content: int = 1
    reason: str = ""
    reason_code: str = ""
    bars: Mapping[str, Role] = field(default_factory=dict)
    actor_known: bool = False
    linked: bool = False
    gone: frozenset[str] = frozenset()
    today: Today | None = None
    known_as: Mapping[str, str] = field(default_factory=dict)
    confirmed: str = ""
    owner: str = ""
    stranger_excluded: bool = False
    delegated: tuple[Delegated, ...] = ()
    hindered: Hindered | None = None
    less: Less | None = None
    offered: bool = False
    typed: str = ""
    to_type: str = ""
    alert: bool = False

    @property
    def seats(self) -> frozenset[str]:
        """Every entry that the vote may fill the seat of: one of them."""
        return self.entries.union(*(one.entries for one in self.delegated))


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody who may decide looks, takes over from whoever does, or keeps looking. `seen` is the press, as a denial:
    whoever may deny may look.
    """

    seen: CastVote
    how: Literal["look", "take_over", "keep"] = "look"


@dataclass(frozen=True, slots=True)
class Release:
    """Somebody stops looking."""

    by: Person


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """Somebody who may decide wants to know something first. `seen` is as in a claim."""

    seen: CastVote
    text: str


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """The open question is answered. `seen` says by whom, and what they may decide; `owner` that they own the policy.

    `nth` is the question's place among the request's, where the writer of the answer saw it; None takes what is open.
    """

    seen: CastVote
    text: str
    owner: bool = False
    nth: int | None = None


@dataclass(frozen=True, slots=True)
class AddNote:
    """The requester says something unasked."""

    by: Person
    text: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The requester takes the question back, or the caller stopped waiting (`by` is None)."""

    by: Person | None = None


@dataclass(frozen=True, slots=True)
class Wake:
    """A deadline may have passed. `today` is as at a press: what a policy says now can keep silence from approving."""

    today: Today | None = None


@dataclass(frozen=True, slots=True)
class End:
    """Somebody ends a grant early. `owner` says that they own the entitlement."""

    by: Person
    reason: str = ""
    owner: bool = False


@dataclass(frozen=True, slots=True)
class Extend:
    """Somebody wants a grant to last `extra_s` seconds longer.

    `rule` is what the entitlement allows by now (None: nothing), `request` the request that was approved for it.
    """

    by: Person
    key: str
    extra_s: int
    rule: ExtendRule | None
    reason: str = ""
    owner: bool = False
    request: str = ""


@dataclass(frozen=True, slots=True)
class Recheck:
    """Slack says that somebody's groups or account changed: look at once."""


@dataclass(frozen=True, slots=True)
class LevelAsked:
    """Report: a level's people were looked up and told. `owner` is the entry whose people alone may approve, if any.

    `people` are also those who stand in for somebody; `away` says for whom.
    """

    level: int
    people: tuple[str, ...]
    unresolved: tuple[str, ...] = ()
    owner: str = ""
    away: tuple[Absence, ...] = ()
    called: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AwayChanged:
    """Somebody who was asked is away now, or `back`. `absence` names a delegate only where they may stand in."""

    absence: Absence
    back: bool = False


@dataclass(frozen=True, slots=True)
class Repeated:
    """Report: events that asked the same. `total` of them were counted since the request opened, the last at `last_at`.

    A total and no difference: reported twice, it changes nothing the second time. `marks` are the first letters of the
    digests of the events that are new in it, as far as they are kept.
    """

    total: int
    last_at: datetime
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Noted:
    """Report: something that the trail keeps and the request does not depend on, such as a delivery or a refusal."""

    what: Literal[
        "answer_delivered",
        "answer_failed",
        "answer_given_up",
        "posted",
        "post_uncertain",
        "press_refused",
        "alarmed",
        "link_asked",
        "linked",
        "link_refused",
    ]
    by: Person | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


Move = (
    CastVote
    | Claim
    | Release
    | AskQuestion
    | AnswerQuestion
    | AddNote
    | Withdraw
    | Wake
    | End
    | Extend
    | Recheck
    | LevelAsked
    | AwayChanged
    | GrantStarted
    | GrantRefused
    | GrantEnded
    | EndFailed
    | GrantExtended
    | ExtendFailed
    | ExtensionGiven
    | ExtensionRefused
    | Left
    | MembershipRead
    | MembershipUnread
    | Repeated
    | ActionDone
    | ActionDelayed
    | ActionFailed
    | Noted
)
