"""PagerDuty on this machine, written from its REST API v2: on-calls, schedules, escalation policies, users.

Classic pagination, `Token token=` and the versioned Accept header, brackets in the names of lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.oncall.rota import TOKEN, Rota, answer

_KNOWN = {
    "oncalls": {"schedule_ids[]", "escalation_policy_ids[]", "include[]", "limit", "offset"},
    "schedules": {"query", "limit", "offset"},
    "escalation_policies": {"query", "limit", "offset"},
}
_SINGLE = {"schedules": "schedule", "escalation_policies": "escalation_policy"}


@dataclass(frozen=True)
class PagerDuty:
    """The part of the API that tells who is on call."""

    rota: Rota

    def app(self) -> Starlette:
        return Starlette(
            routes=[Route("/{kind}", self.many, methods=["GET"]), Route("/{kind}/{name}", self.one, methods=["GET"])]
        )

    async def many(self, request: Request) -> Response:
        early = await self.rota.first(request) or self.refused(request)
        if early is not None:
            return early
        kind = request.path_params["kind"]
        if kind == "oncalls":
            return self.page(request, kind, self.on_calls(request))
        if kind not in _SINGLE:
            return answer({"error": {"message": "Not Found", "code": 2100}}, 404)
        asked = request.query_params["query"].lower()
        listed = [
            {"id": one, "name": called, "type": _SINGLE[kind]}
            for one, (called, _) in self.lists(kind).items()
            if asked in called.lower()
        ]
        return self.page(request, kind, listed)

    async def one(self, request: Request) -> Response:
        early = await self.rota.first(request) or self.refused(request)
        if early is not None:
            return early
        kind, name = request.path_params["kind"], request.path_params["name"]
        if kind == "users":
            people = {self.rota.user_id(one): one for one in self.rota.everybody() if one not in self.rota.gone}
            if name in people:
                return answer({"user": {"id": name, "type": "user", "email": people[name]}})
        elif name in self.lists(kind):
            called = self.lists(kind)[name][0]
            return answer({_SINGLE[kind]: {"id": name, "name": called, "type": _SINGLE[kind]}})
        return answer({"error": {"message": "Not Found", "code": 2100}}, 404)

    def refused(self, request: Request) -> Response | None:
        headers, kind = request.headers, request.path_params["kind"]
        if headers.get("authorization") != f"Token token={TOKEN}":
            return answer({"error": {"message": "Unauthorized", "code": 2006}}, 401)
        if headers.get("accept") != "application/vnd.pagerduty+json;version=2":
            return answer({"error": {"message": "Not acceptable"}}, 406)
        if set(request.query_params) - _KNOWN.get(kind, set()):
            return answer({"error": {"message": "Invalid Input Provided", "code": 2001}}, 400)
        return None

    def lists(self, kind: str) -> Mapping[str, tuple[str, Any]]:
        return self.rota.schedules if kind == "schedules" else self.rota.policies

    def on_calls(self, request: Request) -> list[dict[str, Any]]:
        schedules = request.query_params.getlist("schedule_ids[]")
        policies = request.query_params.getlist("escalation_policy_ids[]")
        found = [
            self.entry(email, "PANY01", 1, name)
            for name, (_, people) in self.rota.schedules.items()
            for email in people
            if name in schedules
        ]
        return found + [
            self.entry(email, name, number, None)
            for name, (_, levels) in self.rota.policies.items()
            for number, level in enumerate(levels, 1)
            for email in level
            if name in policies
        ]

    def entry(self, email: str, policy: str, level: int, schedule: str | None) -> dict[str, Any]:
        reference = {"id": schedule, "type": "schedule_reference", "summary": "A schedule"} if schedule else None
        return {
            "user": self.user(email),
            "schedule": reference,
            "escalation_policy": {"id": policy, "type": "escalation_policy_reference", "summary": "A policy"},
            "escalation_level": level,
            "start": None,
            "end": None,
        }

    def user(self, email: str) -> dict[str, Any]:
        called = email.partition("@")[0].title()
        reference = {"id": self.rota.user_id(email), "type": "user_reference", "summary": called}
        if self.rota.bare_users or email in self.rota.gone:
            return reference
        return {**reference, "type": "user", "name": called, "email": email, "role": "user"}

    def page(self, request: Request, key: str, everything: list[dict[str, Any]]) -> Response:
        offset = int(request.query_params["offset"])
        limit = min(int(request.query_params["limit"]), self.rota.per_page)
        more = offset + limit < len(everything)
        held = everything[offset : offset + limit]
        return answer({key: held, "limit": limit, "offset": offset, "total": None, "more": more})
