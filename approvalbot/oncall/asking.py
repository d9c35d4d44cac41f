"""Asking a vendor: one GET after another within a time in all, each a JSON object or a fault that says why not."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from approvalbot.errors import DeliveryFailed

Fetch = Callable[[str, Mapping[str, str], float], tuple[int, bytes]]
"""Gives status and body of a GET: address, headers, seconds in all. Raises `DeliveryFailed`."""

Parameters = Mapping[str, str | list[str]]

MOST_PAGES = 10
"""Pages of one list. A schedule has a handful of people; a name that fits a thousand schedules is none."""

_WHY = {
    401: "the token is not accepted (401)",
    403: "the token may not read this (403)",
    429: "it is asked too often (429)",
}


class Unknown(Exception):
    """Who is on call is not known now, and why."""


class Unreached(Unknown):
    """The vendor did not answer, or said that it cannot now."""


class NotThere(Unknown):
    """The vendor has no such thing."""


class Asking:
    """One question to a vendor. `within_s` is for all its calls together."""

    def __init__(
        self,
        fetch: Fetch,
        url: str,
        headers: Mapping[str, str],
        *,
        within_s: float,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._url = url.rstrip("/")
        self._headers = headers
        self._now_s = now_s
        self._until_s = now_s() + within_s

    def get(self, path: str, parameters: Parameters | None = None) -> dict[str, Any]:
        """The JSON object at a path below the vendor's address.

        Raises:
            NotThere: 404.
            Unknown: anything else that is no answer.
        """
        left_s = self._until_s - self._now_s()
        if left_s <= 0:
            raise Unreached("it did not answer in time")
        query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        try:
            status, body = self._fetch(f"{self._url}{path}{query}", self._headers, left_s)
        except DeliveryFailed as fault:
            raise Unreached(fault.text()) from fault
        if status == 404:
            raise NotThere(f"it has nothing at {path.split('?', maxsplit=1)[0]} (404)")
        if status == 429 or status >= 500:
            raise Unreached(_WHY.get(status, f"it answered {status}"))
        if status != 200:
            raise Unknown(_WHY.get(status, f"it answered {status}"))
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError as fault:
            raise Unknown("its answer is no JSON") from fault
        if not isinstance(said, dict):
            raise unreadable()
        return said


def unreadable() -> Unknown:
    """The answer is JSON and not in the vendor's form."""
    return Unknown("its answer has another form than its documentation says")


def objects(value: object) -> list[dict[str, Any]]:
    """A list of objects.

    Raises:
        Unknown: it is something else.
    """
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise unreadable()
    return value


def text(value: object) -> str:
    """A text that is not empty.

    Raises:
        Unknown: it is something else.
    """
    if not isinstance(value, str) or not value:
        raise unreadable()
    return value
