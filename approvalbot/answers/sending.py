"""One signed POST to a destination: to a pinned address, without redirects, within ten seconds in all."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import orjson
from standardwebhooks import Webhook

from approvalbot.answers.addresses import Resolve, resolve, target_of
from approvalbot.answers.exchange import Answered, exchange
from approvalbot.errors import DeliveryFailed

TOTAL_S = 10.0
"""Seconds for everything: connecting, sending, reading. threats.md attack 32; a slow receiver costs a worker."""

GONE = 410
"""The receiver does not want any more. Source: Standard Webhooks 1.0.0, "Status codes"."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to send: an address of the configuration, the keys that sign, and further headers."""

    name: str
    url: str
    keys: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """What the receiver said."""

    status: int
    body: bytes


class Sender:
    """Sends signed deliveries to named destinations."""

    def __init__(self, *, allow_local: bool = False, resolve: Resolve = resolve, total_s: float = TOTAL_S) -> None:
        self._allow_local = allow_local
        self._resolve = resolve
        self._total_s = total_s

    def post(self, to: Destination, body: Mapping[str, object], key: str, now: datetime) -> Response:
        """Send `body` once; `key` is the webhook-id, the same for every attempt.

        Raises:
            DeliveryFailed: anything but a 2xx, in time; says when to try again if the receiver did.
        """
        target = target_of(to.url, allow_local=self._allow_local, resolve=self._resolve)
        content = orjson.dumps(body)
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "approvalbot",
            **to.headers,
            **signed(to.keys, key, now, content),
        }
        answer = exchange(target, "POST", headers, content, named=to.name, within_s=self._total_s)
        return _accepted(to, answer)


def signed(keys: Sequence[str], webhook_id: str, now: datetime, content: bytes) -> dict[str, str]:
    """Standard Webhooks headers for one attempt, signed with every key so that a receiver can rotate."""
    stamp = int(now.timestamp())
    # The library relabels a datetime as UTC without converting it: it is handed UTC.
    moment = datetime.fromtimestamp(stamp, UTC)
    signatures = [Webhook(key).sign(webhook_id, moment, content.decode()) for key in keys]
    headers = {"webhook-id": webhook_id, "webhook-timestamp": str(stamp)}
    return {**headers, "webhook-signature": " ".join(signatures)} if signatures else headers


def _accepted(to: Destination, answer: Answered) -> Response:
    if 200 <= answer.status < 300:
        return Response(answer.status, answer.body)
    raise DeliveryFailed(
        "delivery_failed",
        f"{to.name} answered {answer.status}.",
        retry_after_s=retry_after_s(answer.retry_after) if answer.status in {429, 502, 503, 504} else None,
        final=answer.status == GONE,
        status=answer.status,
    )


def retry_after_s(header: str) -> float | None:
    """A Retry-After header as seconds from now, or None when it is absent or unreadable. At most a day."""
    text = header.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), 86_400.0)
