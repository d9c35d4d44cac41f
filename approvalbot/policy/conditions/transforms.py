"""The value transforms of Sigma: encodings and dashes, applied to a value in the order written, then its shape."""

import base64
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from approvalbot.policy.conditions.modifiers import Chain, ConditionFault
from approvalbot.policy.conditions.patterns import DASHES, Part, Pattern, Wild, parse_pattern
from approvalbot.policy.conditions.placeholders import check_count


def patterns_of(text: str, chain: Chain) -> tuple[Pattern, ...]:
    """What a text of a condition becomes: its wildcards, its transforms in order, then its shape.

    Raises:
        ConditionFault: wildcards under base64, or more than 1,000 patterns.
    """
    coded = [_Coded(parse_pattern(text))]
    for transform in chain.transforms:
        if transform != "expand":
            coded = [made for one in coded for made in _TRANSFORM[transform](one)]
            check_count(len(coded))
    if any(one.raw for one in coded):
        raise ConditionFault(
            "bad-modifier",
            f"|{chain.transforms[-1]} gives bytes, which no text of an event is",
            "write |base64, or |base64offset|contains, after it",
        )
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
    if not all(one.pattern.parts for one in found):
        raise ConditionFault("bad-value", "one byte leaves no trace of its own in base64", "write two or more")
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
    check_count(len(DASHES) ** sum(part is Wild.DASH for part in pattern.parts))
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
