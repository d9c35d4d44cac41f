"""Grafana OnCall and IRM: a schedule, by name or id. "Schedule HTTP API" and "Grafana OnCall users HTTP API".

Its address differs from stack to stack, so there is no default: OnCall's settings page shows it.
"""

import re
from typing import Any

from approvalbot.oncall.asking import Asking, NotThere, Unknown, objects, text, unreadable

MOST_PEOPLE = 20
"""People of one schedule at once. Each takes a call, and the vendor admits 300 in five minutes."""

_ID = re.compile(r"[A-Z0-9]{8,20}")


def headers(token: str, stack: str | None) -> dict[str, str]:
    """How a call proves itself; the token of a service account also names the stack it is of."""
    return {"authorization": token, **({"x-grafana-url": stack} if stack else {})}


def on_call(asking: Asking, name: str) -> frozenset[str] | None:
    """The e-mails of those on call now; None when there is no such schedule.

    Raises:
        Unknown: Grafana does not say.
    """
    schedule = _schedule(asking, name)
    if schedule is None:
        return None
    people = schedule.get("on_call_now")
    if not isinstance(people, list):
        raise unreadable()
    if len(people) > MOST_PEOPLE:
        raise Unknown(f"over {MOST_PEOPLE} people are on call at once")
    return frozenset(_email(asking, text(one)) for one in people)


def _schedule(asking: Asking, name: str) -> dict[str, Any] | None:
    """The schedule of this name, which the vendor compares exactly, or of this id."""
    listed = objects(asking.get("/api/v1/schedules/", {"name": name}).get("results"))
    found = [one for one in listed if one.get("name") == name]
    if len(found) > 1:
        raise Unknown(f"several schedules are called {name}; write the id")
    if found:
        return found[0]
    if not _ID.fullmatch(name):
        return None
    try:
        one = asking.get(f"/api/v1/schedules/{name}/")
    except NotThere:
        return None
    if one.get("id") != name:
        raise unreadable()
    return one


def _email(asking: Asking, user: str) -> str:
    if not _ID.fullmatch(user):
        raise unreadable()
    return text(asking.get(f"/api/v1/users/{user}/").get("email"))
