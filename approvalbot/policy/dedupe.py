"""What makes two events the same question: the key of a `dedupe:` block, and the same in memory for replay."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from approvalbot.events.digests import digest_of
from approvalbot.events.event import Event
from approvalbot.events.values import fan_out, text_of
from approvalbot.policy.conditions.view import View
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.templates import terminals_in

DEFAULT_WINDOW_S = 3600


def dedupe_key(terms: Policy | Entitlement, names: Mapping[str, Any], event: Event | None) -> str | None:
    """`dedupe:<policy>:<digest of the values>`, or None where every value is missing: then nothing is deduplicated.

    Lists are sorted, a missing value counts as null. Without a `dedupe` block or key the event's own id is the key.
    """
    paths = paths_of(terms)
    if event is None and paths == ("$event.dedupe_id",):
        return None
    view = None if event is None else View(event)
    values = [_value(path, names, view) for path in paths]
    if all(value is None for value in values):
        return None
    key = terms.key if isinstance(terms, Policy) else terms.id
    return f"dedupe:{key}:{digest_of(values)}"


def question_key(policy: Policy, names: Mapping[str, Any], event: Event) -> str | None:
    """The key by which a policy knows a repeat; None where every event is a question of its own."""
    if policy.dedupe is not None and policy.dedupe.on_repeat == "new":
        return None
    return dedupe_key(policy, names, event)


def paths_of(terms: Policy | Entitlement) -> tuple[str, ...]:
    """The paths whose values make the key."""
    return terms.dedupe.key if terms.dedupe and terms.dedupe.key else ("$event.dedupe_id",)


def window_s(terms: Policy | Entitlement) -> int:
    """How long a key counts, in seconds."""
    return terms.dedupe.window_s if terms.dedupe else DEFAULT_WINDOW_S


def _value(path: str, names: Mapping[str, Any], view: View | None) -> Any:
    found = [text_of(value) for value in fan_out(terminals_in(path, names, view)) if value is not None]
    if not found:
        return None
    return found[0] if len(found) == 1 else sorted(found)


@dataclass
class Deduper:
    """Deduplication in memory. A key counts from its first event; times are seconds."""

    _opened: dict[str, float] = field(default_factory=dict)

    def is_repeat(self, policy: Policy, names: Mapping[str, Any], event: Event, at_s: float) -> bool:
        """Whether the question is already open in its window; a new one opens the window."""
        key = question_key(policy, names, event)
        if key is None:
            return False
        opened = self._opened.get(key)
        if opened is not None and at_s - opened < window_s(policy):
            return True
        self._opened[key] = at_s
        return False
