"""The gate in front of Bolt: raw bytes are verified before anything parses them.

Bolt parses a body before it checks the signature and answers 500 to unsigned junk (measured on 1.30: seven of seven
malformed bodies raised); its own Starlette handler blocks the event loop; headers it trusts lie outside the signature.
So this stands in front: size, headers by form, age, HMAC. Then the headers that could steer Bolt are taken off, a
repeat gets the answer of the first, and Bolt runs in a thread.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping

import anyio
import anyio.to_thread
from slack_bolt import BoltRequest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from approvalbot.errors import SettingsFault
from approvalbot.log import get_logger
from approvalbot.slack.once import Answer, Once

log = get_logger("gate")

MOST_BYTES = 1024 * 1024
"""Bytes of a body. Slack's own payloads stay far below: a view holds at most 250 kB."""

MOST_AGE_S = 300
"""How old a signed request may be, either way. Source: docs.slack.dev, "Verifying requests from Slack"."""

READ_WITHIN_S = 10
"""Seconds for a body to arrive: Slack sends it at once, a slow drip is somebody else."""

WAIT_FOR_THREAD_S = 1.5
"""Seconds to wait for a free thread. Slack gives up after 3 s, so later is no answer at all."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")

_FORM = "application/x-www-form-urlencoded"


class Gate:
    """Lets through what Slack signed. `once` has Bolt behind it; `now_s` is the host's clock in seconds."""

    def __init__(self, signing_secret: str, once: Once, now_s: Callable[[], float], *, threads: int) -> None:
        if not signing_secret.strip():
            # An empty secret would make every signature computable by anyone.
            raise SettingsFault("SLACK_SIGNING_SECRET is empty.")
        self._secret = signing_secret.encode()
        self._once = once
        self._now_s = now_s
        self._free = anyio.Semaphore(threads)
        self._limiter = anyio.CapacityLimiter(threads)

    async def answer(self, request: Request) -> Response:
        """Answer one request of Slack, or of whoever says so."""
        body = await read_body(request)
        if body is None:
            return Response(status_code=413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        if _is_ssl_check(headers, body):
            return Response(status_code=200)
        if not self.verifies(headers, body, _counts(request)):
            return Response(status_code=401)
        try:
            with anyio.fail_after(WAIT_FOR_THREAD_S):
                await self._free.acquire()
        except TimeoutError:
            return Response(status_code=503)
        try:
            query = str(request.url.query)
            answer = await anyio.to_thread.run_sync(self._ask, headers, body, query, limiter=self._limiter)
        finally:
            self._free.release()
        return Response(answer.body, answer.status, headers=dict(answer.headers))

    def verifies(self, headers: Mapping[str, str], body: bytes, counts: Mapping[str, int]) -> bool:
        """Whether Slack signed these bytes within the last five minutes. Exactly one header of each kind is taken."""
        stamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        if counts.get("x-slack-request-timestamp") != 1 or counts.get("x-slack-signature") != 1:
            return False
        if not _TIMESTAMP.fullmatch(stamp) or not _SIGNATURE.fullmatch(signature):
            return False
        if abs(self._now_s() - int(stamp)) > MOST_AGE_S:
            return False
        wanted = hmac.digest(self._secret, b"v0:%s:%s" % (stamp.encode(), body), hashlib.sha256).hex()
        return hmac.compare_digest(signature.encode(), f"v0={wanted}".encode())

    def _ask(self, headers: dict[str, str], body: bytes, query: str) -> Answer:
        """Take the headers off that could steer Bolt, and hand on what can be read."""
        steering = {name: value for name, value in headers.items() if not name.startswith("x-slack-bolt-")}
        try:
            bolt_request = BoltRequest(body=body.decode("utf-8"), query=query, headers=steering)  # type: ignore[arg-type]
        except (ValueError, AttributeError, TypeError, RecursionError) as fault:
            # Signed but not of Slack's form: the constructor parses, and raises what its parser raises.
            log.warning("signed body not understood", error=type(fault).__name__)
            return Answer(400)
        return self._once.run(bolt_request, headers["x-slack-signature"])


async def read_body(request: Request, most: int = MOST_BYTES, within_s: float = READ_WITHIN_S) -> bytes | None:
    """The whole body, or None when it is longer than `most` bytes or does not arrive in time."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared[:15]) > most:
        return None
    read = bytearray()
    try:
        with anyio.fail_after(within_s):
            async for chunk in request.stream():
                read += chunk
                if len(read) > most:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return bytes(read)


def _counts(request: Request) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, _ in request.headers.raw:
        lowered = name.decode("latin-1").lower()
        counts[lowered] = counts.get(lowered, 0) + 1
    return counts


def _is_ssl_check(headers: Mapping[str, str], body: bytes) -> bool:
    """Slack's certificate check comes unsigned, and an empty 200 tells nobody anything."""
    return headers.get("content-type", "").startswith(_FORM) and b"ssl_check=1" in body.split(b"&")[:3]
