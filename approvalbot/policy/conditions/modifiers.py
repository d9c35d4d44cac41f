"""The modifiers of a condition's key: which there are, which may stand together, and what they make of a value.

The order of the value transforms is the order written; every other modifier means the same wherever it stands.
Source: Sigma specification 2.1, "Sigma Modifiers Appendix", with the rules of policy.md section 4 where Sigma leaves a
choice.
"""

import base64
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from approvalbot.policy.conditions.patterns import DASHES, Part, Pattern, Wild, parse_pattern
from approvalbot.policy.faults import guess

SHAPES = frozenset({"contains", "startswith", "endswith"})
TRANSFORMS = frozenset({"base64", "base64offset", "utf16le", "utf16be", "utf16", "wide", "windash", "expand"})
ORDERS = frozenset({"lt", "lte", "gt", "gte"})
DATE_PARTS = frozenset({"minute", "hour", "day", "week", "month", "year"})
REGEX_FLAGS = {"i": "i", "ignorecase": "i", "m": "m", "multiline": "m", "s": "s", "dotall": "s"}
OTHERS = frozenset({"all", "cased", "re", "exists", "cidr", "fieldref", "neq"})
MODIFIERS = sorted(SHAPES | TRANSFORMS | ORDERS | DATE_PARTS | OTHERS | set(REGEX_FLAGS))

MOST_EXPANDED = 1_000
"""Patterns that one value may become. Chosen by us: a list of placeholders fits, a product of lists does not."""

Kind = Literal["text", "re", "exists", "cidr", "order", "date", "fieldref"]


