"""The small language in which Block Kit's tables are written: a check per field, and closed objects of fields.

A check takes the findings, the value and the JSON pointer of the value, and writes down what is wrong. It never
raises, whatever the value is: Slack answers any nonsense with a list of faults.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from approvalbot.workspace.blockkit.findings import Findings, kind_of

Check = Callable[[Findings, Any, str], None]


@dataclass(frozen=True, slots=True)
class Need:
    """A field that must be there. A bare check is a field that may be absent."""

    check: Check


Fields = Mapping[str, Check | Need]


def pointer_to(pointer: str, key: str | int) -> str:
    """The JSON pointer one step deeper (RFC 6901)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def string(limit: int, *, minimum: int = 1) -> Check:
    """A text of `minimum` to `limit` characters, counted in code points."""

    def check(findings: Findings, value: Any, pointer: str) -> None:
        if not isinstance(value, str):
            findings.add(pointer, "wrong_type", f"must be a string, not {kind_of(value)}")
        elif len(value) > limit:
            findings.add(pointer, "too_long", f"must be less than {limit + 1} characters", limit)
        elif len(value) < minimum:
            findings.add(pointer, "too_short", f"must be more than {minimum - 1} characters", minimum)

    return check


def url(limit: int = 3000) -> Check:
    """An http or https address, or mailto."""
    length = string(limit)

    def check(findings: Findings, value: Any, pointer: str) -> None:
        length(findings, value, pointer)
        if isinstance(value, str) and value and not re.match(r"(https?://[^\s]+|mailto:[^\s]+)$", value):
            findings.add(pointer, "invalid_url", "must be a valid url")

    return check


def matching(pattern: str, what: str) -> Check:
    """A text that matches `pattern` as a whole; `what` is what the message says it must be."""
    compiled = re.compile(pattern)

    def check(findings: Findings, value: Any, pointer: str) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            findings.add(pointer, "invalid_value", f"must be {what}")

    return check


def is_date(value: str) -> bool:
    """Whether a text is a day of the calendar, such as 2026-05-31."""
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def calendar_day(findings: Findings, value: Any, pointer: str) -> None:
    """A day of the calendar; February has no 30th."""
    if not isinstance(value, str) or not is_date(value):
        findings.add(pointer, "invalid_value", "must be a date such as 2026-05-31")


def one_of(*allowed: str) -> Check:
    """One of a few texts."""

    def check(findings: Findings, value: Any, pointer: str) -> None:
        if value not in allowed:
            listed = ", ".join(allowed)
            findings.add(pointer, "invalid_value", f"must be one of: {listed}", listed)

    return check


def flag(findings: Findings, value: Any, pointer: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        findings.add(pointer, "wrong_type", f"must be a boolean, not {kind_of(value)}")


def integer(low: int, high: int) -> Check:
    """A whole number from `low` to `high`."""

    def check(findings: Findings, value: Any, pointer: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            findings.add(pointer, "wrong_type", f"must be an integer, not {kind_of(value)}")
        elif not low <= value <= high:
            findings.add(pointer, "out_of_range", f"must be between {low} and {high}", f"{low}..{high}")

    return check


def anything(_findings: Findings, _value: Any, _pointer: str) -> None:
    """Whatever it is: a field that Slack documents without a rule."""


def items(check_item: Check, low: int, high: int) -> Check:
    """A list of `low` to `high` items."""

    def check(findings: Findings, value: Any, pointer: str) -> None:
        if not isinstance(value, list):
            findings.add(pointer, "wrong_type", f"must be an array, not {kind_of(value)}")
            return
        if len(value) > high:
            findings.add(pointer, "too_many", f"no more than {high} items allowed", high)
        if len(value) < low:
            findings.add(pointer, "too_few", f"at least {low} item{'s' if low > 1 else ''} required", low)
        # What lies over the limit is not looked at: one fault says it all, and a flood stays cheap to refuse.
        for index, item in enumerate(value[:high]):
            check_item(findings, item, pointer_to(pointer, index))

    return check


def closed(fields: Fields) -> Check:
    """An object that holds these fields, the needed ones at least, and nothing else."""

    def check(findings: Findings, value: Any, pointer: str) -> None:
        if not isinstance(value, dict):
            findings.add(pointer, "wrong_type", f"must be an object, not {kind_of(value)}")
            return
        for name, rule in fields.items():
            if name in value:
                inner = rule.check if isinstance(rule, Need) else rule
                inner(findings, value[name], pointer_to(pointer, name))
            elif isinstance(rule, Need):
                findings.add(pointer, "missing_field", f"missing required field: {name}", name)
        for name in value.keys() - fields.keys():
            findings.add(pointer_to(pointer, name), "unknown_field", f"invalid additional property: {name}", name)

    return check


def typed(kinds: Mapping[str, Check], allowed: Iterable[str] | None = None) -> Check:
    """An object whose `type` picks its table; with `allowed`, only some of the known types may stand here."""
    here = frozenset(kinds if allowed is None else allowed)

    def check(findings: Findings, value: Any, pointer: str) -> None:
        if not isinstance(value, dict):
            findings.add(pointer, "wrong_type", f"must be an object, not {kind_of(value)}")
            return
        kind = value.get("type")
        if "type" not in value:
            findings.add(pointer, "missing_field", "missing required field: type", "type")
        elif not isinstance(kind, str) or kind not in kinds:
            findings.add(pointer_to(pointer, "type"), "unknown_type", f"unsupported type: {str(kind)[:100]}")
        elif kind not in here:
            findings.add(pointer_to(pointer, "type"), "not_allowed", f"{kind} is not allowed here")
        else:
            kinds[kind](findings, value, pointer)

    return check


def both(*checks: Check) -> Check:
    """All of several checks, one after the other."""

    def check(findings: Findings, value: Any, pointer: str) -> None:
        for one in checks:
            one(findings, value, pointer)

    return check


def when_object(look: Callable[[Findings, dict[str, Any], str], None]) -> Check:
    """A check across the fields of an object; anything that is no object was already reported by its table."""

    def check(findings: Findings, value: Any, pointer: str) -> None:
        if isinstance(value, dict):
            look(findings, value, pointer)

    return check
