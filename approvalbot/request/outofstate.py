"""Out of state: what somebody is told whose move the request's state does not take."""

from approvalbot.errors import MoveRefused
from approvalbot.request.moves import (
    AddNote,
    AnswerQuestion,
    AskQuestion,
    CastVote,
    Claim,
    End,
    Extend,
    Move,
    Release,
    Withdraw,
)
from approvalbot.request.refusals import no_more_time, shown_people
from approvalbot.request.request import Decision, Request, State

_SETTLED = {
    State.APPROVED: "Already approved by {by} at {at}. Nothing was changed.",
    State.ACTIVE: "Already approved by {by} at {at}. Nothing was changed.",
    State.ENDED: "Already approved by {by} at {at}; the access has ended since. Nothing was changed.",
    State.FAILED: "Already approved by {by} at {at}; the access failed. Nothing was changed.",
    State.DENIED: "Already denied by {by} at {at}. Nothing was changed.",
    State.EXPIRED: "This expired at {at}; nobody acted, and no approval was given.",
    State.WITHDRAWN: "{by} withdrew this at {at}.",
}
_SETTLED_REVIEW = {
    State.APPROVED: "Already acknowledged by {by} at {at}. Nothing was changed.",
    State.DENIED: "Already objected to by {by} at {at}. Nothing was changed.",
    State.EXPIRED: "This expired at {at}; nobody looked at it in time. Nothing was changed.",
}
_CALLER_GONE = "The caller stopped waiting at {at}."
_BY_TIME = "Already approved at {at}, when nobody had acted. Nothing was changed."

_NOTHING_HELD = {
    State.PENDING: "This is still being decided; there is nothing to {verb} yet.",
    State.APPROVED: "This access has not started yet; there is nothing to {verb}.",
    State.ENDED: "This access has ended; there is nothing to {verb} any more.",
    State.FAILED: "This access failed; there is nothing to {verb}.",
}


_ABOUT_THE_DECISION = (CastVote, Withdraw, Claim, Release, AskQuestion, AnswerQuestion, AddNote)
"""Moves of people who think that it is still open: they are told how it was decided."""


def not_in_this_state(request: Request, move: Move) -> MoveRefused:
    """The table has no row for this move in this state."""
    decision = request.decision
    if request.state is State.WATCHED:
        sentence = "The policy only watches: nobody is asked and nothing follows. Nothing was changed."
        return MoveRefused("monitor_only", sentence)
    if isinstance(move, _ABOUT_THE_DECISION) and decision is not None:
        return _settled(request, decision)
    if isinstance(move, Extend):
        return no_more_time(_nothing_held(request, "extend"))
    if isinstance(move, End):
        return MoveRefused("wrong_state", f"{_nothing_held(request, 'end')} Nothing was changed.")
    return MoveRefused(
        "wrong_state",
        "This request is {state}; that can no longer be done. Nothing was changed.",
        state=request.state.value,
    )


def _settled(request: Request, decision: Decision) -> MoveRefused:
    by: object = decision.by[0] if len(decision.by) == 1 else shown_people(decision.by)
    settled = _SETTLED | _SETTLED_REVIEW if request.kind == "review" else _SETTLED
    sentence, hint = settled[request.state], ""
    if not decision.by and request.state is not State.EXPIRED:
        sentence = _CALLER_GONE if request.state is State.WITHDRAWN else _BY_TIME
    if request.state is State.EXPIRED and request.requester is not None and request.kind != "review":
        hint = "{requester} can ask again."
    return MoveRefused("already_decided", sentence, hint=hint, by=by, at=decision.at, requester=request.requester)


def _nothing_held(request: Request, verb: str) -> str:
    nothing = f"No access was given here; there is nothing to {verb}."
    return _NOTHING_HELD.get(request.state, nothing).format(verb=verb) if request.kind == "access" else nothing
