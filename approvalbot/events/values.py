"""How the values of an event read as text, so that a policy and an event can be compared at all.

One rule for every source: text is itself, booleans are `true` and `false`, integers print in full, a float without a
fraction prints as an integer, objects print as canonical JSON. Null is no text: it equals nothing, not even null.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from approvalbot.events.digests import canonical_json


def text_of(value: Any) -> str:
    """One value of an event as text. The value is not null and not a list; lists fan out before anyone compares."""
    if type(value) is str:
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, int):
        return str(value)
    return canonical_json(value).decode()


def number_text(value: float) -> str:
    """A float as people write it: without a fraction it is an integer (`1e3` -> `1000`)."""
    if math.isfinite(value) and value == int(value):
        return str(int(value))
    return repr(value)


def fan_out(found: Iterable[Any]) -> Iterator[Any]:
    """The single values of what a path found: lists stand for their elements, at any depth."""
    for value in found:
        if isinstance(value, list):
            yield from fan_out(value)
        else:
            yield value


def scalars(value: Any) -> Iterator[Any]:
    """Every text, number and boolean inside `value`, depth first; keys and nulls are left out."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from scalars(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from scalars(inner)
    elif value is not None:
        yield value
