"""The order that an action is given, read with care: its values come from an event, raw and typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from approvalbot.errors import DeliveryFailed
from approvalbot.plaintext import cut, one_line


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as it is configured now. Secrets are fetched when they are needed, and only those that are.

    `url` ends without a slash. `secret` gives a secret by its key, such as `token`.
    """

    name: str
    type: str
    url: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    secret: Callable[[str], str] = field(default=lambda _key: "", repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What to do: the policy's parameters, the event's facts that they are checked against, and the decision.

    `approved` says whether people said yes. `before` is the moment up to which what is found may be touched: what was
    made later is not what the decision was about.
    """

    parameters: Mapping[str, Any]
    facts: Mapping[str, Any]
    approved: bool
    happened_at: datetime | None
    decided_at: datetime | None
    credit: str
    key: str
    now: datetime

    @classmethod
    def of(cls, written: Mapping[str, Any], key: str, now: datetime) -> "Order":
        """An order as the journey writes it."""
        return cls(
            parameters=written["parameters"],
            facts=written["facts"],
            approved=written["approved"],
            happened_at=_moment(written["happened_at"]),
            decided_at=_moment(written["decided_at"]),
            credit=written["credit"],
            key=key,
            now=now,
        )

    def text(self, name: str) -> str:
        """A parameter that has to be there.

        Raises:
            DeliveryFailed: final; it is missing, empty, or no single text.
        """
        value = self.optional(name)
        if value is None:
            raise refused(f"The parameter {name} is missing.")
        return value

    def optional(self, name: str) -> str | None:
        """A parameter that may be left out."""
        return _text(self.parameters.get(name), name)

    def fact(self, name: str) -> str | None:
        """A fact of the event, or None where the event does not say."""
        return _text(self.facts.get(name), name)


def refused(sentence: str) -> DeliveryFailed:
    """The action is not done, and trying again would change nothing."""
    return DeliveryFailed("action_failed", sentence, final=True)


def quoted(value: str) -> str:
    """A value of an event inside a sentence of ours: one line, and short."""
    return f"“{cut(one_line(value), 80)}”"


def _text(value: Any, name: str) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        kind = "several values" if isinstance(value, list) else "no text"
        raise refused(f"The parameter {name} is {kind}; the action takes one text.")
    return value


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written).astimezone(UTC)
