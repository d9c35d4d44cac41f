"""What our buttons and forms carry: an id, a content version and a short MAC, nothing else.

Values are readable in the message's JSON by everyone in the channel, and come back from whoever pressed: they name a
request, they authorise nothing. The MAC keeps another app, or crafted blocks, from naming one of ours.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from approvalbot.errors import MoveRefused

_FORM = re.compile(r"([0-9A-Z]{20}|-)\.([0-9]{1,6})\.([A-Za-z0-9_-]{16})")


@dataclass(frozen=True, slots=True)
class Value:
    """Which request, and which version of its content the reader saw."""

    request_id: str
    content: int


def option_value(action: str, value: str) -> str:
    """The value of a menu's option: the action it stands for, and what that action's button would carry."""
    return f"{action}|{value}"


class Values:
    """Writes and reads values with one key. `url` is where the dashboard is; without it no button leads there."""

    def __init__(self, key: bytes, url: str = "") -> None:
        self._key = key
        self._url = url

    def page(self, request_id: str) -> str:
        """The address of a request's page, or nothing."""
        return f"{self._url}/requests/{request_id}" if self._url else ""

    @property
    def waiting_page(self) -> str:
        """The address of the list of all that waits, or nothing."""
        return f"{self._url}/?show=open" if self._url else ""

    def write(self, request_id: str, content: int) -> str:
        """The value of a button: 44 characters at most."""
        return f"{request_id}.{content}.{self._mac(request_id, content)}"

    def read(self, value: str) -> Value:
        """What a value names.

        Raises:
            MoveRefused: code `stale_card`, it is not one of ours.
        """
        found = _FORM.fullmatch(value)
        if found is None or not hmac.compare_digest(found[3].encode(), self._mac(found[1], int(found[2])).encode()):
            raise MoveRefused("stale_card", "This is not a button of a current card. Nothing was changed.")
        return Value(found[1], int(found[2]))

    def _mac(self, request_id: str, content: int) -> str:
        digest = hmac.digest(self._key, f"{request_id}.{content}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:12]).decode()
