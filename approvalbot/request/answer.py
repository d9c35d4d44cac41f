"""The answer: what the waiting service is told, by whatever way it waits.

Callers test `allowed`, not the absence of a denial: nothing but an approval is a yes, and `no_match` never is.
"""

from datetime import datetime
from typing import Any

from approvalbot.request.case import Case
from approvalbot.request.effects import Answer
from approvalbot.request.request import Request, State


def answer_of(request: Request, *, receipt: str | None = None) -> dict[str, Any]:
    """The answer as `GET /v1/requests/{id}` gives it. Times are ISO 8601 in UTC; `receipt` only once it is settled."""
    decision = request.decision
    return {
        "id": request.id,
        "status": request.state.value,
        "allowed": request.allowed,
        "kind": request.kind,
        "decided_by": [{"id": person.key, "name": person.name} for person in decision.by] if decision else [],
        "reason": decision.reason or None if decision else None,
        "reason_code": decision.reason_code or None if decision else None,
        "decided_at": stamp(decision.at) if decision else None,
        "expires_at": stamp(_ends(request)),
        "policy": {"id": request.policy_id, "digest": request.policy_digest},
        "event_digest": request.event_digest or None,
        "receipt": receipt,
    }


def etag_of(request: Request) -> str:
    """Changes with every change of the answer, and with nothing else."""
    return f'"{request.id}-{request.state.value}-{stamp(_ends(request)) or ""}"'


def outgoing_body(case: Case, effect: Answer, *, url: str, receipt: str | None = None) -> dict[str, Any]:
    """The body of a callback: `{"type", "timestamp", "data"}` as Standard Webhooks has it, thin and under 20 kB."""
    request = case.request
    data = answer_of(request, receipt=receipt)
    data["status"] = effect.event.partition(".")[2]
    data["allowed"] = data["status"] in {State.APPROVED.value, State.ACTIVE.value}
    data["url"] = f"{url}/v1/requests/{request.id}"
    data["source"] = request.source or None
    if effect.status:
        data["policy_status"] = effect.status
    if case.about.credit:
        data["credit"] = case.about.credit
    at = request.decision.at if request.decision else request.opened_at
    return {"type": effect.event, "timestamp": stamp(at), "data": data}


def stamp(moment: datetime | None) -> str | None:
    """A moment as ISO 8601 with milliseconds, UTC."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def _ends(request: Request) -> datetime | None:
    """When the question or the access ends by itself."""
    return request.grant.ends_at if request.grant and request.grant.ends_at else request.expires_at
