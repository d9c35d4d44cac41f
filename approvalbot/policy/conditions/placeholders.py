"""Placeholders: what `expand` puts in the place of `%name%`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from approvalbot.policy.conditions.modifiers import ConditionFault
from approvalbot.policy.faults import guess, quoted

MOST_EXPANDED = 1_000
"""Patterns that one value may become. Chosen by us: a list of placeholders fits, a product of lists does not."""

_PLACEHOLDER = re.compile(r"\\\\|(?P<percent>\\%)|%(?P<name>[A-Za-z0-9_.-]+)%")
r"""`\%plain%name%` is the text `%plain` and one placeholder. Source: Sigma specification 2.1, "Placeholders"."""


@dataclass(frozen=True, slots=True)
class Placeholders:
    """The lists that `expand` fills in, by name."""

    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def expanded(values: list[Any], placeholders: Placeholders) -> list[Any]:
    """The values with every filling of their placeholders; one without a placeholder stands for itself.

    Raises:
        ConditionFault: a placeholder that no list fills, or no placeholder anywhere.
    """
    if not any(isinstance(value, str) and _names(value) for value in values):
        raise ConditionFault("bad-value", f"{quoted(values[0])} has no %placeholder% to expand", "leave |expand out")
    return [one for value in values for one in _fillings(value, placeholders)]


def check_count(count: int) -> None:
    """Raises ConditionFault for more patterns than one value may become."""
    if count > MOST_EXPANDED:
        raise ConditionFault(
            "bad-value", f"one value stands for {count:,} patterns, over {MOST_EXPANDED:,}", "write fewer values"
        )


def _fillings(value: Any, placeholders: Placeholders) -> list[Any]:
    if not isinstance(value, str):
        return [value]
    names = _names(value)
    for name in names:
        if name not in placeholders.lists:
            raise ConditionFault(
                "bad-value",
                f"no list is named {name}",
                f"add {name}: [values] to sigma/lists.yaml"
                if not placeholders.lists
                else guess(name, list(placeholders.lists)),
            )
    fillings: list[dict[str, str]] = [{}]
    for name in dict.fromkeys(names):
        fillings = [{**filling, name: one} for filling in fillings for one in placeholders.lists[name]]
        check_count(len(fillings))
    return [_filled(value, filling) for filling in fillings]


def _names(value: str) -> list[str]:
    return [found["name"] for found in _PLACEHOLDER.finditer(value) if found["name"]]


def _filled(value: str, filling: Mapping[str, str]) -> str:
    def text(found: re.Match[str]) -> str:
        if found["name"]:
            return filling[found["name"]]
        return "%" if found["percent"] else found[0]

    return _PLACEHOLDER.sub(text, value)
