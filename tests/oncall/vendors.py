"""The three vendors on this machine: strict about how they are asked, and answering in the form they document.

Written from Opsgenie's "Who is on Call API" and Grafana OnCall's HTTP API (schedules, users); PagerDuty has its file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.oncall.pagerduty import PagerDuty
from tests.oncall.rota import TOKEN, Rota, answer
from tests.serving import serving


def opsgenie(rota: Rota) -> Starlette:
    """`GenieKey`, and user names under `onCallRecipients` with `flat=true`."""

    async def handle(request: Request) -> Response:
        if (early := await rota.first(request)) is not None:
            return early
        if request.headers.get("authorization") != f"GenieKey {TOKEN}":
            return answer({"message": "Could not authenticate", "took": 0.0, "requestId": "r"}, 401)
        if set(request.query_params) - {"scheduleIdentifierType", "flat", "date"}:
            return answer({"message": "Request is not processable"}, 422)
        name, kind = request.path_params["schedule"], request.query_params.get("scheduleIdentifierType", "id")
        found = next(
            ((one, *held) for one, held in rota.schedules.items() if name == (held[0] if kind == "name" else one)), None
        )
        if found is None:
            return answer({"message": f"No schedule found with [{kind}: {name}]", "took": 0.1, "requestId": "r"}, 404)
        parent = {"id": found[0], "name": found[1], "enabled": True}
        if request.query_params.get("flat") == "true":
            return answer({"data": {"_parent": parent, "onCallRecipients": found[2]}, "took": 0.1, "requestId": "r"})
        people = [{"id": f"u{n}", "name": one, "type": "user"} for n, one in enumerate(found[2])]
        return answer({"data": {"_parent": parent, "onCallParticipants": people}, "took": 0.1, "requestId": "r"})

    return Starlette(routes=[Route("/v2/schedules/{schedule}/on-calls", handle, methods=["GET"])])


def grafana(rota: Rota) -> Starlette:
    """The bare token, trailing slashes, user ids under `on_call_now`; `name` is compared exactly."""

    def schedule(name: str) -> dict[str, Any]:
        called, people = rota.schedules[name]
        on_call = [rota.user_id(email) for email in people]
        return {"id": name, "name": called, "type": "web", "team_id": None, "on_call_now": on_call, "shifts": []}

    async def handle(request: Request) -> Response:
        if (early := await rota.first(request)) is not None:
            return early
        if request.headers.get("authorization") != TOKEN:
            return answer({"detail": "Invalid token."}, 403)
        kind, name = request.path_params["kind"], request.path_params.get("name", "")
        if kind == "schedules" and not name:
            listed = [schedule(one) for one, held in rota.schedules.items() if held[0] == request.query_params["name"]]
            return answer({"count": len(listed), "next": None, "previous": None, "results": listed, "page_size": 50})
        if kind == "schedules" and name in rota.schedules:
            return answer(schedule(name))
        people = {rota.user_id(email): email for email in rota.everybody()}
        if kind == "users" and name in people:
            return answer({"id": name, "email": people[name], "slack": None, "username": "x", "role": "user"})
        return answer({"detail": "Not found."}, 404)

    paths = ("/oncall/api/v1/{kind}/", "/oncall/api/v1/{kind}/{name}/")
    return Starlette(routes=[Route(path, handle, methods=["GET"]) for path in paths])


VENDORS = {"pagerduty": lambda rota: PagerDuty(rota).app(), "opsgenie": opsgenie, "grafana": grafana}


@contextmanager
def running(vendor: str) -> Iterator[Rota]:
    """A vendor that answers; `url` is what stands in the policies."""
    rota = Rota()
    with serving(VENDORS[vendor](rota)) as url:
        rota.url = f"{url}/oncall" if vendor == "grafana" else url
        yield rota
