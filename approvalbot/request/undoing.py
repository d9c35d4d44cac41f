"""Undoing: what a no to a review takes back, and whether it can for this event. Only then may a button promise it."""

from approvalbot.policy.actions import ACTIONS
from approvalbot.request.case import Case
from approvalbot.request.following import Listed, policy_effects
from approvalbot.request.request import State


def undoes(action: str) -> bool:
    """Whether an action takes back what happened."""
    known = ACTIONS.get(action)
    return known is not None and known.undoes


def undo_listed(case: Case, state: State = State.DENIED) -> list[Listed]:
    """What an answer would take back; also what it cannot, with why."""
    if case.request.kind != "review":
        return []
    return [one for one in policy_effects(case.request, case.terms, state) if undoes(one.effect.action or "")]


def can_undo(case: Case) -> bool:
    """Whether saying no would undo anything."""
    return any(not one.why for one in undo_listed(case))


def does(action: str) -> str:
    """What an action does, as in "this would …"."""
    known = ACTIONS.get(action)
    return known.does if known is not None and known.does else f"run {action}"
