"""Path look-up: how a name such as `requestParameters.policyArn` finds its values in a raw event.

1. The whole name as one top-level key.
2. Otherwise step by step, at each step the longest key that is there, so that keys with dots need no escape
   (`annotations.authorization.k8s.io/reason`).
3. Where a step finds nothing, once more ignoring case; keys that differ only in case are all taken.

Lists on the way fan out. `[]` may be written and means nothing; `[0]` and `[type=User]` select elements, in our own
documents only: in a Sigma file brackets are part of the key. A value that is no list counts as a list of one.

What a path finds is a list of *terminals*: empty where the key is not there, `[None]` where it is there and null. The
terminals are not fanned out, since `exists` must tell an empty list from an absent key.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from approvalbot.events.values import fan_out, text_of

FoldedKeys = dict[int, dict[str, list[str]]]
"""The case-folded keys of the objects of one event, by `id`: filled on the first miss, thrown away with the event."""

Find = Callable[[Any, FoldedKeys], list[Any]]
"""From a raw event to the terminals of one path."""

LONGEST_NAME = 1000
"""Characters of a path. Chosen by us: the longest in the mapping tables has 80; the bound keeps joins small."""

_SELECTOR = re.compile(r"\[([^\[\]]*)\]")


class PathFault(ValueError):
    """A path that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Select:
    """Picks elements of a list: the one at `index`, or those whose `name` reads as `text`, ignoring case."""

    index: int | None = None
    name: str = ""
    text: str = ""


Groups = list[tuple[tuple[str, ...], Select | None]]
"""The runs of keys between selectors, each with the selector that ends it."""


@lru_cache(maxsize=65_536)
def compile_path(name: str, *, selectors: bool = True, any_case: bool = True) -> Find:
    """The look-up of `name` as a function. Without `any_case` the third step is left out.

    Raises:
        PathFault: an empty name or step, a bracket that is not `[]`, `[0]` or `[key=value]`.
    """
    if not name or len(name) > LONGEST_NAME:
        raise PathFault(f"a path has 1 to {LONGEST_NAME} characters; write a shorter one")
    groups: Groups = _groups(name) if selectors else [(tuple(name.split(".")), None)]
    if len(groups) == 1 and groups[0][1] is None:
        keys = groups[0][0]
        found = _plain(name, keys) if any_case else _exact(name, keys)
        if len(keys) == 2 and ".".join(keys) == name:
            return _of_two_steps(name, keys[0], keys[1], found, any_case=any_case)
        return found
    return _selecting(name, groups)


def _groups(name: str) -> Groups:
    groups: Groups = []
    keys: list[str] = []
    for step in _steps(name):
        key = step.partition("[")[0]
        if not key:
            raise PathFault(f"{name!r} has an empty step; leave a dot out")
        keys.append(key)
        for written in _selectors(name, step, step[len(key) :]):
            groups.append((tuple(keys), written))
            keys = []
    return [*groups, (tuple(keys), None)] if keys or not groups else groups


def _steps(name: str) -> list[str]:
    """`name` cut at the dots outside brackets."""
    steps, start, depth = [], 0, 0
    for place, letter in enumerate(name):
        depth += (letter == "[") - (letter == "]")
        if letter == "." and depth == 0:
            steps.append(name[start:place])
            start = place + 1
    return [*steps, name[start:]]


def _selectors(name: str, step: str, brackets: str) -> list[Select]:
    if _SELECTOR.sub("", brackets):
        raise PathFault(f"{step!r} has a bracket that does not close; write [0] or [type=User]")
    return [_selector(name, inner) for inner in _SELECTOR.findall(brackets) if inner]


def _selector(name: str, inner: str) -> Select:
    if inner.isascii() and inner.isdigit():
        return Select(index=int(inner))
    key, equals, text = inner.partition("=")
    if not equals or not key:
        raise PathFault(f"{name!r}: [{inner}] is not understood; write [], [0] or [type=User]")
    return Select(name=key, text=text.casefold())


