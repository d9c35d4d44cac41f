"""What a waiting service imports: ask, wait, and run nothing that was not approved.

    from approvalbot.client import Approvals

    with Approvals("https://approvals.example.com", source="deploy-tool", key="whsec_…") as approvals:
        asked = approvals.ask({"id": "run-42", "action": "deploy.requested", "resource": "acme/shop"})
        answer = approvals.wait(asked.id)
        if answer.allowed:
            deploy()

Whatever goes wrong is an exception; nothing but an answer with `allowed` true is a yes.
"""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx
import orjson
from standardwebhooks import Webhook

POLL_S = 50
"""Seconds of one long-poll; the server answers at 55 at the latest."""

PATIENCE_S = 30
"""Seconds for which a server that does not answer is asked again before the caller is told."""


class NoAnswer(Exception):
    """There is no answer, so there is no approval: unreachable, refused, or not understood."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of an event. `id` is empty when no policy matched it, which is not an approval."""

    status: str
    id: str = ""
    url: str = ""
    expires_at: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer. `status` is pending until it is settled; test `allowed`, not the absence of a denial.

    `terms` say what was approved where that is less than was asked; empty for the whole. Only a caller that says
    `accepts_less` ever gets such an answer with `allowed`.
    """

    id: str
    status: str
    allowed: bool
    reason: str | None = None
    reason_code: str | None = None
    receipt: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)


class Approvals:
    """A connection to an approvalbot. `key` is the source's own: `whsec_…` signs, anything else is a bearer token.

    `accepts_less`: you read `Answer.terms` and keep to them. Without it an approval with less is not `allowed`.
    """

    def __init__(self, url: str, *, source: str, key: str, timeout_s: float = 10.0, accepts_less: bool = False) -> None:
        self._accepts_less = accepts_less
        self._source = source
        self._key = key
        self._http = httpx.Client(base_url=url.rstrip("/"), timeout=timeout_s, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def ask(self, event: Mapping[str, Any]) -> Asked:
        """Send one event.

        Raises:
            NoAnswer: it was refused, or nobody answered.
        """
        body = orjson.dumps({"id": f"ask-{uuid.uuid4()}", "time": datetime.now(UTC).isoformat(), **event})
        headers = {"content-type": "application/json", **self._proof(body)}
        said = self._json(self._http.build_request("POST", f"/v1/events/{self._source}", content=body, headers=headers))
        return Asked(said["status"], said.get("id", ""), said.get("url", ""), said.get("expires_at"), said)

    def look(self, request_id: str, *, wait_s: int = 0) -> Answer:
        """The answer as it stands, or as it stands once it is settled within `wait_s` seconds (at most 55).

        Raises:
            NoAnswer: there is no such request of this source, or nobody answered.
        """
        request = self._http.build_request(
            "GET",
            f"/v1/requests/{request_id}",
            params={"wait": wait_s} if wait_s else {},
            headers={"authorization": f"Bearer {self._key}"},
            timeout=wait_s + 10,
        )
        said = self._json(request)
        if said.get("id") != request_id:
            raise NoAnswer(f"{request.url.host} answered for another request than {request_id}")
        terms = {} if said.get("terms") is None else said["terms"]
        if not isinstance(terms, dict):
            raise NoAnswer(f"{request.url.host} answered with terms that are not understood")
        return Answer(
            said["id"],
            said["status"],
            said.get("allowed") is True and (self._accepts_less or not terms),
            said.get("reason"),
            said.get("reason_code"),
            said.get("receipt"),
            said,
            terms,
        )

    def wait(self, request_id: str, *, timeout_s: float | None = None) -> Answer:
        """Wait until the request is settled; at most `timeout_s` seconds, else as long as its own deadlines say.

        Raises:
            NoAnswer: still pending when the time was over, or nobody answered for half a minute.
        """
        until = None if timeout_s is None else time.monotonic() + timeout_s
        failing_since: float | None = None
        while True:
            left = POLL_S if until is None else until - time.monotonic()
            if left <= 0:
                raise NoAnswer(f"request {request_id} is still pending after {timeout_s:.0f} s")
            try:
                answer = self.look(request_id, wait_s=max(1, min(POLL_S, int(left))))
            except Unreached:
                failing_since = failing_since or time.monotonic()
                if time.monotonic() - failing_since > PATIENCE_S:
                    raise
                time.sleep(1)
                continue
            failing_since = None
            if answer.status != "pending":
                return answer

    def _proof(self, body: bytes) -> dict[str, str]:
        if not self._key.startswith("whsec_"):
            return {"authorization": f"Bearer {self._key}"}
        name, moment = f"msg_{uuid.uuid4().hex}", datetime.now(UTC)
        return {
            "webhook-id": name,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(self._key).sign(name, moment, body.decode()),
        }

    def _json(self, request: httpx.Request) -> dict[str, Any]:
        try:
            response = self._http.send(request)
        except httpx.HTTPError as fault:
            where, why = request.url.netloc.decode(), str(fault) or type(fault).__name__
            raise Unreached(f"{where} was not reached: {why}. Is this the bot's address, and is it up?") from fault
        try:
            said = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            said = None
        if response.status_code in {429, 502, 503, 504}:
            raise Unreached(_complaint(response, said))
        if (
            response.status_code not in {200, 202}
            or not isinstance(said, dict)
            or not isinstance(said.get("status"), str)
        ):
            raise NoAnswer(_complaint(response, said))
        return said


class Unreached(NoAnswer):
    """Nobody answered, or only to say that they cannot now; the same call may succeed later."""


def _complaint(response: httpx.Response, said: Any) -> str:
    detail = said.get("detail") if isinstance(said, dict) else None
    hint = said.get("hint", "") if isinstance(said, dict) else ""
    return f"{response.url.host} answered {response.status_code}: {detail or 'nothing we understand'} {hint}".strip()
