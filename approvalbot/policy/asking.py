"""Whom a match would ask, level by level, and what its request would look like: before there is one.

Membership comes from outside: the fixtures of the policies and `Identities`, or the live workspace. What it does not
know is said to be unknown; it is never "nobody", and never "anyone".
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from approvalbot.events.times import show_time
from approvalbot.events.values import fan_out, text_of
from approvalbot.policy.approval import Approval, Approver
from approvalbot.policy.calendars import schedule_row
from approvalbot.policy.dedupe import Question, key_paths, question_of
from approvalbot.policy.inline.opening import opening_of
from approvalbot.policy.inline.port import Opening
from approvalbot.policy.inline.world import World
from approvalbot.policy.matching import Match
from approvalbot.policy.people import owner_entry
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.templates import fill_text, terminals_of

Members = Callable[[Approver, str], frozenset[str] | None]
"""The people behind an approver entry whose name is filled; None where nobody is known."""


@dataclass(frozen=True, slots=True)
class AskedEntry:
    """One approver entry, its template filled. `people` is None where its members are not known here."""

    key: str
    people: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class AskedLevel:
    """One level. It is called `after_s` seconds after the opening if nobody acts; `people` are those it reaches."""

    name: str
    after_s: int
    timeout_s: int
    entries: tuple[AskedEntry, ...]
    people: tuple[str, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The entries whose members are not known here."""
        return tuple(entry.key for entry in self.entries if entry.people is None)


@dataclass(frozen=True, slots=True)
class WouldAsk:
    """A request as it would open. `row` is the schedule row that gives the quorum, empty where there is none.

    `barred` are the people who may not vote; `actor_known` is false where that cannot be told. `question` is what a
    repeat of it is known by, with the paths and values of the key in `dedupe`.
    """

    quorum: int
    distinct: bool
    row: str
    levels: tuple[AskedLevel, ...]
    barred: tuple[str, ...]
    actor_known: bool
    opened_at: datetime
    expires_at: datetime
    on_timeout: str
    question: Question | None
    dedupe: tuple[tuple[str, str], ...]
    summary: str

    def to_json(self) -> dict[str, Any]:
        """The same for machines. An entry whose members are not known has null people."""
        dedupe = self.question and {
            "key": self.question.key,
            "values": dict(self.dedupe),
            "window_s": self.question.window_s,
            "only_pending": self.question.only_pending,
        }
        return {
            "quorum": self.quorum,
            "from_distinct_groups": self.distinct,
            "schedule_row": self.row or None,
            "levels": [
                {
                    "name": level.name,
                    "after_s": level.after_s,
                    "timeout_s": level.timeout_s,
                    "entries": [
                        {"entry": entry.key, "people": None if entry.people is None else list(entry.people)}
                        for entry in level.entries
                    ],
                    "asks": list(level.people),
                }
                for level in self.levels
            ],
            "may_not_vote": list(self.barred),
            "actor_known": self.actor_known,
            "opens_at": show_time(self.opened_at),
            "expires_at": show_time(self.expires_at),
            "on_timeout": self.on_timeout,
            "dedupe": dedupe,
            "summary": self.summary,
        }


def would_ask(
    policies: PolicySet, match: Match, at: datetime, world: World, members: Members | None = None
) -> WouldAsk:
    """The request that a match would open at `at`. Without `members` people are those of `world`."""
    known = members or (lambda entry, name: world.members(entry.kind, name))
    opening, policy = opening_of(policies, match, at, world), match.policy
    approval = policy.approval
    return WouldAsk(
        quorum=opening.quorum,
        distinct=opening.distinct,
        row=_row(policies, approval, at),
        levels=levels_of(opening, known),
        barred=_barred(opening),
        actor_known=opening.actor_known,
        opened_at=at,
        expires_at=at + timedelta(seconds=sum(level.timeout_s for level in approval.levels)),
        on_timeout=approval.on_timeout,
        question=question_of(policies, match),
        dedupe=tuple((path, _values(match, path)) for path in key_paths(policy)),
        summary=_summary(match),
    )


def levels_of(opening: Opening, members: Members) -> tuple[AskedLevel, ...]:
    """Whom each level of a request reaches; never whoever acted, unless they may approve their own.

    What could not be judged is its owner's to decide: they are asked beside every level.
    """
    owner = owner_entry(opening.terms.owner, opening.world.identities) if opening.policy_error else None
    made: list[AskedLevel] = []
    after_s, approval = 0, opening.terms.approval
    own = {opening.actor} if opening.actor and opening.actor_known and not approval.self_approval else set[str]()
    for level in approval.levels:
        entries = []
        for entry in level.approvers:
            key = opening.filled.get(entry.key, entry.key)
            people = members(entry, key.partition(":")[2])
            entries.append(AskedEntry(key, None if people is None else tuple(sorted(people))))
        if owner is not None:
            people = members(owner, owner.name)
            entries.append(AskedEntry(owner.key, None if people is None else tuple(sorted(people))))
        reached = {person for entry in entries for person in entry.people or ()} - own
        made.append(AskedLevel(level.name, after_s, level.timeout_s, tuple(entries), tuple(sorted(reached))))
        after_s += level.timeout_s
    return tuple(made)


def _row(policies: PolicySet, approval: Approval, at: datetime) -> str:
    if not approval.schedule:
        return ""
    row = schedule_row(approval, policies.calendars, at)
    if row not in approval.schedule:
        return "the strictest, since a calendar cannot answer"
    return f"during {row.during}" if row.during else "otherwise"


def _barred(opening: Opening) -> tuple[str, ...]:
    """Who may not vote: people where the accounts are somebody's, else the accounts themselves."""
    world: World = opening.world
    own = opening.terms.approval.self_approval
    named = [
        world.identities.lookup(system, account) or account
        for role, system, account in opening.bars
        if role == "excluded" or not own
    ]
    return tuple(dict.fromkeys(named))


def _values(match: Match, path: str) -> str:
    found = fan_out(terminals_of(path, match.names(), match.event))
    return ", ".join(sorted(text_of(value) for value in found if value is not None))


def _summary(match: Match) -> str:
    template = match.policy.message.summary
    if template:
        return fill_text(template, match.names(), match.event)
    event = match.event
    return fill_text("{{ $actor.name }}: {{ $action }} {{ $resource.id }}", {}, event) if event.action else ""
