"""Callbacks: the answer, pushed to a destination of the configuration."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from approvalbot.answers.sending import Destination, Sender
from approvalbot.errors import DeliveryFailed


class Callbacks:
    """Delivers answers. `find` gives the destination of a name as it is configured now, or None."""

    def __init__(self, sender: Sender, find: Callable[[str], Destination | None]) -> None:
        self._sender = sender
        self._find = find

    def deliver(self, to: str, body: Mapping[str, Any], key: str, now: datetime) -> int:
        """Send one signed delivery; gives the receiver's status.

        Raises:
            DeliveryFailed: not accepted; a destination that is gone from the configuration is tried again, since the
                next policy change may bring it back.
        """
        destination = self._find(to)
        if destination is None:
            raise DeliveryFailed("delivery_failed", f"No destination is called {to}.")
        return self._sender.post(destination, body, key, now).status