class ConditionFault(ValueError):
    """A condition that does not compile. `name` is its stable name, `hint` what to write."""

    def __init__(self, name: str, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.name = name
        self.problem = problem
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Chain:
    """The modifiers of one key, sorted out. `transforms` keep the order written."""

    written: tuple[str, ...] = ()
    kind: Kind = "text"
    shape: str = ""
    order: str = ""
    part: str = ""
    flags: str = ""
    transforms: tuple[str, ...] = ()
    every: bool = False
    cased: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Placeholders:
    """The lists that `expand` fills in, by name."""

    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_KINDS: tuple[tuple[frozenset[str], Kind], ...] = (
    (frozenset({"re"}), "re"),
    (frozenset({"exists"}), "exists"),
    (frozenset({"cidr"}), "cidr"),
    (DATE_PARTS, "date"),
    (ORDERS, "order"),
    (frozenset({"fieldref"}), "fieldref"),
)
_ALLOWED: Mapping[Kind, frozenset[str]] = {
    "text": SHAPES | TRANSFORMS | {"all", "cased", "neq"},
    "re": frozenset({"re", "all", "expand", *REGEX_FLAGS}),
    "exists": frozenset({"exists"}),
    "cidr": frozenset({"cidr", "all", "expand"}),
    "order": ORDERS | {"all"},
    "date": DATE_PARTS | ORDERS | {"all"},
    "fieldref": SHAPES | {"fieldref", "neq", "cased", "all"},
}


def chain_of(modifiers: tuple[str, ...]) -> Chain:
    """Sort out the modifiers of one key.

    Raises:
        ConditionFault: an unknown modifier, one written twice, or two that cannot stand together.
    """
    for modifier in modifiers:
        if modifier not in MODIFIERS:
            raise ConditionFault("bad-modifier", f"|{modifier} is no modifier", guess(modifier, MODIFIERS))
    given = frozenset(modifiers)
    if len(given) < len(modifiers):
        raise ConditionFault("bad-modifier", "a modifier stands twice", "write each once")
    kind: Kind = next((kind for names, kind in _KINDS if names & given), "text")
    if clash := sorted(given - _ALLOWED[kind]):
        first = next(one for one in modifiers if one in _first_of(kind, given))
        raise ConditionFault("bad-modifier", f"|{clash[0]} cannot stand with |{first}", "write two conditions")
    for alternatives in (SHAPES, ORDERS, DATE_PARTS):
        if len(both := sorted(given & alternatives)) > 1:
            raise ConditionFault("bad-modifier", f"|{both[1]} cannot stand with |{both[0]}", "write two conditions")
    if kind != "re" and (stray := sorted(given & set(REGEX_FLAGS))):
        raise ConditionFault("bad-modifier", f"|{stray[0]} is a flag of |re", f"write |re|{stray[0]}")
    return Chain(
        written=modifiers,
        kind=kind,
        shape=next(iter(given & SHAPES), ""),
        order=next(iter(given & ORDERS), ""),
        part=next(iter(given & DATE_PARTS), ""),
        flags="".join(sorted({REGEX_FLAGS[one] for one in given if one in REGEX_FLAGS})),
        transforms=tuple(one for one in modifiers if one in TRANSFORMS),
        every="all" in given,
        cased="cased" in given,
        negated="neq" in given,
    )


def _first_of(kind: Kind, given: frozenset[str]) -> frozenset[str]:
    """The modifiers that made a chain what it is, for the message of a clash."""
    return next((names & given for names, one in _KINDS if one == kind), given)


def texts_of(value: Any, chain: Chain, placeholders: Placeholders) -> list[Any]:
    """The values that one listed value stands for: itself, or every filling of its placeholders.

    Raises:
        ConditionFault: a placeholder that no list fills.
    """
    if "expand" not in chain.transforms or not isinstance(value, str):
        return [value]
    names = re.findall(r"%([A-Za-z0-9_.-]+)%", value)
    if not names:
        raise ConditionFault("bad-value", f'"{value}" has no %placeholder% to expand', "leave |expand out")
    for name in names:
        if name not in placeholders.lists:
            raise ConditionFault(
                "bad-value",
                f"no list is named {name}",
                f"add {name}: [values] to sigma/lists.yaml"
                if not placeholders.lists
                else guess(name, list(placeholders.lists)),
            )
    found = [value]
    for name in dict.fromkeys(names):
        found = [text.replace(f"%{name}%", one) for text in found for one in placeholders.lists[name]]
        _check_count(len(found))
    return found


def patterns_of(text: str, chain: Chain) -> tuple[Pattern, ...]:
    """What a text of a condition becomes: its wildcards, its transforms in order, then its shape.

    Raises:
        ConditionFault: wildcards under base64, or more than 1,000 patterns.
    """
    coded = [_Coded(parse_pattern(text))]
    for transform in chain.transforms:
        if transform != "expand":
            coded = [made for one in coded for made in _TRANSFORM[transform](one)]
            _check_count(len(coded))
    return tuple(shaped(one.pattern, chain.shape) for one in coded)


def shaped(pattern: Pattern, shape: str) -> Pattern:
    """A pattern with the wildcards that `contains`, `startswith` or `endswith` puts around it."""
    match shape:
        case "contains":
            return pattern.wrapped(Wild.RUN, Wild.RUN)
        case "startswith":
            return pattern.wrapped(after=Wild.RUN)
        case "endswith":
            return pattern.wrapped(before=Wild.RUN)
        case _:
            return pattern


def _check_count(count: int) -> None:
    if count > MOST_EXPANDED:
        raise ConditionFault("bad-value", f"one value stands for {count:,} patterns, at most {MOST_EXPANDED:,}")


@dataclass(frozen=True, slots=True)
class _Coded:
    """A pattern on its way through the transforms; with `raw` each character stands for one byte."""

    pattern: Pattern
    raw: bool = False

    def literal_bytes(self, transform: str) -> bytes:
        literal = self.pattern.literal
        if literal is None:
            raise ConditionFault(
                "bad-value", f"|{transform} cannot encode wildcards", r"write \* and \? for the characters themselves"
            )
        return literal.encode("latin-1" if self.raw else "utf-8")


def _plain(text: str) -> Pattern:
    return Pattern.of((text,))


def _base64(coded: _Coded) -> list[_Coded]:
    return [_Coded(_plain(base64.b64encode(coded.literal_bytes("base64")).decode()))]


def _base64_offset(coded: _Coded) -> list[_Coded]:
    """The three texts that the value can have inside a longer base64 text, without the characters it shares."""
    value = coded.literal_bytes("base64offset")
    found = []
    for offset, start in enumerate((0, 2, 3)):
        encoded = base64.b64encode(b" " * offset + value).decode()
        end = (None, -3, -2)[(len(value) + offset) % 3]
        found.append(_Coded(_plain(encoded[start:end])))
    return found


def _utf16(encoding: str, mark: bytes = b"") -> Callable[[_Coded], list[_Coded]]:
    def encode(coded: _Coded) -> list[_Coded]:
        parts: list[Part] = [
            part.encode(encoding).decode("latin-1") if isinstance(part, str) else part for part in coded.pattern.parts
        ]
        return [_Coded(Pattern.of((mark.decode("latin-1"), *parts)), raw=True)]

    return encode


def _windash(coded: _Coded) -> list[_Coded]:
    """Any dash where a command line has one: at the start of a word that no other word character precedes."""
    if coded.raw:
        raise ConditionFault("bad-value", "|windash stands before the encodings", "write |windash first")
    parts: list[Part] = []
    for part in coded.pattern.parts:
        parts += [part] if not isinstance(part, str) else _dashes(part)
    return [_Coded(Pattern.of(parts))]


def _dashes(text: str) -> list[Part]:
    pieces = re.split(r"(\B[-/]\b)", text)
    return [Wild.DASH if index % 2 else piece for index, piece in enumerate(pieces)]


def dash_variants(pattern: Pattern) -> list[Pattern]:
    """The pattern written out for every dash, for an encoding that has to follow.

    Raises:
        ConditionFault: more than 1,000 variants.
    """
    choices = [DASHES if part is Wild.DASH else [part] for part in pattern.parts]
    _check_count(len(DASHES) ** sum(part is Wild.DASH for part in pattern.parts))
    return [Pattern.of(variant) for variant in itertools.product(*choices)]


def _each_dash(transform: Callable[[_Coded], list[_Coded]]) -> Callable[[_Coded], list[_Coded]]:
    return lambda coded: [
        made for pattern in dash_variants(coded.pattern) for made in transform(_Coded(pattern, coded.raw))
    ]


_TRANSFORM: Mapping[str, Callable[[_Coded], list[_Coded]]] = {
    "base64": _each_dash(_base64),
    "base64offset": _each_dash(_base64_offset),
    "utf16le": _each_dash(_utf16("utf-16-le")),
    "wide": _each_dash(_utf16("utf-16-le")),
    "utf16be": _each_dash(_utf16("utf-16-be")),
    "utf16": _each_dash(_utf16("utf-16-le", b"\xff\xfe")),
    "windash": _windash,
}
