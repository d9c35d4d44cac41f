"""The expressions of a mapping table, compiled: a path, a join, a constant, or a path with a transform.

    a.b.c            the first usable value that the path finds: not null, not "", no object or list
    "{a}:{b}"        a join; skipped unless every part is there
    "=word"          a constant
    path|transform   email · session_email · host · lower · first_scalar;
                     for outcomes fail_if_present · zero_ok · http · bool

Names that start with `_` come from the delivery and not from the event, so that an event cannot forge them:
`_headers.<lower-cased name>`, `_event` (the x-github-event header), `_received_at`, `_envelope.<path>` and the
constants of the source, such as `_cluster`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from approvalbot.events import outcomes
from approvalbot.events.event import Outcome
from approvalbot.events.paths import FoldedKeys, compile_path
from approvalbot.events.times import parse_time, show_time
from approvalbot.events.values import fan_out, scalars, text_of


class Delivery(NamedTuple):
    """One raw event and what came with it. `headers` are lower-cased; `envelope` is the body the event lay in.

    `folded` is the memory of path look-ups in this event.
    """

    raw: Any
    headers: Mapping[str, str]
    received_at: datetime
    envelope: Any
    constants: Mapping[str, str]
    folded: FoldedKeys


Finder = Callable[[Delivery], list[Any]]
"""The terminals of one name: values of the event, or of its delivery."""

TextRow = Callable[[Delivery], str | None]
OutcomeRow = Callable[[Delivery], Outcome]
TimeRow = Callable[[Delivery], datetime | None]
ListRow = Callable[[Delivery], tuple[str, ...]]

EVENT_HEADER = "x-github-event"
"""The header that `_event` stands for. Source: GitHub Docs, "Webhook events and payloads"."""

_JOIN = re.compile(r"\{([^{}]+)\}")


def _email(text: str) -> str | None:
    return text if "@" in text else None


def _session_email(text: str) -> str | None:
    return _email(text.rsplit("/", 1)[-1])


def _host(text: str) -> str | None:
    """The host of an address or a URL, without port, brackets and path."""
    rest = text.partition("://")[2] or text
    if rest.startswith("["):
        return rest[1:].partition("]")[0] or None
    before, _, port = rest.partition("/")[0].rpartition(":")
    # More than one colon without brackets is an IPv6 address, whose last group is no port.
    return (before if before and ":" not in before and port.isdigit() else rest.partition("/")[0]) or None


TEXT_TRANSFORMS: Mapping[str, Callable[[str], str | None]] = {
    "email": _email,
    "session_email": _session_email,
    "host": _host,
    "lower": str.lower,
}
OUTCOME_TRANSFORMS: Mapping[str, Callable[[Any], Outcome | None]] = {
    "fail_if_present": outcomes.fail_if_present,
    "zero_ok": outcomes.zero_ok,
    "http": outcomes.http,
    "bool": outcomes.true_is_success,
}
FIRST_SCALAR = "first_scalar"


def text_row(expressions: tuple[str, ...]) -> TextRow:
    """The first usable text of a row. Raises ValueError for an expression that cannot be read."""
    finders = tuple(_text(expression) for expression in expressions)
    if len(finders) == 1:
        return finders[0]

    def find(delivery: Delivery) -> str | None:
        for finder in finders:
            if (found := finder(delivery)) is not None:
                return found
        return None

    return find


def list_row(expressions: tuple[str, ...]) -> ListRow:
    """All usable texts of all paths of a row, in order, each once."""
    finders = tuple(_bare(expression) for expression in expressions)

    def find(delivery: Delivery) -> tuple[str, ...]:
        found = (_usable(value) for finder in finders for value in fan_out(finder(delivery)))
        return tuple(dict.fromkeys(text for text in found if text is not None))

    return find


def time_row(expressions: tuple[str, ...]) -> TimeRow:
    """The first value of a row that names a moment."""
    finders = tuple(_bare(expression) for expression in expressions)

    def find(delivery: Delivery) -> datetime | None:
        for finder in finders:
            found = finder(delivery)
            for value in found if len(found) == 1 and type(found[0]) is str else fan_out(found):
                if (moment := parse_time(value)) is not None:
                    return moment
        return None

    return find


def outcome_row(expressions: tuple[str, ...]) -> OutcomeRow:
    """The outcome that the first usable value of a row stands for, else `unknown`."""
    finders = tuple(_outcome(expression) for expression in expressions)

    def find(delivery: Delivery) -> Outcome:
        for finder in finders:
            if (found := finder(delivery)) is not None:
                return found
        return "unknown"

    return find


def name_finder(name: str) -> Finder:
    """How one name is found in a delivery. Raises PathFault for a path that cannot be read."""
    if name == "_event":
        return _header(EVENT_HEADER)
    if name.startswith("_headers."):
        return _header(name.removeprefix("_headers.").lower())
    if name == "_received_at":
        return lambda delivery: [show_time(delivery.received_at)]
    if name.startswith("_envelope."):
        within = compile_path(name.removeprefix("_envelope."))
        return lambda delivery: within(delivery.envelope, {})
    path = compile_path(name)
    if not name.startswith("_"):
        return lambda delivery: path(delivery.raw, delivery.folded)
    return lambda delivery: (
        [delivery.constants[name]] if name in delivery.constants else path(delivery.raw, delivery.folded)
    )


def headers_in(expression: str) -> frozenset[str]:
    """The request headers that an expression reads."""
    return frozenset(
        EVENT_HEADER if name == "_event" else name.removeprefix("_headers.").lower()
        for name in _names(expression)
        if _is_header(name)
    )


def is_of_headers(expression: str) -> bool:
    """Whether an expression reads nothing but headers, and so says the same of every event of a delivery."""
    return all(_is_header(name) for name in _names(expression))


def _names(expression: str) -> list[str]:
    return [name.partition("|")[0] for name in _JOIN.findall(expression) or [expression]]


def _is_header(name: str) -> bool:
    return name == "_event" or name.startswith("_headers.")


def _bare(expression: str) -> Finder:
    """A path alone, in rows that take nothing else."""
    if expression.startswith("=") or "{" in expression or "|" in expression:
        raise ValueError(f"{expression!r}: this row takes paths alone, no constant, join or transform")
    return name_finder(expression)


def _header(name: str) -> Finder:
    return lambda delivery: [delivery.headers[name]] if name in delivery.headers else []


def _text(expression: str) -> TextRow:
    if expression.startswith("="):
        constant = expression[1:]
        return lambda _: constant
    if "{" in expression:
        return _join(expression)
    name, _, transform = expression.partition("|")
    finder = name_finder(name)
    if transform == FIRST_SCALAR:
        return lambda delivery: _first(
            value for found in finder(delivery) for value in scalars(found) if not isinstance(value, bool)
        )
    if not transform:
        return _untransformed(finder)
    change = _known(transform, TEXT_TRANSFORMS)
    return lambda delivery: _first(
        change(text) for value in fan_out(finder(delivery)) if (text := _usable(value)) is not None
    )


def _untransformed(finder: Finder) -> TextRow:
    def find(delivery: Delivery) -> str | None:
        found = finder(delivery)
        if not found:
            return None
        if len(found) == 1 and type(found[0]) is str:
            return found[0] or None
        return _first(fan_out(found))

    return find


def _join(expression: str) -> TextRow:
    parts = [_text(name) for name in _JOIN.findall(expression)]
    between = _JOIN.split(expression)[::2]
    if not parts or any("{" in text or "}" in text for text in between):
        raise ValueError(f"{expression!r} has a brace that does not close; a join is written {{a}}:{{b}}")

    def join(delivery: Delivery) -> str | None:
        found = [part(delivery) for part in parts]
        if any(text is None for text in found):
            return None
        return between[0] + "".join(f"{text}{after}" for text, after in zip(found, between[1:], strict=True))

    return join


def _outcome(expression: str) -> Callable[[Delivery], Outcome | None]:
    name, _, transform = expression.partition("|")
    if transform in OUTCOME_TRANSFORMS and not expression.startswith("="):
        judge, finder = OUTCOME_TRANSFORMS[transform], name_finder(name)
        return lambda delivery: judge(next((v for v in fan_out(finder(delivery)) if v not in (None, "")), None))
    if transform and not expression.startswith("=") and "{" not in expression:
        _known(transform, {**TEXT_TRANSFORMS, **OUTCOME_TRANSFORMS, FIRST_SCALAR: None})
    text = _text(expression)
    return lambda delivery: None if (word := text(delivery)) is None else outcomes.outcome_of(word)


def _known(transform: str, known: Mapping[str, Any]) -> Any:
    if transform not in known:
        raise ValueError(f"|{transform} is no transform here; known are {', '.join(sorted({*known, FIRST_SCALAR}))}")
    return known[transform]


def _first(values: Any) -> str | None:
    return next((text for value in values if (text := _usable(value)) is not None), None)


def _usable(value: Any) -> str | None:
    if value is None or value == "" or isinstance(value, dict | list):
        return None
    return text_of(value)