def _plain(name: str, keys: tuple[str, ...]) -> Find:
    if keys == (name,):
        return _top_level(name)
    joined = _joined(keys)

    def find(raw: Any, folded: FoldedKeys) -> list[Any]:
        if isinstance(raw, dict) and name in raw:
            return [raw[name]]
        found: list[Any] = []
        _walk(raw, 0, joined, folded, found)
        return found

    return find


def _exact(name: str, keys: tuple[str, ...]) -> Find:
    joined = _joined(keys)

    def find(raw: Any, _: FoldedKeys) -> list[Any]:
        if isinstance(raw, dict) and name in raw:
            return [raw[name]]
        found: list[Any] = []
        _walk(raw, 0, joined, None, found)
        return found

    return find


def _of_two_steps(name: str, first: str, second: str, otherwise: Find, *, any_case: bool) -> Find:
    """The short way of `actor.id` and its like, the most common paths by far: an object in an object, or nothing."""
    key = second.casefold()

    def find(raw: Any, folded: FoldedKeys) -> list[Any]:
        if type(raw) is dict and first in raw and name not in raw:
            inner = raw[first]
            if type(inner) is dict:
                if second in inner:
                    return [inner[second]]
                return [inner[same] for same in _same_but_case(inner, key, folded)] if any_case else []
            if type(inner) is not list:
                return []
        return otherwise(raw, folded)

    return find


def _top_level(name: str) -> Find:
    key = name.casefold()

    def find(raw: Any, folded: FoldedKeys) -> list[Any]:
        if not isinstance(raw, dict):
            return []
        if name in raw:
            return [raw[name]]
        return [raw[same] for same in _same_but_case(raw, key, folded)]

    return find


def _selecting(name: str, groups: Groups) -> Find:
    prepared = [(_joined(keys), select) for keys, select in groups]

    def find(raw: Any, folded: FoldedKeys) -> list[Any]:
        if isinstance(raw, dict) and name in raw:
            return [raw[name]]
        values = [raw]
        for joined, select in prepared:
            found: list[Any] = []
            for value in values:
                _walk(value, 0, joined, folded, found)
            values = found if select is None else [one for value in found for one in _selected(value, select, folded)]
        return values

    return find


Joined = tuple[tuple[tuple[int, str, str], ...], ...]
"""For each step: the keys that may be tried there, longest first, as (next step, key, folded key)."""


def _joined(keys: tuple[str, ...]) -> Joined:
    count = len(keys)
    return tuple(tuple(_join(keys, start, end) for end in range(count, start, -1)) for start in range(count))


def _join(keys: tuple[str, ...], start: int, end: int) -> tuple[int, str, str]:
    key = ".".join(keys[start:end])
    return end, key, key.casefold()


def _walk(value: Any, step: int, joined: Joined, folded: FoldedKeys | None, found: list[Any]) -> None:
    while step < len(joined):
        if isinstance(value, list):
            for item in value:
                _walk(item, step, joined, folded, found)
            return
        if not isinstance(value, dict):
            return
        for end, key, _ in joined[step]:
            if key in value:
                value, step = value[key], end
                break
        else:
            if folded is not None:
                _walk_ignoring_case(value, step, joined, folded, found)
            return
    found.append(value)


def _walk_ignoring_case(
    value: Mapping[str, Any], step: int, joined: Joined, folded: FoldedKeys, found: list[Any]
) -> None:
    for end, _, key in joined[step]:
        same = _same_but_case(value, key, folded)
        for one in same:
            _walk(value[one], end, joined, folded, found)
        if same:
            return


def _same_but_case(value: Mapping[str, Any], key: str, folded: FoldedKeys) -> list[str]:
    keys = folded.get(id(value))
    if keys is None:
        keys = folded[id(value)] = {}
        for one in value:
            keys.setdefault(one.casefold(), []).append(one)
    return keys.get(key, [])


def _selected(value: Any, select: Select, folded: FoldedKeys) -> list[Any]:
    items = value if isinstance(value, list) else [value]
    if select.index is not None:
        return items[select.index : select.index + 1]
    find = compile_path(select.name, selectors=False)
    return [
        item
        for item in items
        if any(one is not None and text_of(one).casefold() == select.text for one in fan_out(find(item, folded)))
    ]
