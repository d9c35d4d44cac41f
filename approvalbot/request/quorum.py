"""Who counts, and whether it is enough: votes are people, and two seats need two of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from approvalbot.policy.approval import Approval
from approvalbot.policy.seats import largest_matching
from approvalbot.request.moves import CastVote, Today
from approvalbot.request.request import Choice, Kind, Request, Vote

UnmappedRule = Literal["refuse", "extra_vote", "allow"]
_STRICTEST_FIRST: tuple[UnmappedRule, ...] = ("refuse", "extra_vote", "allow")


@dataclass(frozen=True, slots=True)
class Bench:
    """The rules that hold for one count: the snapshot, tightened by the current policy where there is one.

    `opened` are the entry keys of the levels opened so far that both versions still name. `approving` are the only ones
    whose approvals count, where that is not all of them: what a policy that could not be evaluated lets through, its
    owner answers for. `delegation`: whether earlier votes in the place of people who are away still stand.
    `typed`: an approval has to name what it is about.
    """

    quorum: int
    deny_quorum: int
    distinct: bool
    self_approval: bool
    step_up: bool
    opened: frozenset[str]
    unmapped: UnmappedRule = "refuse"
    approving: frozenset[str] | None = None
    delegation: bool = True
    typed: bool = False

    def seats(self, choice: Choice) -> frozenset[str]:
        """The entries whose people a press counts for. Anybody who is asked may deny."""
        return self.opened if choice == "deny" or self.approving is None else self.approving


@dataclass(frozen=True, slots=True)
class Tally:
    """How the votes stand. `approvals` counts filled seats where distinct groups are asked, people otherwise."""

    approvals: int
    needed: int
    denials: int
    deny_needed: int

    @property
    def approved(self) -> bool:
        return self.approvals >= self.needed and not self.denied

    @property
    def denied(self) -> bool:
        """Deny wins a tie."""
        return self.denials >= self.deny_needed


def filled_name(key: str, filled: dict[str, str]) -> str:
    """An entry's key with its template filled, as frozen when the request opened."""
    return filled.get(key, key)


def entries_of(request: Request, approval: Approval, up_to: int | None = None) -> frozenset[str]:
    """The entry keys of the levels up to and including `up_to` (None: all of them), templates filled."""
    levels = approval.levels if up_to is None else approval.levels[: up_to + 1]
    return frozenset(filled_name(entry.key, request.filled) for level in levels for entry in level.approvers)


def needed_approvals(request: Request, approval: Approval, *, actor_known: bool, unmapped: str = "") -> int:
    """The quorum of this request. Two at least where an actor nobody can name asks for one more pair of eyes, and where
    the policy could not be evaluated: its own rules were not applied. `unmapped` is the rule, where today's is tighter.
    """
    rule = unmapped or unmapped_rule(request.kind, approval)
    careful = request.policy_error or (not actor_known and rule == "extra_vote")
    return max(request.quorum, 2) if careful else request.quorum


def unmapped_rule(kind: Kind, approval: Approval, today: Today | None = None) -> UnmappedRule:
    """`unmapped_actor` with its default: a review asks one more vote, a gate or an access approves nobody.

    With `today`, the tighter of both.
    """
    rules = [one.unmapped_actor for one in (approval, *([today.approval] if today is not None else []))]
    otherwise: UnmappedRule = "extra_vote" if kind == "review" else "refuse"
    return min((rule or otherwise for rule in rules), key=_STRICTEST_FIRST.index)


def bench_of(request: Request, approval: Approval, today: Today | None, *, actor_known: bool, owner: str = "") -> Bench:
    """The snapshot's rules intersected with today's: tightening applies at once, loosening does not.

    `owner` is the entry whose people alone may approve, if any. An owner who is replaced meanwhile is an approver who
    is removed, and the new one was never asked: then nobody may approve.
    """
    bench = _bench(request, approval, today, actor_known=actor_known)
    if not owner:
        return bench
    approving = frozenset({owner}) if today is None or today.owner == owner else frozenset[str]()
    # One group fills all its seats; distinct groups are those of the policy's own entries, who do not approve here.
    return replace(bench, opened=bench.opened | approving, approving=approving, distinct=False)


def _bench(request: Request, approval: Approval, today: Today | None, *, actor_known: bool) -> Bench:
    opened = entries_of(request, approval, request.level)
    unmapped = unmapped_rule(request.kind, approval, today)
    bench = Bench(
        quorum=needed_approvals(request, approval, actor_known=actor_known, unmapped=unmapped),
        deny_quorum=approval.deny_quorum,
        distinct=request.distinct,
        self_approval=approval.self_approval,
        step_up=approval.assurance == "step_up",
        opened=opened,
        unmapped=unmapped,
        delegation=approval.delegation.allow != "none",
        typed=approval.confirm is not None,
    )
    if today is None:
        return bench
    return replace(
        bench,
        quorum=max(bench.quorum, today.quorum),
        deny_quorum=min(approval.deny_quorum, today.approval.deny_quorum),
        distinct=request.distinct or today.distinct,
        self_approval=approval.self_approval and today.approval.self_approval,
        step_up="step_up" in {approval.assurance, today.approval.assurance},
        opened=opened & entries_of(request, today.approval),
        # Who may be a delegate was looked up at their press. A rule that was changed since then was not asked.
        delegation=bench.delegation and today.approval.delegation == approval.delegation,
        typed=bench.typed or today.approval.confirm is not None,
    )


def standing_votes(request: Request, bench: Bench, move: CastVote) -> tuple[Vote, ...]:
    """The earlier votes that still count: cast by somebody who is still there, still entitled and not barred, and
    confirmed or typed where that is asked for by now.
    """
    return tuple(
        kept
        for vote in request.votes
        if vote.by.key not in move.gone
        and not is_barred(vote.by.key, move, bench)
        and (vote.choice == "deny" or vote.confirmed or not bench.step_up)
        and (kept := _with_standing_delegations(vote, move, bench)) is not None
        and (vote.choice == "deny" or vote.typed or not bench.typed)
    )


def _with_standing_delegations(vote: Vote, move: CastVote, bench: Bench) -> Vote | None:
    """The vote with the seats of absent people that it still may fill, or None where no seat is left to it.

    A seat that is left to a delegate is filled once: by whoever voted last, the absent person or their delegate.
    """
    taken = (move.by, *(one.by for one in move.delegated))
    delegated = tuple(
        one
        for one in vote.delegated
        if bench.delegation
        and one.by.key not in move.gone
        and one.by.key not in move.bars
        and not any(one.by.is_same(other) for other in taken)
    )
    kept = vote.model_copy(update={"delegated": delegated})
    return kept if not vote.seats or bench.seats(vote.choice) & kept.seats else None


def is_barred(person: str, move: CastVote, bench: Bench) -> bool:
    """Whether this person may not vote on this request; where self-approval is allowed only exclusions bar."""
    role = move.bars.get(person)
    return role is not None and (role in {"excluded", "linker"} or not bench.self_approval)


def tally(votes: Iterable[Vote], bench: Bench) -> Tally:
    """Count the votes under the rules of `bench`. One person counts once, whatever accounts or groups they have."""
    people: list[Vote] = []
    for vote in votes:
        if not any(vote.by.is_same(other.by) for other in people):
            people.append(vote)
    approving = [vote for vote in people if vote.choice == "approve"]
    filled = largest_matching([bench.opened & vote.seats for vote in approving]) if bench.distinct else len(approving)
    return Tally(filled, bench.quorum, len(people) - len(approving), bench.deny_quorum)
