"""What the effects of a policy need of an event, taken when its request opens.

Only a redacted copy of the event is kept for people, and what it hides must not be sent as if it were real. So the
values that the effects name are taken now, word for word; the names of the decision are filled in once it is made.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from approvalbot.events.event import Event
from approvalbot.policy.actions import ACTIONS, Action
from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.parse import parse_match
from approvalbot.policy.conditions.view import View
from approvalbot.policy.documents import Policy
from approvalbot.policy.faults import EvaluationFault, Finding
from approvalbot.policy.message import EFFECT_LISTS, Banner, Effect, Message, effect_key
from approvalbot.policy.templates import TemplateFault, paths_in, value_of

VALUE_MOST = 8000
"""Characters of one value as JSON. A longer one would have to be cut, and an effect with a cut value is not run.

Chosen by us: the longest managed policy of AWS (6,144 characters, IAM quotas) passes, and a callback with two of them
stays under the 20 kB that Standard Webhooks recommends.
"""

LATER = ("$decision.", "$request.", "$rule.")
"""Names of an effect that are no field of the event: known from the request itself when the effect is performed."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """`values` by path. `left_out` has the effects that do not follow this event, by key: why, or an empty text where
    their `only_if` does not hold.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


def parameters_of(policy: Policy, event: Event, actions: Mapping[str, Action] = ACTIONS) -> Parameters:
    """What the effects of `policy` need of `event`."""
    values: dict[str, Any] = {}
    left_out: dict[str, str] = {}
    for key, effect in effects_of(policy):
        found, why = _needed(effect, event, actions)
        values |= found
        if why is not None:
            left_out[key] = why
    return Parameters(values, left_out)


def effects_of(policy: Policy) -> Iterator[tuple[str, Effect]]:
    """Every effect of a policy with its key, in the order in which they stand."""
    for listed in EFFECT_LISTS:
        effects: tuple[Effect, ...] = getattr(policy, listed)
        for index, effect in enumerate(effects):
            yield effect_key(listed, index), effect


def event_paths(effect: Effect) -> list[str]:
    """The fields of the event that an effect's parameters name, each once."""
    written = effect.callback.with_ if effect.callback is not None else effect.with_
    return [path for path in dict.fromkeys(paths_in(written)) if not path.startswith(LATER)]


def applies(only_if: Mapping[str, Any] | None, event: Event) -> bool:
    """Whether an event meets the `only_if` of an effect or of a banner; without one it does.

    Raises:
        EvaluationFault: the condition cannot be judged for this event.
    """
    if only_if is None:
        return True
    findings: list[Finding] = []
    return compile_tree(parse_match(dict(only_if), findings))(View(event))


def banners_of(message: Message, event: Event) -> tuple[str, ...]:
    """The banners of a card, in order. One that cannot be judged is shown: it warns of what may be so."""
    return tuple(one.text for one in message.banners if _may_apply(one, event))


def _may_apply(banner: Banner, event: Event) -> bool:
    try:
        return applies(banner.only_if, event)
    except EvaluationFault:
        return True


def _needed(effect: Effect, event: Event, actions: Mapping[str, Action]) -> tuple[dict[str, Any], str | None]:
    """The values an effect needs, and why it does not follow if it does not."""
    try:
        if not applies(effect.only_if, event):
            return {}, ""
    except EvaluationFault as fault:
        return {}, f"its only_if could not be judged: {fault}"
    values: dict[str, Any] = {}
    for path in event_paths(effect):
        try:
            value = value_of(path, event)
        except TemplateFault:
            return {}, f"{path} has no value in this event"
        if _is_long(value):
            return {}, f"{path} is longer than {VALUE_MOST} characters and would have to be cut"
        values[path] = value
    action = actions.get(effect.action or "")
    return values | _facts(action, event) if action else values, None


def _is_long(value: Any) -> bool:
    return len(json.dumps(value, ensure_ascii=False)) > VALUE_MOST


def _facts(action: Action, event: Event) -> dict[str, Any]:
    """What the action is checked against, as far as the event has it: what is missing is the action's to refuse."""
    found: dict[str, Any] = {}
    for path in action.facts.values():
        try:
            value = value_of(path, event)
        except TemplateFault:
            continue
        if not _is_long(value):
            found[path] = value
    return found
