"""Wanting: what makes two wishes one, and when the same may be wanted once more: beside access given with less."""

from approvalbot.errors import AccessRefused
from approvalbot.flow.ports import Journey
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.names import name_of
from approvalbot.request.request import Person, Request, State, Wish

WANTED = frozenset({State.PENDING, State.APPROVED, State.ACTIVE})
"""While a request is in one of these, the same person needs no second one for the same."""

LOOKED_AT = 50
"""The newest requests of a person among which one for the same is looked for: five times as many as may be open."""


def question_of(journey: Journey, terms: Entitlement, person: Person, wish: Wish, name: str) -> str:
    """What a wish asks, for the one request that may stand for it. Whoever was given less may ask for the rest, once.

    `name` is the id that the wish would open: the same form sent twice is no second wish.

    Raises:
        AccessRefused: `already_open`; they ask for the same, or hold all of it.
    """
    same = same_wish(terms, person, wish)
    asked = journey.requests.asked_by(person.key, LOOKED_AT)
    open_ = [one for one in asked if one.state in WANTED and one.id != name and _asks(one, terms, person, same)]
    less = [one for one in open_ if one.decision is not None and one.decision.less is not None]
    if len(less) < len(open_):
        raise already_open(next(one for one in open_ if one not in less))
    return name_of(same, "more than", *sorted(one.id for one in less)) if less else same


def same_wish(terms: Entitlement, person: Person, wish: Wish) -> str:
    """What makes two wishes one: the person, and the inputs that the entitlement's `dedupe.key` names (all of them
    where it names none).
    """
    wanted = (
        {path.removeprefix("$input.") for path in terms.dedupe.key if path.startswith("$input.")}
        if terms.dedupe
        else None
    )
    inputs = sorted((name, value) for name, value in wish.inputs.items() if wanted is None or name in wanted)
    return name_of(person.key, *(f"{name}={value}" for name, value in inputs))


def already_open(holder: Request) -> AccessRefused:
    """Somebody asks for the same, or holds it."""
    ends = holder.grant.ends_at if holder.grant else None
    if ends is not None:
        return AccessRefused("already_open", "You already hold this until {at} (`{id}`).", at=ends, id=holder.short_id)
    return AccessRefused("already_open", "You already asked at {at}: `{id}`.", at=holder.opened_at, id=holder.short_id)


def _asks(request: Request, terms: Entitlement, person: Person, same: str) -> bool:
    return (
        request.policy_id == terms.id
        and not request.extends
        and request.wish is not None
        and same_wish(terms, person, request.wish) == same
    )
