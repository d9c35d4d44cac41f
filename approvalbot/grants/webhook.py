"""The webhook provider: access is given and taken by a service of the user's own, told by a signed POST.

    grant.start  {"type", "timestamp", "data": {the order}}   2xx: access is open. {"ref": …} names it.
    grant.extend the same order with a later `ends_at`        2xx: access lasts until then. Else: until the old end.
    grant.end    the same order                               2xx: access is gone. Anything else: it may still be open.

Each carries `webhook-id`, the same for every attempt of one start, one extension or one end: a receiver that has seen
it answers as it did before and does nothing.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from approvalbot.errors import DeliveryFailed

LONGEST_REFERENCE = 200
"""Characters of the receiver's own name for a grant that are kept: it is shown, stored and sent back."""

FINAL_STATUSES = frozenset({400, 401, 403, 404, 409, 410, 422})
"""Answers to a start or an extension that asking again will not change. No answer to an end is final: access may be
open."""


Post = Callable[[str, Mapping[str, Any], str, datetime], tuple[int, bytes]]
"""Sends one signed delivery to a named destination under a key; gives status and body, or raises `DeliveryFailed`."""


class WebhookGrants:
    """Gives and takes access by telling the destination that the entitlement's `grant.with.to` names."""

    def __init__(self, post: Post) -> None:
        self._post = post

    def start(self, order: Mapping[str, Any], key: str, now: datetime) -> str:
        """Give access; gives the receiver's reference."""
        return _reference(self._told("grant.start", order, f"{key}:start", now)) or key

    def extend(self, order: Mapping[str, Any], key: str, now: datetime) -> None:
        """Tell the new end; returning means that the receiver keeps access open until then."""
        self._told("grant.extend", order, f"{key}:extend", now)

    def end(self, order: Mapping[str, Any], key: str, now: datetime) -> None:
        """Take access back; returning means that the receiver confirmed."""
        self._post(self._destination(order), _body("grant.end", order, now), f"{key}:end", now)

    def _told(self, kind: str, order: Mapping[str, Any], key: str, now: datetime) -> bytes:
        """Deliver what a receiver may refuse for good."""
        try:
            _, body = self._post(self._destination(order), _body(kind, order, now), key, now)
        except DeliveryFailed as fault:
            if fault.answered not in FINAL_STATUSES:
                raise
            raise DeliveryFailed("grant_failed", fault.sentence, final=True, status=fault.answered) from fault
        return body

    @staticmethod
    def _destination(order: Mapping[str, Any]) -> str:
        to = order["parameters"].get("to")
        if not isinstance(to, str) or not to:
            raise DeliveryFailed(
                "grant_failed", "The entitlement's grant names no destination: write grant.with.to.", final=True
            )
        return to


def _body(kind: str, order: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    stamp = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": kind, "timestamp": stamp, "data": dict(order)}


def _reference(body: bytes) -> str:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    reference = said.get("ref") if isinstance(said, dict) else None
    return str(reference)[:LONGEST_REFERENCE] if isinstance(reference, str | int) else ""
