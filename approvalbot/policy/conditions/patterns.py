r"""Wildcard patterns: how the plain values of a condition are compared with the text of an event.

`*` is any run, also an empty one and also over line breaks; `?` is exactly one character. `\*`, `\?` and `\\` are
literal; a backslash before anything else is itself. Both sides are case-folded first unless the condition is `cased`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

import re2

from approvalbot.policy.conditions.regexes import most_bytes, options
from approvalbot.policy.faults import EvaluationFault

Matcher = Callable[[str], bool]
"""Tells whether a whole text matches. Raises EvaluationFault where that would take too long; see `Pattern.may_fail`."""


class Wild(Enum):
    """What stands between the literal parts of a pattern. `DASH` is any dash of a command line (Sigma's windash)."""

    RUN = "*"
    ONE = "?"
    DASH = "-"


DASHES = "-/\u2013\u2014\u2015"
"""Source: Sigma modifiers appendix 2.1, windash: hyphen, slash, en dash, em dash, horizontal bar."""

Part = str | Wild
IndexKind = Literal["equal", "prefix", "suffix", "contains", "search"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Literal texts and wildcards in turn; never two texts or two runs side by side."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, parts: Iterable[Part]) -> "Pattern":
        """The pattern of these parts, with neighbours joined."""
        joined: list[Part] = []
        for part in parts:
            last = joined[-1] if joined else None
            if isinstance(part, str) and isinstance(last, str):
                joined[-1] = last + part
            elif part not in {"", Wild.RUN} or (part is Wild.RUN and last is not Wild.RUN):
                joined.append(part)
        return cls(tuple(joined))

    @property
    def literal(self) -> str | None:
        """The whole pattern as one text, or None where it has wildcards."""
        if not self.parts:
            return ""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], str) else None

    @property
    def is_any(self) -> bool:
        """Whether every text matches."""
        return self.parts == (Wild.RUN,)

    @property
    def may_fail(self) -> bool:
        """Whether matching can end in an evaluation fault: wildcards for one letter are searched for by RE2."""
        return any(part is Wild.ONE or part is Wild.DASH for part in self.parts)

    def folded(self) -> "Pattern":
        """The pattern for case-folded texts."""
        return Pattern(tuple(part.casefold() if isinstance(part, str) else part for part in self.parts))

    def wrapped(self, before: Part = "", after: Part = "") -> "Pattern":
        """The pattern with more around it."""
        return Pattern.of((before, *self.parts, after))

    def index_key(self) -> tuple[IndexKind, str] | None:
        """A test that every match passes and a dictionary can answer, on case-folded texts; None if there is none."""
        parts = self.folded().parts
        if not parts:
            return "equal", ""
        first, last = parts[0], parts[-1]
        if isinstance(first, str):
            return ("equal", first) if len(parts) == 1 else ("prefix", first)
        if isinstance(last, str):
            return "suffix", last
        longest = max((part for part in parts if isinstance(part, str)), key=len, default="")
        return ("contains", longest) if longest else None


def parse_pattern(text: str) -> Pattern:
    """The pattern that a value of a condition writes."""
    if "*" not in text and "?" not in text and "\\" not in text:
        return Pattern((text,)) if text else Pattern(())
    return Pattern.of(_parts(text))


def _parts(text: str) -> Iterable[Part]:
    place = 0
    while place < len(text):
        letter = text[place]
        following = text[place + 1 : place + 2]
        if letter == "\\" and following and following in "*?\\":
            yield following
            place += 2
            continue
        yield Wild.RUN if letter == "*" else Wild.ONE if letter == "?" else letter
        place += 1


def matcher(pattern: Pattern) -> Matcher:
    """A function that tells whether a whole text matches. Text and pattern are folded by the caller, or neither is."""
    parts = pattern.parts
    if (literal := pattern.literal) is not None:
        return literal.__eq__
    if pattern.may_fail:
        return _by_regex(pattern)
    texts = [part for part in parts if isinstance(part, str)]
    match parts:
        case (Wild.RUN,):
            return lambda _: True
        case (str(prefix), Wild.RUN):
            return lambda text: text.startswith(prefix)
        case (Wild.RUN, str(suffix)):
            return lambda text: text.endswith(suffix)
        case (Wild.RUN, str(inner), Wild.RUN):
            return lambda text: inner in text
        case _:
            return _by_pieces(texts, open_start=parts[0] is Wild.RUN, open_end=parts[-1] is Wild.RUN)


def _by_pieces(pieces: list[str], *, open_start: bool, open_end: bool) -> Matcher:
    """Literal pieces in order with any runs between them: the leftmost place of each piece is always good enough."""
    first = "" if open_start else pieces[0]
    last = "" if open_end else pieces[-1]
    middle = pieces[0 if open_start else 1 : len(pieces) if open_end else -1]

    def matches(text: str) -> bool:
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return False
        place, end = len(first), len(text) - len(last)
        for piece in middle:
            place = text.find(piece, place, end)
            if place < 0:
                return False
            place += len(piece)
        return True

    return matches


def _by_regex(pattern: Pattern) -> Matcher:
    """RE2 for single-character wildcards: linear, and case-sensitive on texts that are folded already.

    RE2's own case folding differs from Python's, so it is never used for wildcards.
    """
    written = {Wild.RUN: ".*", Wild.ONE: ".", Wild.DASH: f"[{re.escape(DASHES)}]"}
    source = "".join(re2.escape(part) if isinstance(part, str) else written[part] for part in pattern.parts)
    how = options()
    how.dot_nl = True
    compiled = re2.compile(source.encode(), how)
    longest, may_match = most_bytes(compiled), _quickly(pattern)

    def matches(text: str) -> bool:
        # What the index asks for is asked first: a text it would not find must not be a fault here either.
        if not may_match(text):
            return False
        subject = text.encode(errors="replace")
        if len(subject) > longest:
            raise EvaluationFault(
                f"a value of {len(subject):,} bytes is too long for wildcards that search at most {longest:,}"
            )
        return compiled.fullmatch(subject) is not None

    return matches


def _quickly(pattern: Pattern) -> Matcher:
    """What every match passes, by the longest text at an end of the pattern or inside; all texts, where it has none."""
    parts = pattern.parts
    if isinstance(parts[0], str):
        return lambda text, start=parts[0]: text.startswith(start)  # type: ignore[misc]
    if isinstance(parts[-1], str):
        return lambda text, end=parts[-1]: text.endswith(end)  # type: ignore[misc]
    longest = max((part for part in parts if isinstance(part, str)), key=len, default="")
    return lambda text: longest in text
