"""How the values of an event read as text, so that a policy and an event can be compared at all.

One rule for every source: text is itself, booleans are `true` and `false`, integers print in full, a float without a
fraction prints as an integer, objects print as canonical JSON. Null is no text: it equals nothing, not even null.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from approvalbot.events.digests import EXACT_INTEGER, canonical_json


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
    return _json_text(value)


def number_text(value: float) -> str:
    """A float as people write it: without a fraction it is an integer (`1e3` -> `1000`)."""
    if math.isfinite(value) and value == int(value):
        return str(int(value))
    return repr(value)


def _json_text(value: Any) -> str:
    """Canonical JSON, but for integers beyond a double: those are digits here, and a text of digits in a digest."""
    if not _has_wide_integer(value):
        return canonical_json(value).decode()
    if isinstance(value, dict):
        # RFC 8785 sorts by UTF-16 unit, which is what the bytes of UTF-16 sort by.
        keys = sorted(value, key=lambda key: str(key).encode("utf-16-be"))
        return "{" + ",".join(f"{canonical_json(key).decode()}:{_json_text(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    return str(value)


def _has_wide_integer(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_wide_integer, value.values()))
    if isinstance(value, list):
        return any(map(_has_wide_integer, value))
    return type(value) is int and abs(value) > EXACT_INTEGER


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
