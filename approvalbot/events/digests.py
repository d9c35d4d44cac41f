"""Digests: the sha256 of canonical JSON (RFC 8785), and the identity that a redelivered event shares.

RFC 8785 writes every number as a double, so two integers beyond 2^53 could share one digest. We follow RFC 7493,
section 2.2, to which RFC 8785 refers in its appendix D: such an integer is written as a JSON string of its decimal
digits. A receiver that checks a digest of an event with such a number has to do the same.
"""

import hashlib
from typing import Any

import orjson
import rfc8785

EXACT_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly. Source: RFC 7493, section 2.2."""


_PLAIN_SCALARS = frozenset({str, bool, type(None)})


def canonical_json(value: Any) -> bytes:
    """`value` as RFC 8785 JSON: sorted keys, no spaces, one way to write each number.

    Raises:
        ValueError: a number that is not finite, or a text with half a surrogate pair; neither passes the reader.
    """
    if not _is_plain(value):
        return rfc8785.dumps(_without_wide_integers(value))
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as fault:
        raise ValueError(f"no canonical JSON: {fault}") from fault


def digest_of(value: Any) -> str:
    """The sha256 of the canonical JSON of `value`, in hex."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def identity_of(source: str, event_id: str | None, raw: Any) -> str:
    """What two deliveries of one event share, in hex: its source and id, or its whole body where it has no id.

    A source's name holds no unit separator, so no pair of name and id can be spelled in two ways.
    """
    named = f"{source}\x1fid\x1f{event_id}".encode() if event_id else f"{source}\x1fbody\x1f".encode()
    return hashlib.sha256(named if event_id else named + canonical_json(raw)).hexdigest()


def _is_plain(value: Any) -> bool:
    """Whether orjson's sorted output is canonical: no float, no wide integer, no key beyond the basic plane.

    orjson writes floats its own way, and sorts keys by code point where RFC 8785 sorts by UTF-16 unit; the two orders
    differ only once a key leaves the basic plane.
    """
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and (key.isascii() or max(key) < "\ud800") for key in value) and all(
            map(_is_plain, value.values())
        )
    if kind is list:
        return all(map(_is_plain, value))
    if kind is int:
        return bool(-EXACT_INTEGER <= value <= EXACT_INTEGER)
    return kind in _PLAIN_SCALARS


def _without_wide_integers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_wide_integers(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_wide_integers(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > EXACT_INTEGER:
        return str(value)
    return value
