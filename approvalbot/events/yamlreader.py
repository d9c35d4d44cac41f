"""The strict YAML reader for policies, mapping tables and Sigma rules: every value keeps its line and column.

YAML has more ways to say a thing than a reviewer can keep in mind, so the reader takes a plain subset (threat 28, M12):
no anchors, aliases, merge keys, tags or directives, no key twice, and the scalars of the YAML 1.2 core schema, of which
only `true`/`false` are booleans. `no`, `on`, `12:30`, `2026-05-01`, `0x1F` and numbers with a leading zero stay text.
Keys are always text, as written. What could cost time or memory is refused before or while it is scanned: files over
1 MiB, lines over 64 KiB, nesting over 32 levels. Scanning is libyaml's; it hands over one event at a time.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import yaml

from approvalbot.events.yamlfaults import Refused, YamlFault, plainly

LARGEST_FILE = 1 << 20
"""Bytes of one file: policy.md section 1."""

LONGEST_LINE = 1 << 16
"""Bytes of one line. Chosen by us: the longest line of the examples has 1,000; libyaml slows down on huge ones."""

MOST_DEPTH = 32
"""Levels of nesting: policy.md section 1."""

MOST_DUPLICATES = 100
"""Keys that stand twice, after which the reading ends. Chosen by us: a file of nothing else has 300,000 of them."""

MOST_DIGITS = 400
"""Digits of a number, as in the JSON reader."""

Scalar = str | int | float | bool | None

_NO_KEYS: Mapping[str, tuple[int, int]] = MappingProxyType({})
"""Shared by all nodes that are no maps: a dictionary of its own would double the objects of a large folder."""


@dataclass(slots=True)
class Node:
    """A value and where it stands. `keys` are the places of a map's keys, `source` the text of an unquoted scalar."""

    value: Any
    line: int
    column: int
    children: "dict[str, Node] | list[Node] | None" = None
    keys: Mapping[str, tuple[int, int]] = field(default_factory=lambda: _NO_KEYS)
    source: str | None = None

    def at(self, path: tuple[str | int, ...]) -> tuple["Node", tuple[str | int, ...]]:
        """The node that `path` leads to, or the deepest on the way; and the part of the path that exists."""
        node = self
        for depth, step in enumerate(path):
            child = _child(node, step)
            if child is None:
                return node, path[:depth]
            node = child
        return node, path

    def place(self, path: tuple[str | int, ...]) -> tuple[int, int]:
        """Line and column of what `path` names: a map's entry stands at its key, a list's at its value."""
        parent, reached = self.at(path[:-1])
        if path and len(reached) == len(path) - 1:
            if isinstance(path[-1], str) and path[-1] in parent.keys:
                return parent.keys[path[-1]]
            if (child := _child(parent, path[-1])) is not None:
                return child.line, child.column
        return self.place(reached) if reached and len(reached) < len(path) else (parent.line, parent.column)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The documents of a file, and its faults; a file with faults is not to be used."""

    documents: tuple[Node, ...]
    faults: tuple[YamlFault, ...] = ()


def read_yaml(body: bytes) -> YamlFile:
    """The documents of a YAML file. Faults are values: duplicate keys are told together, any other ends the reading."""
    reader = _Reader()
    try:
        documents = tuple(reader.documents(_text(body)))
    except Refused as refused:
        return YamlFile((), (*reader.faults, refused.fault))
    return YamlFile(documents, tuple(reader.faults))


def _text(body: bytes) -> str:
    if len(body) > LARGEST_FILE:
        raise Refused(YamlFault("file-too-large", 1, 1, f"the file has over {LARGEST_FILE:,} bytes", "divide it"))
    start = _start_of_a_long_line(body)
    if start is not None:
        number = body.count(b"\n", 0, start) + 1
        problem = f"the line has over {LONGEST_LINE:,} bytes"
        raise Refused(YamlFault("line-too-long", number, 1, problem, "write several lines"))
    if body.startswith(b"\xef\xbb\xbf"):
        raise Refused(
            YamlFault("not-utf8", 1, 1, "the file starts with a byte order mark", "save it as UTF-8 without one")
        )
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as fault:
        before = body[: fault.start]
        row, column = before.count(b"\n") + 1, fault.start - before.rfind(b"\n")
        raise Refused(YamlFault("not-utf8", row, column, "the file is not UTF-8 here", "save it as UTF-8")) from fault


def _start_of_a_long_line(body: bytes) -> int | None:
    """Where the first line begins that is too long. It goes from the last line end within reach to the next such."""
    start = 0
    while len(body) - start > LONGEST_LINE:
        end = body.rfind(b"\n", start, start + LONGEST_LINE + 1)
        if end < 0:
            return start
        start = end + 1
    return None


class _Reader:
    def __init__(self) -> None:
        self.faults: list[YamlFault] = []
        self._path: list[str | int] = []
        self._text = ""

    def documents(self, text: str) -> Iterator[Node]:
        self._text = text
        scanner = _LOADER(text)
        try:
            while type(event := self._next(scanner)) is not yaml.StreamEndEvent:
                if type(event) is yaml.DocumentStartEvent:
                    self._check_directives(event)
                    node = self._node(scanner, self._next(scanner), 0)
                    # A file that ends in `---`, or holds only comments, has an empty document: nobody wrote one.
                    if node.source != "":
                        yield node
        finally:
            scanner.dispose()

    def _next(self, scanner: Any) -> Any:
        try:
            return scanner.get_event()
        except yaml.MarkedYAMLError as fault:
            mark = fault.problem_mark or fault.context_mark
            raise self._refused(
                "not-yaml", (mark.line, mark.column) if mark else (0, 0), *plainly(fault.problem or "")
            ) from fault
        except yaml.reader.ReaderError as fault:
            before = self._text.encode()[: fault.position].decode("utf-8", "ignore")
            place = before.count("\n"), len(before) - before.rfind("\n") - 1
            problem = "this is not YAML: a control character, or another that it does not allow"
            raise self._refused(
                "not-yaml", place, problem, 'write it as an escape in quotes, such as "\\x07"'
            ) from fault

    def _refused(self, name: str, place: tuple[int, int], problem: str, hint: str = "") -> Refused:
        return Refused(YamlFault(name, place[0] + 1, place[1] + 1, problem, hint, tuple(self._path)))

    def _check_directives(self, event: Any) -> None:
        if event.version or event.tags:
            mark = event.start_mark
            raise self._refused(
                "yaml-directive", (mark.line, mark.column), "directives (%YAML, %TAG) are not read", "leave them out"
            )

    def _node(self, scanner: Any, event: Any, depth: int) -> Node:
        mark = event.start_mark
        place = (mark.line, mark.column)
        # An alias has an anchor too, and no tag to ask for.
        if event.anchor is not None or event.tag is not None:
            raise self._refused_ornament(event, place)
        kind = type(event)
        if kind is yaml.ScalarEvent:
            return self._scalar(event, place)
        if depth >= MOST_DEPTH:
            raise self._refused("too-deep", place, f"it nests deeper than {MOST_DEPTH} levels", "write it flatter")
        if kind is yaml.SequenceStartEvent:
            return self._sequence(scanner, place, depth)
        return self._mapping(scanner, place, depth)

    def _refused_ornament(self, event: Any, place: tuple[int, int]) -> Refused:
        if type(event) is yaml.AliasEvent:
            return self._refused("yaml-alias", place, f"the alias *{event.anchor!s:.60} is not read", _WRITE_OUT)
        if event.anchor is not None:
            return self._refused("yaml-alias", place, f"the anchor &{event.anchor!s:.60} is not read", _WRITE_OUT)
        return self._refused("yaml-tag", place, f"the tag {event.tag!s:.60} is not read", "leave it out")

    def _scalar(self, event: Any, place: tuple[int, int]) -> Node:
        text: str = event.value
        if "\0" in text:
            raise self._refused("not-yaml", place, "a text holds a NUL character", "leave it out")
        if event.style:
            return Node(text, place[0] + 1, place[1] + 1)
        value: Scalar = text
        if not text or text in _CONSTANTS or text[0] in _NUMBER_STARTS:
            value = _CONSTANTS[text] if text in _CONSTANTS else self._number(text, place)
        return Node(value, place[0] + 1, place[1] + 1, source=text)

    def _number(self, text: str, place: tuple[int, int]) -> Scalar:
        if _NOT_FINITE.fullmatch(text):
            raise self._refused("not-a-number", place, f"{text} is not a number policies can hold", "quote it as text")
        if len(text) > MOST_DIGITS and text.strip("-+.0123456789eE") == "":
            raise self._refused("not-a-number", place, f"a number has {len(text)} characters", "quote it as text")
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            return number if abs(number) < float("inf") else text
        return text

    def _sequence(self, scanner: Any, place: tuple[int, int], depth: int) -> Node:
        children: list[Node] = []
        while type(event := self._next(scanner)) is not yaml.SequenceEndEvent:
            self._path.append(len(children))
            children.append(self._node(scanner, event, depth + 1))
            self._path.pop()
        return Node([child.value for child in children], place[0] + 1, place[1] + 1, children)

    def _mapping(self, scanner: Any, place: tuple[int, int], depth: int) -> Node:
        children: dict[str, Node] = {}
        keys: dict[str, tuple[int, int]] = {}
        while type(event := self._next(scanner)) is not yaml.MappingEndEvent:
            key, spot = self._key(scanner, event, depth)
            self._path.append(key)
            if key in keys:
                self._note_duplicate(key, keys[key], spot)
            keys[key] = spot
            children[key] = self._node(scanner, self._next(scanner), depth + 1)
            self._path.pop()
        value = {key: child.value for key, child in children.items()}
        return Node(value, place[0] + 1, place[1] + 1, children, keys)

    def _key(self, scanner: Any, event: Any, depth: int) -> tuple[str, tuple[int, int]]:
        mark = event.start_mark
        place = (mark.line, mark.column)
        self._node(scanner, event, depth + 1)
        if type(event) is not yaml.ScalarEvent:
            raise self._refused("bad-key", place, "a key is a text, not a list or a map", "write key: value")
        text: str = event.value
        if text == "<<" and not event.style:
            raise self._refused("yaml-alias", place, "the merge key << is not read", _WRITE_OUT)
        if not text and not event.style:
            raise self._refused("bad-key", place, "a key is empty", "write '' for a key that is an empty text")
        return text, (place[0] + 1, place[1] + 1)

    def _note_duplicate(self, key: str, first: tuple[int, int], spot: tuple[int, int]) -> None:
        self.faults.append(
            YamlFault(
                "duplicate-key",
                *spot,
                f"the key {key[:100]!r} stands twice, first in line {first[0]}",
                "keep one; most readers would silently take the last",
                tuple(self._path),
            )
        )
        if len(self.faults) >= MOST_DUPLICATES:
            raise self._refused(
                "duplicate-key", (spot[0] - 1, spot[1] - 1), "more keys stand twice", "keep one of each"
            )


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node.children, dict):
        return node.children.get(step) if isinstance(step, str) else None
    if isinstance(node.children, list) and isinstance(step, int) and 0 <= step < len(node.children):
        return node.children[step]
    return None


_WRITE_OUT = "write the value out"
# The pure Python scanner is the same language, only slower; wheels of PyYAML always bring libyaml.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTANTS: dict[str, Scalar] = {
    "": None,
    **dict.fromkeys(("null", "Null", "NULL", "~")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER_STARTS = frozenset("-+.0123456789")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
