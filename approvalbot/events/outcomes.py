"""How an event ended, in one of four words, from the many words of the sources."""

from collections.abc import Mapping
from typing import Any

from approvalbot.events.event import Outcome
from approvalbot.events.values import text_of

_WORDS: Mapping[Outcome, frozenset[str]] = {
    "success": frozenset({"success", "succeeded", "ok", "allow", "accept", "accepted", "active"})
    | {"0", "200", "201", "202"},
    "failure": frozenset({"failure", "failed", "fail", "error", "client_error", "server_error"})
    | {"timed_out", "cancelled", "rejected"},
    "denied": frozenset({"deny", "denied", "blocked", "forbidden", "unauthorized", "401", "403"}),
}
_BY_WORD: Mapping[str, Outcome] = {word: outcome for outcome, words in _WORDS.items() for word in words}
_BOOLEANS: Mapping[str, Outcome] = {"true": "success", "false": "failure"}
_DENIALS = ("denied", "unauthorized", "forbidden")
_GRPC_DENIED = frozenset({7, 16})
"""PERMISSION_DENIED and UNAUTHENTICATED. Source: google.rpc.Code."""


def outcome_of(value: Any) -> Outcome:
    """The outcome that a word or number of a source stands for; a word nobody listed is `unknown`."""
    word = text_of(value).strip().casefold()
    return _BY_WORD.get(word) or ("failure" if _number(word) is not None else "unknown")


def fail_if_present(value: Any) -> Outcome:
    """An error field: absent is success, a word of refusal is denied, anything else failure."""
    if value is None:
        return "success"
    word = text_of(value).casefold()
    return "denied" if any(denial in word for denial in _DENIALS) else "failure"


def zero_ok(value: Any) -> Outcome | None:
    """A google.rpc status code: absent or 0 is success."""
    if value is None:
        return "success"
    code = _number(text_of(value))
    if code is None:
        return None
    return "success" if code == 0 else "denied" if code in _GRPC_DENIED else "failure"


def http(value: Any) -> Outcome | None:
    """An HTTP status code; absent says nothing."""
    code = None if value is None else _number(text_of(value))
    if code is None:
        return None
    return "success" if code < 400 else "denied" if code in {401, 403} else "failure"


def true_is_success(value: Any) -> Outcome | None:
    """A boolean; anything else says nothing."""
    return _BOOLEANS.get("" if value is None else text_of(value).casefold())


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None
