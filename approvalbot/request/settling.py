"""How a request settles: the decision, and everything that then has to be told."""

from collections.abc import Iterable
from datetime import timedelta

from approvalbot.policy.approval import Approval
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.effects import Alarm, AskExtension, Effect, Note, Refresh, StartGrant, Tell, Word
from approvalbot.request.following import follow
from approvalbot.request.less import settled_less
from approvalbot.request.moves import Today, Withdraw
from approvalbot.request.quorum import Tally, unmapped_rule
from approvalbot.request.refusals import not_to_be_taken_back, not_yours
from approvalbot.request.request import NOBODY_ASKED, Decision, GrantState, Person, Request, State, Vote
from approvalbot.request.timing import open_question
from approvalbot.request.trail import Draft, less_detail


def redraw() -> list[Effect]:
    """The card everywhere, as it now is."""
    return [Refresh()]


def by_votes(
    here: Here, request: Request, terms: Terms, drafts: list[Draft], tally: Tally, more: Iterable[Effect] = ()
) -> Change:
    """Settle by the votes that stand in `request`; `drafts` are the steps that led here, `more` what they set off."""
    choice = "deny" if tally.denied else "approve"
    state = State.DENIED if tally.denied else State.APPROVED
    deciding = [vote for vote in request.votes if vote.choice == choice]
    last = deciding[-1]
    decision = Decision(
        state=state,
        at=here.now,
        by=tuple(vote.by for vote in deciding),
        reason=last.reason or _first_reason(deciding),
        reason_code=last.reason_code,
        less=settled_less(request, terms, deciding) if state is State.APPROVED else None,
    )
    return _settled(here, request, terms, decision, drafts, tally=tally, more=more)


def expire(here: Here, terms: Terms, today: Today | None) -> Change:
    """Nobody acted. Silence is no, and never called a denial; `on_timeout: approve` is the policy's own risk.

    Where nobody was reached it is no silence of people at all: that is said, and its owner hears of it.
    """
    if silence_approves(here.request, terms.approval, today):
        decision = Decision(state=State.APPROVED, at=here.now, reason_code="timeout", by_timeout=True)
        return _settled(here, here.request, terms, decision, [])
    reached = any(asked.people for asked in here.request.asked) or here.request.votes
    why = "nobody_acted" if reached else NOBODY_ASKED
    decision = Decision(state=State.EXPIRED, at=here.now, reason_code=why)
    return _settled(here, here.request, terms, decision, [], more=() if reached else (Alarm(what=NOBODY_ASKED),))


def silence_approves(request: Request, approval: Approval, today: Today | None) -> bool:
    """Whether silence lets it through: only silence of people who were really asked, about a policy that was applied,
    and only while the policy still says so.

    Slack down or groups empty is nobody asked; a policy that could not be evaluated took no risk; a standing denial or
    an open question is no silence; and where an unknown actor blocks everybody, time passes nobody either.
    """
    return (
        approval.on_timeout == "approve"
        and (today is None or today.approval.on_timeout == "approve")
        and not request.policy_error
        and any(asked.people for asked in request.asked)
        and not any(vote.choice == "deny" for vote in request.votes)
        and open_question(request) is None
        and (request.actor_known or unmapped_rule(request.kind, approval, today) != "refuse")
    )


def withdraw(here: Here, terms: Terms, move: Withdraw) -> Change:
    """The requester takes the question back, or the caller stopped waiting."""
    requester = here.request.requester
    if move.by is not None and here.request.kind == "review":
        # Whoever acted would take back the look at what they did, and with it the undo.
        raise not_to_be_taken_back()
    if move.by is not None and (requester is None or not move.by.is_same(requester)):
        raise not_yours(requester or "the caller")
    decision = Decision(
        state=State.WITHDRAWN,
        at=here.now,
        by=(move.by,) if move.by else (),
        reason_code="withdrawn" if move.by else "caller_gone",
    )
    return _settled(here, here.request, terms, decision, [])


def _settled(
    here: Here,
    request: Request,
    terms: Terms,
    decision: Decision,
    drafts: list[Draft],
    *,
    tally: Tally | None = None,
    more: Iterable[Effect] = (),
) -> Change:
    settled = request.model_copy(update={"state": decision.state, "decision": decision, "due_at": None, "claim": None})
    followed = follow(settled, terms, decision.state)
    settled = settled.model_copy(update={"acted": followed.acted})
    effects: list[Effect] = [*redraw(), _note(settled, decision)]
    if decision.state is State.APPROVED and isinstance(terms, Entitlement):
        # The moment by which access must have started is written with the approval: a start that is lost still ends.
        by = here.now + timedelta(seconds=terms.grant.start_within_s)
        settled = settled.model_copy(update={"grant": GrantState(), "due_at": by})
        effects.append(AskExtension() if request.extends else StartGrant())
    elif settled.requester is not None and settled.requester.slack:
        effects.append(Tell(what=_WORDS[decision.state]))
    drafts = [*drafts, Draft(decision.state.value, _alone(decision), _decision_detail(decision)), *followed.drafts]
    timed = decision.state is State.EXPIRED or decision.by_timeout
    return here.becomes(
        settled,
        drafts,
        [*effects, *followed.effects, *more],
        valid_from=here.request.due_at if timed else None,
        valid_until=None if timed else here.request.due_at,
        tally=tally,
    )


_WORDS: dict[State, Word] = {
    State.PENDING: "asked",
    State.APPROVED: "approved",
    State.DENIED: "denied",
    State.EXPIRED: "expired",
    State.WITHDRAWN: "withdrawn",
    State.ACTIVE: "active",
    State.ENDED: "ended",
    State.FAILED: "failed",
}


def answers(request: Request, terms: Terms, state: State) -> list[Effect]:
    """What a state sets off, for a state whose actions nobody waits for."""
    return follow(request, terms, state).effects


def _note(request: Request, decision: Decision) -> Note:
    return Note(entry=request.trail_count + 1, what=decision.state.value, detail=_decision_detail(decision))


def _decision_detail(decision: Decision) -> dict[str, str]:
    detail = {
        "by": ", ".join(person.key for person in decision.by),
        "reason": decision.reason,
        "reason_code": decision.reason_code,
        "by_timeout": "true" if decision.by_timeout else "",
        **less_detail(decision.less),
    }
    return {name: value for name, value in detail.items() if value}


def _alone(decision: Decision) -> Person | None:
    return decision.by[-1] if decision.by else None


def _first_reason(votes: list[Vote]) -> str:
    return next((vote.reason for vote in votes if vote.reason), "")
