"""The strict JSON reader that stands in front of every model.

What it refuses, and why: bytes that are not UTF-8 or start with a byte order mark (two readers would see two bodies),
nesting over 64 levels, NaN, Infinity and numbers beyond a double, half surrogate pairs and NUL (they break Redis, RE2
and files later on), integers of thousands of digits, and, when strict, a key that stands twice in one object: most
readers silently take the last, so what a person was shown could differ from what the sender's own tools read.

Two readers share the work. orjson is fast but takes duplicate keys and turns integers beyond 64 bits into doubles; it
reads whatever a few cheap looks at the bytes prove free of both. The standard library's reader takes the rest.
"""

import json
import math
from typing import Any, NoReturn

import orjson

from approvalbot.errors import BadInput
from approvalbot.events.values import scalars

MOST_DEPTH = 64
"""Levels of nesting. Audit events stay under 20; the cap keeps every later recursion shallow (threat 25)."""

MOST_DIGITS = 400
"""Digits of one number. A double has at most 309 before its point; Python itself refuses integers over 4,300."""

_MASK = bytes(ord("0") if code in b"0123456789" else ord("{") if code in b"{[" else ord(" ") for code in range(256))
"""Shows digits and opening brackets only: one pass over the bytes serves both looks."""

_LONG_RUN = b"0" * 19
"""What may lie outside 64 bits, where orjson rounds to a double: -2^63 has 19 digits, 2^64 has 20."""

_TOO_DEEP = b"{" * (MOST_DEPTH + 1)
_BEFORE_A_NUMBER = frozenset(b"0123456789 \t\r\n:,[-+.eE")
_BRACES_FOR_BRACKETS = bytes.maketrans(b"[]", b"{}")
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def read_json(body: bytes, *, strict: bool = True) -> Any:
    """The value of a JSON document.

    Without `strict` a duplicate key is not looked for: enough for finding out that an event concerns nobody, never for
    opening a request.

    Raises:
        BadInput: `body_invalid`, with what is wrong and where.
    """
    masked = body.translate(_MASK)
    if masked.count(b"{") > MOST_DEPTH:
        _check_depth(body)
    if (_LONG_RUN in masked and _may_hold_wide_number(body, masked)) or (b"\\" in body and b"\\u0000" in body):
        return _read_carefully(body, strict=strict)
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        _refuse_unreadable(body, fault)
    if strict and not _keys_are_single(body, value):
        return _read_carefully(body, strict=True)
    return value


def check_keys(body: bytes, value: Any) -> None:
    """What `strict` adds, for a value that was read from `body` without it.

    Raises:
        BadInput: `body_invalid`, a key stands twice in one object.
    """
    try:
        single = _keys_are_single(body, value)
    except TypeError:  # orjson writes no integer beyond 64 bits
        single = False
    if not single:
        _read_carefully(body, strict=True)


def refused(what: str, where: str = "", hint: str = "") -> BadInput:
    """The fault of a body that cannot be read."""
    return BadInput("body_invalid", f"The body is not usable JSON: {what}{where}.", hint=hint)


def _check_depth(body: bytes) -> None:
    # Every even piece between quotes lies outside the texts. Taking out each `{}` takes off one level of nesting;
    # whether brackets pair up is the parser's question.
    outside = b"".join(_without_escapes(body).split(b'"')[::2])
    brackets = outside.translate(_BRACES_FOR_BRACKETS, _ALL_BUT_BRACKETS)
    for _ in range(MOST_DEPTH):
        flatter = brackets.replace(b"{}", b"")
        # So many that open one after the other are too deep by themselves; taking them off level by level would take
        # a fifth of a second for half a million.
        if flatter == brackets or _TOO_DEEP in flatter:
            break
        brackets = flatter
    if brackets.count(b"{") > MOST_DEPTH or b"{}" in brackets:
        raise refused(f"it nests deeper than {MOST_DEPTH} levels")


def _without_escapes(body: bytes) -> bytes:
    """The body without escaped backslashes and quotes, so that each remaining quote starts or ends a text."""
    return body.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in body else body


def _may_hold_wide_number(body: bytes, masked: bytes) -> bool:
    start = masked.find(_LONG_RUN)
    while start >= 0:
        # Most long runs of digits stand inside a text; what comes right before tells nearly all of those apart.
        if start == 0 or body[start - 1] in _BEFORE_A_NUMBER:
            return True
        run_ends = masked.find(b" ", start)
        start = masked.find(_LONG_RUN, run_ends) if run_ends >= 0 else -1
    return False


def _keys_are_single(body: bytes, value: Any) -> bool:
    """Whether no key stands twice in one object: writing the value again would lose the texts of a dropped pair.

    Every text of the body, key or value, stands between two quotes. A duplicate drops at least its key, so equal
    counts of quotes prove that nothing was dropped.
    """
    return _without_escapes(body).count(b'"') == _without_escapes(orjson.dumps(value)).count(b'"')


def _read_carefully(body: bytes, *, strict: bool) -> Any:
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_single_keys if strict else dict,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as fault:
        raise refused("it is not UTF-8", f" at byte {fault.start}") from fault
    except json.JSONDecodeError as fault:
        raise refused(fault.msg.lower(), f" at line {fault.lineno}, column {fault.colno}") from fault
    _check_texts(value)
    return value


def _refuse_unreadable(body: bytes, fault: orjson.JSONDecodeError) -> NoReturn:
    # The careful reader names the same fault in plainer words; where it would be more lenient, orjson's word stands.
    _read_carefully(body, strict=False)
    raise refused(fault.msg.split(":")[0], f" at line {fault.lineno}, column {fault.colno}") from fault


def _single_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for index, name in enumerate(names) if name in names[:index])
        raise refused(
            f'the key "{twice[:100]}" stands twice in one object', hint="Readers disagree on which of the two counts."
        )
    return made


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise refused(f"a number has {len(digits)} digits, at most {MOST_DIGITS} are read")
    return int(digits)


def _float(text: str) -> float:
    if len(text) > MOST_DIGITS:
        raise refused(f"a number has {len(text)} characters, at most {MOST_DIGITS} are read")
    number = float(text)
    if not math.isfinite(number):
        raise refused(f"the number {text[:40]} is too large for a double")
    return number


def _constant(name: str) -> NoReturn:
    raise refused(f"{name} is not a JSON number")


def _check_texts(value: Any) -> None:
    for text in _texts(value):
        if "\0" in text:
            raise refused("a text holds a NUL character")
        try:
            text.encode()
        except UnicodeEncodeError as fault:
            raise refused("a text holds half of a surrogate pair") from fault


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(text for inner in value.values() for text in _texts(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [text for text in scalars(value) if isinstance(text, str)]
