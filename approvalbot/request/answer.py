"""The answer: what the waiting service is told, by whatever way it waits.

Callers test `allowed`, not the absence of a denial: nothing but an approval is a yes, and `no_match` never is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from approvalbot.plaintext import cut, one_line
from approvalbot.policy.durations import show_duration
from approvalbot.request.case import Case
from approvalbot.request.effects import Answer
from approvalbot.request.refusals import shown_people
from approvalbot.request.request import NOBODY_ASKED, Decision, Less, Request, State
from approvalbot.request.undoing import undoes

SUMMARY_MOST = 400
"""Characters of `$decision.summary`. Chosen by us: a name or two and most reasons; `$decision.reason` has all of it."""

_NOTHING: Mapping[str, Any] = {}


def answer_of(request: Request, *, receipt: str | None = None, accepts_less: bool = True) -> dict[str, Any]:
    """The answer as `GET /v1/requests/{id}` gives it. Times are ISO 8601 in UTC; `receipt` only once it is settled.

    An approval with less says so in `terms`. Whoever has not said that they understand it is never told `allowed`.
    """
    decision = request.decision
    terms = terms_of(request)
    answer = {
        "id": request.id,
        "status": request.state.value,
        "allowed": request.allowed and (accepts_less or not terms),
        "kind": request.kind,
        "decided_by": [{"id": person.key, "name": person.name} for person in decision.by] if decision else [],
        "reason": decision.reason or None if decision else None,
        "reason_code": decision.reason_code or None if decision else None,
        "decided_at": stamp(decision.at) if decision else None,
        "expires_at": stamp(ends_at(request)),
        "policy": {"id": request.policy_id, "digest": request.policy_digest},
        "event_digest": request.event_digest or None,
        "receipt": receipt,
    }
    return {
        **answer,
        **({"terms": terms} if terms else {}),
        **({"credit": request.credit} if request.credit else {}),
    }


def terms_of(request: Request) -> dict[str, Any]:
    """What was approved instead of all that was asked; empty for an approval of the whole."""
    less = request.decision.less if request.decision else None
    if less is None:
        return {}
    told = {"duration_s": less.duration_s, "scope": less.scope, "label": less.label, "with": less.terms}
    return {"less": True, **{name: value for name, value in told.items() if value}}


def terms_together(requests: Sequence[Request]) -> dict[str, Any]:
    """The terms of an answer that stands for several requests: where more than one has some, each of them holds."""
    found = [terms for one in requests if (terms := terms_of(one))]
    return {"less": True, "each": found} if len(found) > 1 else found[0] if found else {}


def etag_of(request: Request) -> str:
    """Changes with every change of the answer, and with nothing else."""
    return f'"{request.id}-{request.state.value}-{stamp(ends_at(request)) or ""}"'


def outgoing_body(
    case: Case, effect: Answer, *, url: str, more: Mapping[str, Any] = _NOTHING, accepts_less: bool = True
) -> dict[str, Any]:
    """The body of a callback: `{"type", "timestamp", "data"}` as Standard Webhooks has it, thin and under 20 kB.

    `more` is what the policy adds, filled in.
    """
    request = case.request
    data = answer_of(request)
    data["status"] = effect.event.partition(".")[2]
    understood = accepts_less or "terms" not in data
    data["allowed"] = understood and data["status"] in {State.APPROVED.value, State.ACTIVE.value}
    data["url"] = url_of(request, url)
    data["source"] = request.source or None
    if effect.status:
        data["policy_status"] = effect.status
    if case.about.credit:
        data["credit"] = case.about.credit
    if more:
        data["with"] = dict(more)
    at = request.decision.at if request.decision else request.opened_at
    return {"type": effect.event, "timestamp": stamp(at), "data": data}


def url_of(request: Request, url: str) -> str:
    """Where the answer to a request stands; `url` is our own address."""
    return f"{url}/v1/requests/{request.id}"


def decision_names(request: Request) -> dict[str, str]:
    """What `$decision.…` stands for in an effect. Every name has a value; a decision without a reason an empty one."""
    decision = request.decision
    if decision is None:
        return {}
    return {
        "state": decision.state.value,
        "summary": _summary(request, decision),
        "by": shown_people(decision.by),
        "reason": decision.reason,
        "at": stamp(decision.at) or "",
    }


def _summary(request: Request, decision: Decision) -> str:
    """The decision in one line: who, what, and why."""
    if decision.by_timeout:
        return "Nobody acted in time; the policy approves then"
    if decision.reason_code == NOBODY_ASKED:
        return "Nobody could be asked in time, so there is no approval"
    if not decision.by:
        return "Nobody acted in time, so there is no approval"
    approved, denied = ("Acknowledged", "Objected to") if request.kind == "review" else ("Approved", "Denied")
    if any(undoes(one.action) for one in request.acted):
        denied = "Undo decided"
    if decision.less is not None:
        approved = f"{approved} with less ({shown_less(decision.less)})"
    verb = approved if decision.state is State.APPROVED else denied
    why = ": ".join(part for part in (decision.reason_code.replace("_", " "), decision.reason) if part)
    return cut(one_line(f"{verb} by {shown_people(decision.by)}" + (f": {why}" if why else "")), SUMMARY_MOST)


def shown_less(less: Less) -> str:
    """What was granted, in a few words: `1 h, read-only`."""
    length = show_duration(less.duration_s) if less.duration_s else ""
    return ", ".join(part for part in (length, less.label or less.scope) if part)


def stamp(moment: datetime | None) -> str | None:
    """A moment as ISO 8601 with milliseconds, UTC."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def ends_at(request: Request) -> datetime | None:
    """When the question or the access ends by itself."""
    return request.grant.ends_at if request.grant and request.grant.ends_at else request.expires_at
