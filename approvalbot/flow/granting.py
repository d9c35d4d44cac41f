"""Granting: approved access is given by its provider, and taken back. What became of it returns as a move."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from approvalbot.errors import ApprovalBotError, DeliveryFailed, UnderWay
from approvalbot.flow.advance import advance
from approvalbot.flow.ports import Journey
from approvalbot.log import get_logger
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import Identities
from approvalbot.policy.people import requester_names
from approvalbot.policy.templates import fill_values
from approvalbot.request.answer import stamp
from approvalbot.request.case import Case
from approvalbot.request.effects import EndGrant
from approvalbot.request.less import granted_s, granted_scope
from approvalbot.request.reports import EndFailed, GrantEnded, GrantRefused, GrantStarted
from approvalbot.request.request import Person, State, Wish

log = get_logger("grant")


def start_grant(journey: Journey, case: Case, now: datetime, *, again: bool = False) -> None:
    """Ask the provider to give access, and report what it said. `again`: what came of asking before is not known."""
    if case.request.state is not State.APPROVED or not isinstance(case.terms, Entitlement):
        return
    identities = journey.policies().identities
    try:
        reference = journey.granter.start(
            case.terms.grant.provider, order_of(case, case.terms, identities), key_of(case), now
        )
    except DeliveryFailed as fault:
        if not fault.final:
            raise
        advance(journey, case.request.id, GrantRefused(fault.text(), uncertain=again))
    else:
        advance(journey, case.request.id, GrantStarted(reference))


def end_grant(journey: Journey, case: Case, effect: EndGrant, now: datetime) -> None:
    """Ask the provider to take access back, and report what it said.

    A failure is reported, not put back into the outbox: the lifecycle itself knows when to try again, pages the owner,
    and keeps saying that the access is open.
    """
    if not isinstance(case.terms, Entitlement) or case.request.grant is None:
        return
    identities = journey.policies().identities
    try:
        key = f"{key_of(case)}:{effect.round}" if effect.round else key_of(case)
        journey.granter.end(case.terms.grant.provider, order_of(case, case.terms, identities), key, now)
    except UnderWay:
        # No failure: the outbox asks again in a moment, and nobody is told that the access is still open.
        raise
    except DeliveryFailed as fault:
        log.warning("end failed", request_id=case.request.id, fault=fault.text())
        if case.request.state not in {State.ACTIVE, State.FAILED}:
            # The end of a start that came after the end: no state waits for it, so the outbox tries again.
            raise DeliveryFailed("grant_failed", fault.text()) from fault
        advance(journey, case.request.id, EndFailed(fault.text()))
    else:
        advance(journey, case.request.id, GrantEnded(effect.round))


def key_of(case: Case) -> str:
    """The idempotency key of a grant: one for its whole life, so that a second start gives nothing new."""
    return f"{case.request.id}:grant"


def order_of(case: Case, terms: Entitlement, identities: Identities) -> dict[str, Any]:
    """What the provider is told: who gets what, for how long, who approved, and the policy's own parameters.

    Raises:
        DeliveryFailed: final, when a parameter's template has no value; a grant with a hole in it is not given.
    """
    request, wish = case.request, case.request.wish
    if wish is None or request.requester is None:
        raise DeliveryFailed("grant_failed", "This request carries no wish to grant.", final=True)
    try:
        scope = granted_scope(request, terms)
        given = {**terms.grant.with_, **(scope.with_ if scope else {})}
        parameters = fill_values(given, names_of(case, identities))
    except ApprovalBotError as fault:
        raise DeliveryFailed("grant_failed", fault.text(), final=True) from fault
    return {
        "request_id": request.id,
        "entitlement": wish.entitlement,
        "requester": {"id": request.requester.key, "name": request.requester.name, "slack": request.requester.slack},
        "duration_s": granted_s(request),
        "reason": wish.reason,
        "inputs": dict(wish.inputs),
        "approved_by": [person.key for person in request.decision.by] if request.decision else [],
        "reference": request.grant.reference if request.grant else "",
        "ends_at": stamp(request.grant.ends_at) if request.grant else None,
        "parameters": parameters,
    }


def names_of(case: Case, identities: Identities) -> Mapping[str, Any]:
    """What `$input`, `$duration`, `$reason`, `$requester` and `$request` mean in an entitlement's templates."""
    request = case.request
    requester = request.requester
    named = request.named or (requester_as_named(identities, requester) if requester else {})
    names = names_of_wish(request.wish, named)
    return {**names, "$duration": granted_s(request) or names["$duration"], "$request": {"id": request.id}}


def names_of_wish(wish: Wish | None, named: Mapping[str, Any]) -> dict[str, Any]:
    """The names of a wish, by whoever is `named` as its requester."""
    return {
        "$input": dict(wish.inputs) if wish else {},
        "$duration": wish.duration_s if wish else None,
        "$reason": wish.reason if wish else None,
        "$requester": named,
    }


def requester_as_named(identities: Identities, person: Person) -> dict[str, Any]:
    """What `$requester` means: the person, their accounts, and who manages them."""
    return requester_names(identities, person.key, person.slack or "", person.name)
