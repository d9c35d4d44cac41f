"""What the outside world remembers: events sent, deliveries received, waits, grants. It outlives a restart."""

from dataclasses import asdict, dataclass, field
from typing import Any

from approvalbot.workspace.errors import Json
from approvalbot.workspace.state.hub import Hub
from approvalbot.workspace.state.store import Store

KEPT = 200
"""Of each kind; the page shows fewer."""


@dataclass(slots=True)
class Sent:
    """A sample event that was sent. `status` None: the bot could not be reached."""

    number: int
    at_s: float
    sample: str
    title: str
    request: Json
    headers: dict[str, str]
    status: int | None = None
    answer: str = ""
    failure: str = ""
    elapsed_ms: float | None = None
    wait: int | None = None


@dataclass(slots=True)
class Received:
    """A delivery to the service. `repeats` counts the earlier ones with the same webhook-id."""

    number: int
    at_s: float
    endpoint: str
    webhook_id: str
    kind: str
    verified: bool
    fault: str
    status: int
    body: Any
    repeats: int = 0


@dataclass(slots=True)
class Wait:
    """A wait for an answer. `state` is waiting, released or failed.

    `after_press_ms` is the time from the last press in the workspace to the release, where there was one.
    """

    number: int
    at_s: float
    sample: str
    url: str
    state: str = "waiting"
    answer: Json | None = None
    failure: str = ""
    polls: int = 0
    released_at_s: float | None = None
    after_press_ms: float | None = None


@dataclass(slots=True)
class Grant:
    """Access that the service was told to give. `state` is active or ended."""

    key: str
    ref: str
    state: str
    started_at_s: float
    order: Json = field(default_factory=dict)
    ended_at_s: float | None = None


Record = Sent | Received | Wait | Grant


class Book:
    """The records by kind, oldest first. A change is told under the topic `service`."""

    def __init__(self, store: Store, hub: Hub) -> None:
        self._store = store
        self._hub = hub
        self.sent: dict[int, Sent] = {}
        self.received: dict[int, Received] = {}
        self.waits: dict[int, Wait] = {}
        self.grants: dict[str, Grant] = {}
        self.load()

    def load(self) -> None:
        """Read back what was written before the last stop."""
        self.sent = {one.number: one for one in (Sent(**body) for _, body in self._store.load("sent"))}
        self.received = {one.number: one for one in (Received(**body) for _, body in self._store.load("received"))}
        self.waits = {one.number: one for one in (Wait(**body) for _, body in self._store.load("wait"))}
        self.grants = {one.key: one for one in (Grant(**body) for _, body in self._store.load("grant"))}

    def next_number(self) -> int:
        """One more than any record's number."""
        return max([0, *self.sent, *self.received, *self.waits]) + 1

    def keep(self, record: Record) -> None:
        """Write one record, new or changed."""
        match record:
            case Sent():
                self._put(self.sent, "sent", record.number, record)
            case Received():
                self._put(self.received, "received", record.number, record)
            case Wait():
                self._put(self.waits, "wait", record.number, record)
            case Grant():
                self.grants[record.key] = record
                self._store.put("grant", record.key, asdict(record))
        self._hub.tell("service")

    def _put(self, held: dict[int, Any], kind: str, number: int, record: Record) -> None:
        held[number] = record
        self._store.put(kind, f"{number:08d}", asdict(record))
        if len(held) > KEPT:
            oldest = next(iter(held))
            del held[oldest]
            self._store.remove(kind, f"{oldest:08d}")

    def shown(self) -> Json:
        """Everything as the page and the tests read it."""
        return {
            "sent": [asdict(one) for one in self.sent.values()],
            "received": [asdict(one) for one in self.received.values()],
            "waits": [asdict(one) for one in self.waits.values()],
            "grants": [asdict(one) for one in self.grants.values()],
        }
