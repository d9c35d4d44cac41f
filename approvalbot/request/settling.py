"""How a request settles: the decision, and everything that then has to be told."""

from datetime import timedelta

from approvalbot.policy.approval import Approval
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.message import Effect as PolicyEffect
from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.effects import Answer, AskExtension, Effect, Note, Refresh, StartGrant, Tell, Word
from approvalbot.request.moves import Today, Withdraw
from approvalbot.request.quorum import Tally, unmapped_rule
from approvalbot.request.refusals import not_yours
from approvalbot.request.request import Decision, GrantState, Person, Request, State, Vote
from approvalbot.request.trail import Draft


def redraw() -> list[Effect]:
    """The card everywhere, as it now is."""
    return [Refresh()]


def by_votes(here: Here, request: Request, terms: Terms, drafts: list[Draft], tally: Tally) -> Change:
    """Settle by the votes that stand in `request`; `drafts` are the steps that led here."""
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
    )
    return _settled(here, request, terms, decision, drafts, tally=tally)


def expire(here: Here, terms: Terms, today: Today | None) -> Change:
    """Nobody acted. Silence is no, and never called a denial; `on_timeout: approve` is the policy's own risk."""
    if silence_approves(here.request, terms.approval, today):
        decision = Decision(state=State.APPROVED, at=here.now, reason_code="timeout", by_timeout=True)
    else:
        decision = Decision(state=State.EXPIRED, at=here.now, reason_code="nobody_acted")
    return _settled(here, here.request, terms, decision, [])


def silence_approves(request: Request, approval: Approval, today: Today | None) -> bool:
    """Whether silence lets it through: only silence of people who were really asked, about a policy that was applied,
    and only while the policy still says so.

    Slack down or groups empty is nobody asked; a policy that could not be evaluated took no risk; a standing denial is
    no silence; and where an unknown actor blocks everybody, time passes nobody either.
    """
    return (
        approval.on_timeout == "approve"
        and (today is None or today.approval.on_timeout == "approve")
        and not request.policy_error
        and any(asked.people for asked in request.asked)
        and not any(vote.choice == "deny" for vote in request.votes)
        and (request.actor_known or unmapped_rule(request.kind, approval, today) != "refuse")
    )


def withdraw(here: Here, terms: Terms, move: Withdraw) -> Change:
    """The requester takes the question back, or the caller stopped waiting."""
    requester = here.request.requester
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
    here: Here, request: Request, terms: Terms, decision: Decision, drafts: list[Draft], *, tally: Tally | None = None
) -> Change:
    settled = request.model_copy(update={"state": decision.state, "decision": decision, "due_at": None})
    effects = outcome_effects(settled, terms, decision.state)
    if decision.state is State.APPROVED and isinstance(terms, Entitlement):
        # The moment by which access must have started is written with the approval: a start that is lost still ends.
        by = here.now + timedelta(seconds=terms.grant.start_within_s)
        settled = settled.model_copy(update={"grant": GrantState(), "due_at": by})
        effects = [*redraw(), _note(settled, decision), AskExtension() if request.extends else StartGrant()]
    drafts = [*drafts, Draft(decision.state.value, _alone(decision), _decision_detail(decision))]
    timed = decision.state is State.EXPIRED or decision.by_timeout
    return here.becomes(
        settled,
        drafts,
        effects,
        valid_from=request.due_at if timed else None,
        valid_until=None if timed else request.due_at,
        tally=tally,
    )


def outcome_effects(request: Request, terms: Terms, state: State) -> list[Effect]:
    """Who hears of a state the request has reached: the card, its thread, the requester, and the receivers."""
    effects: list[Effect] = redraw()
    if request.decision is not None:
        effects.append(_note(request, request.decision))
    if request.requester is not None and request.requester.slack:
        effects.append(Tell(what=_WORDS[state]))
    return [*effects, *answers(request, terms, state)]


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
    """The signed answers that a state sends: to the source's own destination, and to those the policy names."""
    event = f"request.{state.value}"
    found: list[Effect] = [Answer(to=request.callback, event=event)] if request.callback else []
    found += [
        Answer(to=effect.callback.to, event=event, status=effect.callback.status or "", effect_index=index)
        for index, effect in enumerate(policy_effects(terms, state))
        if effect.callback is not None and follows(request, effect)
    ]
    return found


def follows(request: Request, effect: PolicyEffect) -> bool:
    """Whether an effect of the policy follows the decision.

    Nothing is undone or contained on the word of a policy that could not be evaluated: of its review, receivers are
    told the outcome, and no action runs.
    """
    return effect.action is None or request.kind != "review" or not request.policy_error


def policy_effects(terms: Terms, state: State) -> tuple[PolicyEffect, ...]:
    """What the document lists for a state. What an entitlement approves is there when access is, so it is told then."""
    given = State.ACTIVE if isinstance(terms, Entitlement) else State.APPROVED
    lists = {given: terms.on_approve, State.DENIED: terms.on_deny, State.EXPIRED: terms.on_expire}
    return lists.get(state, ())


def _note(request: Request, decision: Decision) -> Note:
    return Note(entry=request.trail_count + 1, what=decision.state.value, detail=_decision_detail(decision))


def _decision_detail(decision: Decision) -> dict[str, str]:
    detail = {
        "by": ", ".join(person.key for person in decision.by),
        "reason": decision.reason,
        "reason_code": decision.reason_code,
        "by_timeout": "true" if decision.by_timeout else "",
    }
    return {name: value for name, value in detail.items() if value}


def _alone(decision: Decision) -> Person | None:
    return decision.by[-1] if decision.by else None


def _first_reason(votes: list[Vote]) -> str:
    return next((vote.reason for vote in votes if vote.reason), "")
