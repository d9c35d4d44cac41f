"""Regular expressions: RE2 only, so that no pattern and no event can cost more than linear time (threat 29).

Why not Python's `re`: `(a+)+$` on 28 letters kept it busy for over 8 s (M15). RE2 has no look-around, back-references,
possessive or atomic groups; they are load errors that name the column. A subject over 64 KiB is not cut, since what was
cut off could be what the rule looks for: it is an evaluation fault, and the caller fails safe.
"""

import re
from dataclasses import dataclass
from typing import Any

import re2

from approvalbot.policy.faults import EvaluationFault

LONGEST_PATTERN = 1_000
LARGEST_SUBJECT = 65_536
LARGEST_MEMORY = 8 << 20
"""Bytes of a pattern, of a subject, and of RE2's automaton: policy.md section 5."""

LARGEST_PROGRAM = 1 << 18
"""Bytes of memory in which RE2 must be able to hold a pattern's program: some 4,000 steps."""

MOST_STEPS = 8_000_000
"""Steps of one search. Where its automaton outgrows its memory, RE2 takes each step of the program for each byte, some
4 ns: `a.{0,1000}b.{0,1000}c` took a second for 64 KiB. A subject that could need more is too long for its pattern, so
that no search takes over 50 ms; most patterns have under 100 steps, and search all of 64 KiB."""

MOST_BYTES_OF_A_CHARACTER = 4
"""In UTF-8."""

_NOT_IN_RE2 = re.compile(
    r"\\\\|\\\(|(?P<look>\(\?<?[=!])|(?P<atomic>\(\?>)|(?P<condition>\(\?\()"
    r"|(?P<back>\\[1-9]|\\g\{|\\k[<{']|\(\?P=)|(?P<possessive>(?<!\\)[*+?}]\+)"
)
_NAMES = {
    "look": "look-around",
    "atomic": "an atomic group",
    "condition": "a conditional group",
    "back": "a back-reference",
    "possessive": "a possessive quantifier",
}


class RegexFault(ValueError):
    """A pattern that RE2 does not take; the text says why and where."""


@dataclass(frozen=True, slots=True)
class Regex:
    """A compiled pattern, searched anywhere in a subject."""

    source: str
    flags: str
    compiled: Any

    @property
    def longest(self) -> int:
        """Bytes of the longest subject that is searched."""
        return min(LARGEST_SUBJECT, most_bytes(self.compiled))

    @property
    def needed(self) -> str:
        """A text that stands in everything the pattern finds; empty where that is not plain to see."""
        return "" if self.flags else _needed(self.source)

    def search(self, text: str) -> bool:
        """Whether the pattern is found in `text`.

        Raises:
            EvaluationFault: the subject is too long for the pattern, or holds half a surrogate pair.
        """
        try:
            subject = text.encode()
        except UnicodeEncodeError as fault:
            raise EvaluationFault("a value holds half of a surrogate pair, which RE2 cannot search") from fault
        if len(subject) > self.longest:
            raise EvaluationFault(
                f"a value of {len(subject):,} bytes is too long for re, which searches at most {self.longest:,} for "
                f"{self.source[:100]!r}"
            )
        return self.compiled.search(subject) is not None


def compile_regex(source: str, flags: str = "", *, whole: bool = False) -> Regex:
    """The pattern with the flags `i`, `m` and `s`; `whole` anchors it at both ends.

    Raises:
        RegexFault: over 1,000 bytes, too costly, or not in RE2.
    """
    if len(source.encode()) > LONGEST_PATTERN:
        raise RegexFault(
            f"the pattern has {len(source.encode()):,} bytes, over {LONGEST_PATTERN:,}; write a shorter one"
        )
    # RE2 anchors ^ and $ at the ends of the whole text unless `m` is given, which is how Sigma means them.
    prefix = f"(?{flags})" if flags else ""
    body = rf"\A(?:{source})\z" if whole else source
    written = (prefix + body).encode()
    try:
        re2.compile(written, options(LARGEST_PROGRAM))
        return Regex(source, flags, re2.compile(written, options()))
    except re2.error as fault:
        raise RegexFault(_explained(source, fault)) from fault


def most_bytes(compiled: Any) -> int:
    """Bytes that a pattern of RE2 can be searched for in, whatever they are, within the steps that are allowed."""
    return MOST_STEPS // max(1, int(compiled.programsize))


def options(max_mem: int = LARGEST_MEMORY) -> Any:
    """How every pattern is compiled: without captures, since a search only tells whether there is one."""
    made = re2.Options()
    made.log_errors = False
    made.max_mem = max_mem
    made.never_capture = True
    return made


def _needed(source: str) -> str:
    """The longest run of letters that every find holds. Choices, groups, classes and named escapes end the search."""
    runs = [""]
    place = 0
    while place < len(source):
        letter, following = source[place], source[place + 1 : place + 2]
        if letter in "|()[]" or not letter.isascii() or (letter == "\\" and (not following or following.isalnum())):
            return ""
        if letter == "\\":
            runs[-1] += following
            place += 1
        elif letter in "*?+{":
            # The letter before a quantifier may be missing, and what stands in braces is a count.
            runs[-1] = runs[-1][:-1]
            runs.append("")
            place = max(place, source.find("}", place)) if letter == "{" else place
        elif letter in ".^$":
            runs.append("")
        else:
            runs[-1] += letter
        place += 1
    return max(runs, key=len)


def _explained(source: str, fault: Exception) -> str:
    """Why RE2 does not take a pattern; what it lacks on purpose is named with its column."""
    for found in _NOT_IN_RE2.finditer(source):
        if found.lastgroup:
            return (
                f"{_NAMES[found.lastgroup]} at character {found.start() + 1} of {source!r} is not in RE2;"
                " write the pattern without it, or as several conditions"
            )
    told = fault.args[0] if fault.args else ""
    text = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
    if "too large" in text:
        return f"{source!r} is too costly to search for; write smaller counts, or plain classes such as [a-z]"
    # RE2 quotes the part it stopped at; where that is our own wrapping, its first words say enough.
    why = text.partition(": ")[0] if "(?:" in text else text
    return f"{source!r} is no regular expression: {why}; mend the pattern, which is one of RE2"
