"""Outward: what receivers and providers are told, with what the policy puts in, tried again on one schedule.

What cannot be filled in whole is not sent: a parameter with a hole in it does something else than its author meant.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from approvalbot.errors import ApprovalBotError, DeliveryFailed
from approvalbot.flow.advance import advance
from approvalbot.flow.granting import names_of
from approvalbot.flow.narrowing import is_heard
from approvalbot.flow.ports import Journey, TakenEffect
from approvalbot.policy.actions import ACTIONS
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.templates import fill_values
from approvalbot.request.acting import PAGE_AFTER, acted_of
from approvalbot.request.answer import decision_names, outgoing_body, stamp, url_of
from approvalbot.request.case import Case
from approvalbot.request.effects import Act, Answer, request_of
from approvalbot.request.following import effect_named, key_of_answer
from approvalbot.request.moves import Noted
from approvalbot.request.reports import ActionDelayed, ActionDone, ActionFailed
from approvalbot.request.request import State

DELAYS_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before the second and each later attempt: ten attempts over 75 h 35 min 5 s.

Source: Standard Webhooks 1.0.0, "Deliverability and reliability".
"""

WITH_MOST = 16_000
"""Bytes of what a policy adds to one callback. Standard Webhooks recommends bodies under 20 kB."""

FAULT_MOST = 300


def send_answer(journey: Journey, case: Case, effect: Answer, taken: TakenEffect, now: datetime) -> None:
    """Tell a receiver, and report that it was told."""
    # What a source says of its callers holds for its own destination; no other one can say what it understands.
    own = case.request.kind == "access" or effect.to == case.request.callback
    heard = own and is_heard(journey.policies(), case.request)
    body = outgoing_body(case, effect, url=journey.url, more=_more(journey, case, effect), accepts_less=heard)
    status = journey.answers.deliver(effect.to, body, taken.id, now)
    detail = {"to": effect.to, "event": effect.event, "status": str(status), "attempt": str(taken.attempt)}
    advance(journey, case.request.id, Noted("answer_delivered", detail=detail))


def run_action(journey: Journey, case: Case, effect: Act, taken: TakenEffect, now: datetime) -> None:
    """Have an action done, and report what came of it. One that was reported done is not done again."""
    held = acted_of(case.request, effect.key)
    if held is not None and held.state == "done":
        return
    answer = journey.actions.run(effect.action, order_of(journey, case, effect), taken.id, now)
    advance(journey, case.request.id, ActionDone(effect.key, answer[:FAULT_MOST]))


def order_of(journey: Journey, case: Case, effect: Act) -> dict[str, Any]:
    """What a provider is told: the policy's parameters, the event's facts they are checked against, and the decision.

    Raises:
        DeliveryFailed: final, when a parameter has no value.
    """
    kept = journey.requests.parameters(case.request.id)
    facts = ACTIONS[effect.action].facts if effect.action in ACTIONS else {}
    decision = case.request.decision
    return {
        "parameters": _filled(journey, case, effect_named(case.terms, effect.key).with_, kept),
        "facts": {name: kept[path] for name, path in facts.items() if path in kept},
        "approved": decision is not None and decision.state is State.APPROVED,
        "happened_at": stamp(case.about.happened_at),
        "decided_at": stamp(decision.at if decision else None),
        "credit": case.about.credit,
    }


def not_delivered(journey: Journey, taken: TakenEffect, fault: DeliveryFailed, now: datetime) -> None:
    """Put an attempt that failed back by the schedule, or give it up; either is reported."""
    if fault.final or taken.attempt > len(DELAYS_S):
        journey.effects.give_up(taken, fault.text())
        advance(journey, request_of(taken.id), _given_up(taken, fault))
        return
    planned = jittered(DELAYS_S[taken.attempt - 1], f"{taken.id}{taken.attempt}")
    journey.effects.later(taken, now + timedelta(seconds=max(planned, fault.retry_after_s or 0)))
    if (report := _put_off(taken, fault)) is not None:
        advance(journey, request_of(taken.id), report)


def jittered(delay_s: float, seed: str) -> float:
    """The delay, up to a tenth longer, by a hash of `seed`: many deliveries that failed together do not return so."""
    return delay_s * (1 + hashlib.sha256(seed.encode()).digest()[0] / 2560)


def _given_up(taken: TakenEffect, fault: DeliveryFailed) -> Noted | ActionFailed:
    if isinstance(taken.effect, Act):
        return ActionFailed(taken.effect.key, fault.text()[:FAULT_MOST])
    return Noted("answer_given_up", detail=_detail(taken, fault))


def _put_off(taken: TakenEffect, fault: DeliveryFailed) -> Noted | ActionDelayed | None:
    """What is reported of a failed attempt: the first, and of an action also the one after which its owner hears."""
    if isinstance(taken.effect, Act):
        told = taken.attempt in {1, PAGE_AFTER}
        return ActionDelayed(taken.effect.key, fault.text()[:FAULT_MOST], taken.attempt) if told else None
    return Noted("answer_failed", detail=_detail(taken, fault)) if taken.attempt == 1 else None


def _detail(taken: TakenEffect, fault: DeliveryFailed) -> dict[str, str]:
    effect = taken.effect
    named = {"to": effect.to, "event": effect.event} if isinstance(effect, Answer) else {}
    return {**named, "fault": fault.text()[:FAULT_MOST], "attempt": str(taken.attempt)}


def _more(journey: Journey, case: Case, effect: Answer) -> dict[str, Any]:
    """What the policy adds to a callback, filled in."""
    key = key_of_answer(case.terms, effect)
    listed = effect_named(case.terms, key).callback if key is not None else None
    if listed is None or not listed.with_:
        return {}
    filled = _filled(journey, case, listed.with_, journey.requests.parameters(case.request.id))
    if len(orjson.dumps(filled, default=str)) > WITH_MOST:
        raise DeliveryFailed("delivery_failed", f"What `with` adds is longer than {WITH_MOST} bytes.", final=True)
    return filled


def _filled(journey: Journey, case: Case, written: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    try:
        filled: dict[str, Any] = fill_values(dict(written), _names(journey, case), kept=kept)
    except ApprovalBotError as fault:
        raise DeliveryFailed("delivery_failed", fault.text(), final=True) from fault
    return filled


def _names(journey: Journey, case: Case) -> dict[str, Any]:
    """What the names of an effect mean that are no field of the event."""
    request = case.request
    names: dict[str, Any] = {}
    if isinstance(case.terms, Entitlement):
        names |= names_of(case, journey.policies().identities)
    if isinstance(case.terms, Policy) and case.terms.rule is not None:
        names["$rule"] = case.terms.rule.names()
    return {
        **names,
        "$decision": decision_names(request),
        "$request": {"id": request.id, "url": url_of(request, journey.url)},
    }
