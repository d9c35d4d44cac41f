"""The normalised event: what happened, who did it, on what, as every policy sees it.

Frozen. `raw` is the delivered event untouched; every other field is null where the source does not say, never a guess.
Normalising computes a field when somebody first asks for it: most events concern no policy, and looking at two raw
fields must not cost a whole normalisation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

Outcome = Literal["success", "failure", "denied", "unknown"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from: `name` is our source's name, the rest is what the event says of its system."""

    name: str
    service: str | None = None
    tenant: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted, by the words of the source; tying it to a person is the work of `Identities`."""

    id: str | None = None
    name: str | None = None
    email: str | None = None
    type: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    groups: tuple[str, ...] = ()

    @property
    def shown(self) -> str | None:
        """The shortest stable name for a reader: the name, else the id."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Resource:
    """What was acted upon."""

    id: str | None = None
    type: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Event:
    """One normalised event.

    `time` is when the source says it happened, `received_at` when it reached us; both aware, UTC. `identity` is the
    sha256 that a redelivery shares (source name and id, or the raw body where there is no id). `digest` is the sha256
    of the event's canonical JSON (RFC 8785). `headers` are the delivered headers that policies may see, lower-cased.
    """

    source: Origin
    received_at: datetime
    raw: Mapping[str, Any]
    id: str | None = None
    time: datetime | None = None
    action: str | None = None
    actor: Actor = field(default_factory=Actor)
    resource: Resource = field(default_factory=Resource)
    outcome: Outcome = "unknown"
    reason: str | None = None
    links: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    identity: str = ""
    digest: str = ""

    def text(self, field: str) -> str | None:
        """A text of `actor`, `resource` or `source` by its name there, such as `actor.id`."""
        part, _, name = field.partition(".")
        found: str | None = getattr(getattr(self, part), name)
        return found

    @cached_property
    def source_name(self) -> str:
        """Our name of the source; unlike the rest of `source` it costs no look-up."""
        return self.source.name
