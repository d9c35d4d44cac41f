"""PagerDuty: a schedule or an escalation policy, by name or id. REST API v2, "List all of the on-calls".

Of an escalation policy only its first level with anybody on call counts: the levels behind it are for when the first
does not answer, and often end with a manager who is always on call.
"""

import re
from collections.abc import Mapping
from typing import Any

from approvalbot.oncall.asking import MOST_PAGES, Asking, NotThere, Unknown, objects, text, unreadable

URL = "https://api.pagerduty.com"

_ID = re.compile(r"[A-Z0-9]{6,20}")
_PER_PAGE = 100
_LISTS = {"schedules": "schedule", "escalation_policies": "escalation_policy"}
"""What may be on call: the list it stands in, and what one of it is called."""


def headers(token: str) -> dict[str, str]:
    """How a call proves itself."""
    return {"authorization": f"Token token={token}", "accept": "application/vnd.pagerduty+json;version=2"}


def on_call(asking: Asking, name: str) -> frozenset[str] | None:
    """The e-mails of those on call now; None when there is no such schedule and no such policy.

    Raises:
        Unknown: PagerDuty does not say.
    """
    for kind in _LISTS:
        found = _named(asking, kind, name)
        if found is not None:
            return _people(asking, kind, found)
    return None


def _named(asking: Asking, kind: str, name: str) -> str | None:
    """The id of what has this name, ignoring case, or this id."""
    listed = _pages(asking, f"/{kind}", kind, {"query": name})
    found = {text(one.get("id")) for one in listed if text(one.get("name")).casefold() == name.casefold()}
    if len(found) > 1:
        raise Unknown(f"several {kind.replace('_', ' ')} are called {name}; write the id")
    if found:
        return found.pop()
    if not _ID.fullmatch(name):
        return None
    try:
        one = asking.get(f"/{kind}/{name}").get(_LISTS[kind])
    except NotThere:
        return None
    if not isinstance(one, dict) or one.get("id") != name:
        raise unreadable()
    return name


def _people(asking: Asking, kind: str, found: str) -> frozenset[str]:
    asked = {f"{_LISTS[kind]}_ids[]": [found], "include[]": ["users"]}
    # An entry that is of something else than was asked for counts for nobody.
    entries = [
        one
        for one in _pages(asking, "/oncalls", "oncalls", asked)
        if isinstance(one.get(_LISTS[kind]), dict) and one[_LISTS[kind]].get("id") == found
    ]
    if kind == "escalation_policies":
        first = min((_level(one) for one in entries), default=0)
        entries = [one for one in entries if _level(one) == first]
    return frozenset(email for one in entries if (email := _email(asking, one.get("user"))))


def _level(entry: Mapping[str, Any]) -> int:
    level = entry.get("escalation_level")
    if not isinstance(level, int) or isinstance(level, bool):
        raise unreadable()
    return level


def _email(asking: Asking, user: object) -> str:
    """A person's e-mail. An entry that only refers to its person is followed; one who is gone has none."""
    if not isinstance(user, dict):
        raise unreadable()
    if "email" in user:
        return text(user["email"])
    user_id = text(user.get("id"))
    if not _ID.fullmatch(user_id):
        raise unreadable()
    try:
        whole = asking.get(f"/users/{user_id}").get("user")
    except NotThere:
        return ""
    if not isinstance(whole, dict):
        raise unreadable()
    return text(whole.get("email"))


def _pages(asking: Asking, path: str, key: str, asked: Mapping[str, str | list[str]]) -> list[dict[str, Any]]:
    """Everything of a list, page by page (classic pagination: limit, offset, more)."""
    found: list[dict[str, Any]] = []
    for _ in range(MOST_PAGES):
        said = asking.get(path, {**asked, "limit": str(_PER_PAGE), "offset": str(len(found))})
        held = objects(said.get(key))
        found += held
        if said.get("more") is not True:
            return found
        if not held:
            raise unreadable()
    raise Unknown(f"{path} has over {MOST_PAGES} pages")
