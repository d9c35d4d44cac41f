"""The traffic inspector's journal: what went in and out, when, and how it ended. It is kept in memory only."""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from approvalbot.workspace.errors import Json
from approvalbot.workspace.state.clock import Clock
from approvalbot.workspace.state.hub import Hub

KEPT_ENTRIES = 500
SHOWN_BODY = 20_000
"""Characters of a body that the inspector keeps; a whole modal is some thousands."""

Direction = Literal["call", "delivery", "response_url", "sample", "service"]
"""`call`: bot to Web API. `delivery`: Slack to bot. `sample`: a source to the bot. `service`: bot to the service."""


@dataclass(slots=True)
class Entry:
    """One exchange. `status` is the HTTP status of the answer, None while there is none; `failure` says what broke.

    `raw_body` and `raw_headers` are what was sent, to the byte, so that a delivery can be replayed.
    """

    number: int
    at_s: float
    direction: Direction
    what: str
    user: str | None = None
    request: str = ""
    request_headers: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    answer: str = ""
    failure: str = ""
    elapsed_ms: float | None = None
    attempt: int = 0
    raw_body: bytes = b""
    raw_headers: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it ended as the sender wished."""
        return not self.failure and self.status is not None and self.status < 300


class Traffic:
    """The last exchanges, oldest first. A change of any of them is told under the topic `traffic`."""

    def __init__(self, clock: Clock, hub: Hub) -> None:
        self._clock = clock
        self._hub = hub
        self._number = 0
        self.entries: deque[Entry] = deque(maxlen=KEPT_ENTRIES)

    def begin(self, direction: Direction, what: str, *, user: str | None = None, request: str = "") -> Entry:
        """Note that something was sent; `end` completes it."""
        self._number += 1
        entry = Entry(self._number, self._clock.now_s(), direction, what, user, request[:SHOWN_BODY])
        self.entries.append(entry)
        self._hub.tell("traffic")
        return entry

    def end(self, entry: Entry, *, status: int | None, answer: str = "", failure: str = "") -> Entry:
        """Note how it ended; the time since `begin` is its duration."""
        entry.status = status
        entry.answer = answer[:SHOWN_BODY]
        entry.failure = failure
        entry.elapsed_ms = round((self._clock.now_s() - entry.at_s) * 1000, 1)
        self._hub.tell("traffic")
        return entry

    def find(self, number: int) -> Entry | None:
        """One entry, unless it is already forgotten."""
        return next((entry for entry in self.entries if entry.number == number), None)

    def clear(self) -> None:
        """Forget everything; numbers go on."""
        self.entries.clear()
        self._hub.tell("traffic")


def shown(entry: Entry) -> Json:
    """An entry as the page and the tests read it."""
    return {
        "n": entry.number,
        "at": entry.at_s,
        "direction": entry.direction,
        "what": entry.what,
        "user": entry.user,
        "request": entry.request,
        "request_headers": entry.request_headers,
        "status": entry.status,
        "answer": entry.answer,
        "failure": entry.failure,
        "elapsed_ms": entry.elapsed_ms,
        "attempt": entry.attempt,
        "ok": entry.ok,
        "replayable": bool(entry.raw_body),
    }
