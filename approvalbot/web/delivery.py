"""What came to a door, before anything of it is believed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request as HttpRequest


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request's headers, lower-cased, its body, and the address that connected to us.

    A header that stands several times has its values joined by commas, as HTTP means it: two keys, two signatures or
    two certificates are then none, instead of whichever of them a reader happens to take.
    """

    headers: Mapping[str, str]
    body: bytes = b""
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof leaves: the body and the headers that its sender stands for.

    `event_id` names an event that has no id of its own. `told` is the whole answer, where the delivery was about the
    delivering itself and holds no event.
    """

    headers: Mapping[str, str]
    body: bytes
    event_id: str = ""
    told: Mapping[str, Any] | None = None


def delivery_of(http_request: HttpRequest, body: bytes = b"") -> Delivery:
    """What a request brought."""
    headers = {name.lower(): value for name, value in http_request.headers.items()}
    if len(headers) != len(http_request.headers.raw):
        headers = {name: ", ".join(http_request.headers.getlist(name)) for name in headers}
    return Delivery(headers, body, http_request.client.host if http_request.client else "")
