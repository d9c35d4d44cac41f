"""What senders ask before they send: Okta's challenge and CloudEvents' consent. Neither changes anything.

Whoever asks is not known yet, so an answer tells no more than that a source of this name is there, which every POST to
it tells too.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from approvalbot.errors import BadInput
from approvalbot.web.doors import Door, Doors
from approvalbot.web.problems import answer, problem

_CHALLENGE = re.compile(r"[\x21-\x7e]{1,512}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Handshakes:
    """GET and OPTIONS on a source's address."""

    doors: Callable[[], Doors]

    async def challenge(self, http_request: HttpRequest) -> Response:
        """Okta's one-time verification of an event hook: the challenge is given back. Source: Okta, "Event hooks"."""
        door = self._door(http_request)
        if door.source.auth.type != "okta":
            return _not_taken(door)
        given = http_request.headers.get("x-okta-verification-challenge", "")
        if not _CHALLENGE.fullmatch(given):
            raise BadInput("parameter_invalid", "X-Okta-Verification-Challenge is missing or holds something else.")
        return answer({"verification": given}, headers={"cache-control": "no-store"})

    async def consent(self, http_request: HttpRequest) -> Response:
        """Consent to deliveries. Source: CloudEvents 1.0, "HTTP 1.1 Web Hooks for Event Delivery", section 4.

        `WebHook-Request-Callback` is never called: it is an address of whoever asks.
        """
        door = self._door(http_request)
        origins = door.source.origins
        if not origins:
            return _not_taken(door)
        origin = http_request.headers.get("webhook-request-origin", "")
        if not _HOST.fullmatch(origin):
            raise BadInput("parameter_invalid", "WebHook-Request-Origin is missing or no host name.")
        if "*" not in origins and origin.lower() not in origins:
            sentence = f"{door.source.name} does not consent to deliveries of {origin}."
            raise BadInput("parameter_invalid", sentence, hint="Its `origins` list whom it consents to.")
        per_minute = str(door.source.rate_per_s * 60)
        headers = {"allow": "POST, OPTIONS", "webhook-allowed-origin": origin, "webhook-allowed-rate": per_minute}
        return Response(status_code=200, headers=headers)

    def _door(self, http_request: HttpRequest) -> Door:
        return self.doors().named(http_request.path_params["source"])


def _not_taken(door: Door) -> Response:
    asked = {"GET": door.source.auth.type == "okta", "OPTIONS": bool(door.source.origins)}
    taken = ", ".join(["POST", *(method for method, there in asked.items() if there)])
    return problem("method_not_allowed", f"{door.source.name} takes {taken} only.", headers={"allow": taken})
