"""`when:`, the last resort: an expression in Google's Common Expression Language, behind the optional `cel` extra.

It runs only after everything else matched, and its result must be a boolean. Whatever goes wrong is an evaluation
fault, never "no match". A missing step in `event.a.b` is an error in CEL, so one writes `event.?a.?b.orValue("")`; a
null of the event is left out of what CEL sees, since it would be an error even then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any

from approvalbot.events.event import Event
from approvalbot.policy.faults import EvaluationFault

EXTRA = "cel"
"""The optional dependency that brings the language: `pip install 'approvalbot[cel]'`."""

Names = Mapping[str, Any]
_NAMES = ("event", "actor", "resource", "source", "headers", "now")


class WhenFault(ValueError):
    """An expression that does not compile, or a language that is not installed."""


@dataclass(frozen=True)
class When:
    """A compiled `when:`. `evaluate` gives the expression's value, or raises ValueError with what went wrong."""

    source: str
    evaluate: Callable[[Names], Any] = field(repr=False)

    def holds(self, event: Event, now: datetime) -> bool:
        """Whether the expression is true for an event.

        Raises:
            EvaluationFault: it failed, or gave something else than a boolean.
        """
        try:
            value = self.evaluate(names_of(event, now))
        except (ValueError, RuntimeError, TypeError, OverflowError) as fault:
            raise EvaluationFault(f"when: {fault}") from fault
        if not isinstance(value, bool):
            raise EvaluationFault(f"when: gave {value!r}, which is neither true nor false")
        return value


def names_of(event: Event, now: datetime) -> dict[str, Any]:
    """What an expression may name."""
    actor = ("id", "name", "email", "type", "ip", "user_agent")
    return {
        "event": _without_nulls(event.raw),
        "actor": _without_nulls({name: getattr(event.actor, name) for name in actor}),
        "resource": _without_nulls({name: getattr(event.resource, name) for name in ("id", "type", "name")}),
        "source": _without_nulls(
            {name: getattr(event.source, name) for name in ("name", "service", "tenant", "region")}
        ),
        "headers": dict(event.headers),
        "now": now,
    }


def compile_when(source: str) -> When:
    """The expression, ready to run.

    Raises:
        WhenFault: the extra is not installed, or the expression does not compile or can never be a boolean.
    """
    try:
        # Imported here because it is optional, and because its 14 MB are needed only where somebody writes `when:`.
        cel: Any = import_module("cel_expr_python.cel")
        optional: Any = import_module("cel_expr_python.ext.ext_optional")
    except ImportError as fault:
        raise WhenFault(
            f"when needs the {EXTRA} extra, which is not installed; run pip install 'approvalbot[{EXTRA}]'"
        ) from fault
    kind = cel.Type
    variables = {name: kind.TIMESTAMP if name == "now" else kind.DYN for name in _NAMES}
    try:
        expression = cel.NewEnv(variables=variables, extensions=[optional.ExtOptional()]).compile(source)
    except RuntimeError as fault:
        raise WhenFault(f"{_first_line(str(fault))}; mend the expression, which is one of CEL") from fault
    if expression.return_type().name() not in {kind.BOOL.name(), kind.DYN.name()}:
        raise WhenFault(
            f"{source!r} gives {expression.return_type().name()}, not true or false;"
            " write a comparison, such as event.amount > 100"
        )

    def evaluate(names: Names) -> Any:
        value = expression.eval(data=names)
        if value.type() == kind.ERROR:
            raise ValueError(_first_line(str(value.value())))
        return value.plain_value()

    return When(source, evaluate)


def _first_line(told: str) -> str:
    return told.removeprefix("INVALID_ARGUMENT: ").removeprefix("ERROR: <input>:").partition("\n")[0].strip()


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value]
    return value
