"""One call to a provider's HTTP API, and what an answer that is no success means for trying again."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from approvalbot.actions.order import Provider, refused
from approvalbot.answers.addresses import Reach, Resolve, resolve, target_of
from approvalbot.answers.exchange import Answered, exchange
from approvalbot.answers.sending import TOTAL_S, retry_after_s
from approvalbot.errors import DeliveryFailed
from approvalbot.plaintext import cut, one_line

LONGEST_SAID = 200
"""Characters of a provider's own words that are passed on."""

LONGEST_WAIT_S = 86_400.0

MOST_READ = 1024 * 1024
"""Bytes of an answer that are read: a pod with all that its controllers wrote to it has over 64 KiB at times."""


@dataclass(frozen=True, slots=True)
class Network:
    """How calls leave this machine. `allow_local` admits plain HTTP to loopback, for the demo and for tests."""

    allow_local: bool = False
    resolve: Resolve = resolve
    total_s: float = TOTAL_S


@dataclass(frozen=True, slots=True)
class Api:
    """The API of one provider."""

    network: Network
    provider: Provider
    authorization: str = field(repr=False)
    now: datetime

    def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Make one call, whatever it answers; every value in `path` is checked or escaped by the caller.

        Raises:
            DeliveryFailed: the address may not be called, or nobody answered in time.
        """
        headers = {"accept": "application/json", "authorization": self.authorization, **(headers or {})}
        content = None
        if body is not None:
            headers["content-type"] = "application/json"
            content = orjson.dumps(dict(body))
        return send(self.network, self.provider, method, self.provider.url + path, headers, content)

    def fault(self, answer: Answered) -> DeliveryFailed:
        """The failure that an answer stands for.

        Busy and broken servers are asked again; a refusal is final, and so is a redirect, which is never followed.
        """
        said = _said(answer)
        sentence = f"{self.provider.name} answered {answer.status}{f': {said}' if said else ''}."
        if answer.status in {408, 429} or answer.status >= 500 or _is_rate_limit(answer):
            wait_s = _wait_s(answer, self.now)
            return DeliveryFailed("action_failed", sentence, retry_after_s=wait_s, status=answer.status)
        if 300 <= answer.status < 400:
            sentence += " Redirects are not followed."
        return DeliveryFailed("action_failed", sentence, final=True, status=answer.status)


def send(
    network: Network, provider: Provider, method: str, url: str, headers: Mapping[str, str], content: bytes | None
) -> Answered:
    """Send one request to an address of the configuration, whatever it answers.

    Raises:
        DeliveryFailed: the address may not be called, or nobody answered in time.
    """
    # The address is the operator's own word, and so is its port; an inside is called only where they say so.
    reach = Reach(private=bool(provider.settings.get("private")), any_port=True)
    target = target_of(url, allow_local=network.allow_local, resolve=network.resolve, reach=reach)
    return exchange(
        target,
        method,
        headers,
        content,
        named=provider.name,
        within_s=network.total_s,
        most_read=MOST_READ,
        trusted=_trusted(provider),
    )


def read(answer: Answered) -> Any:
    """The JSON of an answer, or None where it is none."""
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def _trusted(provider: Provider) -> ssl.SSLContext | None:
    """Only the provider's own authority, where one is configured; else those that the system trusts."""
    if not provider.settings.get("ca"):
        return None
    try:
        return ssl.create_default_context(cadata=provider.secret("ca"))
    except ssl.SSLError as fault:
        raise refused(f"The ca of {provider.name} is no certificate in PEM.") from fault


def _said(answer: Answered) -> str:
    """The provider's own words: GitHub and Kubernetes call them message, Okta errorSummary."""
    held = read(answer)
    if not isinstance(held, dict):
        return ""
    said = held.get("message") or held.get("errorSummary") or ""
    return cut(one_line(str(said)), LONGEST_SAID).rstrip(".")


def _is_rate_limit(answer: Answered) -> bool:
    """GitHub answers 403 when it has had enough of us for now: with Retry-After, or with nothing remaining.

    Source: docs.github.com, "Rate limits for the REST API", exceeding the rate limit.
    """
    spent = answer.headers.get("x-ratelimit-remaining") == "0"
    return answer.status == 403 and (spent or "retry-after" in answer.headers)


def _wait_s(answer: Answered, now: datetime) -> float | None:
    """Seconds until it wants to be asked again: Retry-After, else when GitHub's or Okta's limit begins anew."""
    asked = retry_after_s(answer.headers.get("retry-after", ""))
    if asked is not None:
        return asked
    fresh = answer.headers.get("x-ratelimit-reset") or answer.headers.get("x-rate-limit-reset") or ""
    if not (fresh.isascii() and fresh.isdigit() and len(fresh) < 12):
        return None
    return min(max(int(fresh) - now.timestamp(), 0.0), LONGEST_WAIT_S)
