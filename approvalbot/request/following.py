"""What follows a state: of the effects that the document lists for it, those that follow this request.

This is the one place where they are chosen. Access is there only once its grant started, so what an entitlement lists
under `on_approve` follows the start and not the vote.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from approvalbot.policy.documents import Policy
from approvalbot.policy.message import Effect as PolicyEffect
from approvalbot.policy.message import effect_key
from approvalbot.request.change import Terms
from approvalbot.request.effects import Act, Alarm, Answer, Effect, Note
from approvalbot.request.request import Acted, Request, State
from approvalbot.request.trail import Draft

_LISTS: Mapping[State, str] = {State.APPROVED: "on_approve", State.DENIED: "on_deny", State.EXPIRED: "on_expire"}
_LISTS_OF_ACCESS: Mapping[State, str] = {
    State.ACTIVE: "on_approve",
    State.DENIED: "on_deny",
    State.EXPIRED: "on_expire",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One effect of the document. `why` says what keeps it from being done, where something does."""

    key: str
    index: int
    effect: PolicyEffect
    why: str = ""

    @property
    def name(self) -> str:
        """The action or the destination."""
        return self.effect.action or (self.effect.callback.to if self.effect.callback else "")


@dataclass(frozen=True, slots=True)
class Following:
    """What a state sets off: effects, the actions now under way, and trail entries about what cannot be done."""

    effects: list[Effect] = field(default_factory=list)
    acted: tuple[Acted, ...] = ()
    drafts: list[Draft] = field(default_factory=list)


def follow(request: Request, terms: Terms, state: State) -> Following:
    """What `state` sets off: the answer to the source's own destination, and what the document lists."""
    event = f"request.{state.value}"
    effects: list[Effect] = [Answer(to=request.callback, event=event)] if request.callback else []
    acted: list[Acted] = []
    drafts: list[Draft] = []
    for one in policy_effects(request, terms, state):
        if one.effect.action is not None:
            acted.append(Acted(key=one.key, action=one.name, state="failed" if one.why else "started", fault=one.why))
        if one.why:
            detail = {"effect": one.key, "name": one.name, "fault": one.why}
            drafts.append(Draft("effect_not_run", detail=detail))
            entry = request.trail_count + 1 + len(drafts)
            effects += [
                Note(entry=entry, what="effect_not_run", detail=detail),
                Alarm(what="effect_not_run", detail=detail),
            ]
        elif one.effect.callback is not None:
            status = one.effect.callback.status or ""
            effects.append(Answer(to=one.name, event=event, status=status, effect_index=one.index))
        else:
            effects.append(Act(action=one.name, key=one.key))
    return Following(effects, tuple(acted), drafts)


def policy_effects(request: Request, terms: Terms, state: State) -> list[Listed]:
    """What the document lists for a state, of that what follows this request: `only_if` holds."""
    listed = (_LISTS if isinstance(terms, Policy) else _LISTS_OF_ACCESS).get(state)
    effects: tuple[PolicyEffect, ...] = getattr(terms, listed) if listed else ()
    keyed = [(effect_key(str(listed), index), index, effect) for index, effect in enumerate(effects)]
    return [
        Listed(key, index, effect, request.left_out.get(key, ""))
        for key, index, effect in keyed
        if request.left_out.get(key) != "" and follows(request, effect)
    ]


def follows(request: Request, effect: PolicyEffect) -> bool:
    """Whether an effect of the policy follows the decision. Its receivers are told of every one; an action is not run

    - on the word of a policy that could not be evaluated: nothing that happened is undone for it;
    - for more time that was refused: the access it was asked for still stands.
    """
    if effect.action is None:
        return True
    return not request.extends and (request.kind != "review" or not request.policy_error)


def effect_named(terms: Terms, key: str) -> PolicyEffect:
    """The effect of a document by its key."""
    listed, _, index = key.rpartition(".")
    found: PolicyEffect = getattr(terms, listed)[int(index)]
    return found


def key_of_answer(terms: Terms, answer: Answer) -> str | None:
    """The key of the effect that an answer carries out; None for the source's own destination."""
    if answer.effect_index < 0:
        return None
    lists = _LISTS if isinstance(terms, Policy) else _LISTS_OF_ACCESS
    return effect_key(lists[State(answer.event.partition(".")[2])], answer.effect_index)
