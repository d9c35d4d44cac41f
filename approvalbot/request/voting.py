"""A press: who may vote, whether the vote is taken, and whether it settles the request."""

from approvalbot.errors import MoveRefused
from approvalbot.policy.approval import Approval
from approvalbot.request import refusals, settling
from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.delegating import adds_a_seat, taken_on
from approvalbot.request.effects import Alarm, Effect, Note
from approvalbot.request.eligible import outsider
from approvalbot.request.less import choices_of
from approvalbot.request.looking import without_claim_of
from approvalbot.request.moves import CastVote
from approvalbot.request.questions import goes_on
from approvalbot.request.quorum import Bench, bench_of, standing_votes, tally
from approvalbot.request.request import Person, Request, Vote
from approvalbot.request.timing import with_deadlines
from approvalbot.request.trail import Draft, less_detail
from approvalbot.request.typed import is_typed


def cast(here: Here, terms: Terms, move: CastVote) -> Change:
    """Take one vote.

    Raises:
        MoveRefused: the person, the card or the form of the press does not allow it; each with its own code.
    """
    request = _with_todays_keys(here.request, move)
    actor_known = (request.actor_known or move.actor_known) and not move.stranger_excluded
    bench = bench_of(request, terms.approval, move.today, actor_known=actor_known, owner=move.owner)
    move = taken_on(request, move, bench)
    if fault := _refusal(request, terms, move, bench, actor_known=actor_known):
        raise fault
    standing = standing_votes(request, bench, move)
    dropped = [vote for vote in request.votes if not any(vote.by == kept.by for kept in standing)]
    votes = (*(vote for vote in standing if not vote.by.is_same(move.by)), _vote(here, move))
    counted = tally(votes, bench)
    voted, resumed = goes_on(without_claim_of(request, move.by), here.now)
    voted = with_deadlines(voted.model_copy(update={"votes": votes}), terms.approval)
    drafts = [Draft("vote_dropped", vote.by, {"choice": vote.choice}) for vote in dropped]
    drafts.append(Draft("voted", move.by, _detail(move, f"{counted.approvals} of {counted.needed}")))
    if counted.denied or counted.approved:
        return settling.by_votes(here, voted, terms, drafts, counted, _alert(move))
    note = Note(
        entry=request.trail_count + len(drafts), what="voted", detail={"by": move.by.key, "choice": move.choice}
    )
    effects = [*settling.redraw(), note, *_alert(move)]
    return here.becomes(voted, [*drafts, *resumed], effects, valid_until=request.due_at, tally=counted)


def _alert(move: CastVote) -> list[Effect]:
    """Whoever denies what looks suspicious may have security told at once, whatever becomes of the request."""
    told = move.alert and move.choice == "deny" and move.reason_code == "suspicious"
    return [Alarm(what="suspicious", detail={"by": move.by.name, "reason": move.reason[:300]})] if told else []


def _refusal(request: Request, terms: Terms, move: CastVote, bench: Bench, *, actor_known: bool) -> MoveRefused | None:
    """Why this press cannot count, or None. The order is the order in which a person should learn of it."""
    if move.content != request.content:
        return refusals.stale_card()
    return (
        _person_refused(request, terms.approval, move, bench)
        or _press_refused(request, move, bench, actor_known=actor_known)
        or _form_refused(request, terms, move, bench)
    )


def _person_refused(request: Request, approval: Approval, move: CastVote, bench: Bench) -> MoveRefused | None:
    if fault := outsider(request, approval, move, bench):
        return fault
    earlier = next((vote for vote in request.votes if vote.by.is_same(move.by)), None)
    if earlier is not None and earlier.choice == move.choice and not adds_a_seat(move, earlier):
        return refusals.already_counted(request.kind, earlier.choice, earlier.at)
    return None


def _press_refused(request: Request, move: CastVote, bench: Bench, *, actor_known: bool) -> MoveRefused | None:
    if move.choice == "approve":
        if not actor_known and bench.unmapped == "refuse":
            return refusals.actor_unknown(request)
        if bench.step_up and not move.confirmed:
            return refusals.step_up_required()
    return None


def _form_refused(request: Request, terms: Terms, move: CastVote, bench: Bench) -> MoveRefused | None:
    """What is wrong with how it was said, where the person may say it."""
    if move.less is not None and not (
        move.choice == "approve" and move.offered and choices_of(request, terms).hold(move.less)
    ):
        return refusals.less_not_offered()
    rules, reason = terms.approval.reason, move.reason.strip()
    rule = rules.approve if move.choice == "approve" else rules.deny
    if move.reason_code == "other" and not reason:
        return refusals.other_needs_a_note()
    if rule == "required" and not (reason or move.reason_code):
        return refusals.reason_required(move.choice)
    if bench.typed and move.choice == "approve" and not is_typed(move.typed, move.to_type):
        return refusals.not_typed(move.typed, move.to_type)
    return None


def _with_todays_keys(request: Request, move: CastVote) -> Request:
    """The request with its earlier voters named as today's identities know them: a person the identities learned of
    since then is barred like any other, and counts once with all their accounts.
    """

    def today(person: Person) -> Person:
        return person.model_copy(update={"key": move.known_as.get(person.key, person.key)})

    votes = tuple(
        vote.model_copy(
            update={
                "by": today(vote.by),
                "delegated": tuple(one.model_copy(update={"by": today(one.by)}) for one in vote.delegated),
            }
        )
        for vote in request.votes
    )
    return request.model_copy(update={"votes": votes})


def _vote(here: Here, move: CastVote) -> Vote:
    return Vote(
        by=move.by,
        choice=move.choice,
        at=here.now,
        entries=tuple(sorted(move.entries)),
        reason=move.reason,
        reason_code=move.reason_code,
        confirmed=move.confirmed,
        delegated=move.delegated,
        less=move.less,
        typed=is_typed(move.typed, move.to_type),
    )


def _detail(move: CastVote, progress: str) -> dict[str, str]:
    detail = {
        "choice": move.choice,
        "reason": move.reason,
        "reason_code": move.reason_code,
        "progress": progress,
        "confirmed": move.confirmed,
        "for": ", ".join(f"{one.by.name} ({one.by.key})" for one in move.delegated),
        **less_detail(move.less),
        "alert": "security" if move.alert else "",
    }
    return {name: value for name, value in detail.items() if value}
