"""What makes two events the same question, and the same in memory for replay.

A `dedupe:` block names the values that do. Two events with the same values within the window are one question; a gate
asks it again as soon as it is answered, and whenever anything that its card shows is different: an old approval is no
pass for a new call. Events whose policy could not be evaluated are a question of their own, since nothing that the
policy does follows them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from approvalbot.events.digests import digest_of
from approvalbot.events.event import Event
from approvalbot.events.values import fan_out, text_of
from approvalbot.policy.conditions.view import View
from approvalbot.policy.documents import Policy
from approvalbot.policy.matching import Match
from approvalbot.policy.people import actor_of
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.templates import paths_in, terminals_in, terminals_of

KEY_LETTERS = 40
"""Letters of a question's digest: 160 bits."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a request stands for. An event with the same `key` within `window_s` seconds is a repeat of it.

    `only_pending`: only while it waits for its answer. `counted`: a repeat is counted on the card, not only noted.
    """

    key: str
    window_s: int
    only_pending: bool = False
    counted: bool = True


def asks_once(policy: Policy) -> bool:
    """Whether the policy wants repeats to open nothing new."""
    return policy.dedupe is not None and policy.dedupe.on_repeat != "new"


def question_of(policies: PolicySet, match: Match) -> Question | None:
    """The question of a match, or None where each event is one of its own.

    It is one of its own where the policy does not deduplicate, and where every value of the key is missing: those
    events have nothing in common but what they lack.
    """
    policy, event = match.policy, match.event
    if policy.dedupe is None or not asks_once(policy):
        return None
    values = key_values(policy, match.names(), event)
    if values is None:
        return None
    source = policies.sources.get(event.source_name)
    rule = match.rule.id if match.rule is not None and policy.pack else None
    # An answer goes to the destination of one source: events that would be answered elsewhere are another question.
    told: list[Any] = [rule, values, source.callback if source is not None else None, bool(match.error)]
    gate = policy.request == "gate"
    if gate:
        told.append(content_of(policies, match))
    key = f"dedupe:{policy.id}:{digest_of(told)[:KEY_LETTERS]}"
    return Question(key, policy.dedupe.window_s, only_pending=gate, counted=policy.dedupe.on_repeat == "thread")


def key_values(policy: Policy, names: Mapping[str, Any], event: Event) -> list[Any] | None:
    """The values of a policy's dedupe key, lists sorted and a missing one null; None where all of them are missing.

    Without a key of its own it is the event's id.
    """
    view = View(event)
    values = [_value(path, names, view) for path in key_paths(policy)]
    return None if all(value is None for value in values) else values


def key_paths(policy: Policy) -> tuple[str, ...]:
    """The paths whose values make a policy's dedupe key."""
    return policy.dedupe.key if policy.dedupe and policy.dedupe.key else ("$event.dedupe_id",)


def content_of(policies: PolicySet, match: Match) -> str:
    """A digest of everything a card shows of a match, each value in full.

    Full, because a card cuts long values and hides secrets: what differs only there must not pass as the same.
    """
    policy, event, names = match.policy, match.event, match.names()
    shown = [*paths_in(policy.message.summary), *policy.message.fields]
    return digest_of(
        [
            policy.digest,
            event.source_name,
            actor_of(policies, event).vouched,
            match.error,
            [event.actor.name, event.actor.id, event.action, event.resource.id],
            [[path, _texts(terminals_of(path, names, event))] for path in shown],
            [[reason.field, _texts(reason.values)] for reason in match.reasons],
        ]
    )


def pending_s(policy: Policy) -> int:
    """How long a request of the policy waits if nobody acts, in seconds."""
    return sum(level.timeout_s for level in policy.approval.levels)


def _value(path: str, names: Mapping[str, Any], view: View) -> Any:
    found = _texts(terminals_in(path, names, view))
    if not found:
        return None
    return found[0] if len(found) == 1 else sorted(found)


def _texts(found: Iterable[Any]) -> list[str]:
    return [text_of(value) for value in fan_out(found) if value is not None]


@dataclass
class Deduper:
    """Deduplication in memory, where nobody acts: a gate waits out its levels. Times are seconds, and never go back."""

    _until: dict[str, float] = field(default_factory=dict)

    def is_repeat(self, policy: Policy, question: Question | None, at_s: float) -> bool:
        """Whether a request stands for the question; if none does, it is opened now."""
        if question is None:
            return False
        if at_s < self._until.get(question.key, at_s):
            return True
        stands_s = min(question.window_s, pending_s(policy)) if question.only_pending else question.window_s
        self._until[question.key] = at_s + stands_s
        return False
