"""The names a document may use: raw fields of the vendor, and the `$` names that normalising and delivery give."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from approvalbot.events.event import Event
from approvalbot.events.paths import Find, PathFault, compile_path
from approvalbot.events.times import show_time
from approvalbot.events.values import fan_out, text_of
from approvalbot.policy.conditions.view import Field, View
from approvalbot.policy.faults import guess, parted


def _moment(value: datetime | None) -> str | None:
    return None if value is None else show_time(value)


EVENT_NAMES: Mapping[str, Callable[[Event], Any]] = {
    "$id": lambda event: event.id,
    "$time": lambda event: _moment(event.time),
    "$received_at": lambda event: _moment(event.received_at),
    "$action": lambda event: event.action,
    "$outcome": lambda event: event.outcome,
    "$reason": lambda event: event.reason,
    "$actor.id": lambda event: event.text("actor.id"),
    "$actor.name": lambda event: event.text("actor.name"),
    "$actor.email": lambda event: event.text("actor.email"),
    "$actor.type": lambda event: event.text("actor.type"),
    "$actor.ip": lambda event: event.text("actor.ip"),
    "$actor.user_agent": lambda event: event.text("actor.user_agent"),
    "$actor.groups": lambda event: list(event.actor.groups),
    "$resource.id": lambda event: event.text("resource.id"),
    "$resource.type": lambda event: event.text("resource.type"),
    "$resource.name": lambda event: event.text("resource.name"),
    "$source.name": lambda event: event.source_name,
    "$source.service": lambda event: event.text("source.service"),
    "$source.tenant": lambda event: event.text("source.tenant"),
    "$source.region": lambda event: event.text("source.region"),
    "$event.dedupe_id": lambda event: event.id or event.identity,
}
"""The `$` names of an event, complete but for `$header.<name>` and `$raw.<path>`."""

HEADER = "$header."
RAW = "$raw."


class NameFault(ValueError):
    """A field name that cannot be used; `hint` says what to write."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint


@lru_cache(maxsize=65_536)
def event_field(name: str) -> Field:
    """The field that `name` stands for in one of our documents.

    Raises:
        NameFault: an unknown `$` name, or a path that cannot be read.
    """
    if not name.startswith("$"):
        return _raw_field(name, name)
    if name.startswith(RAW):
        return _raw_field(name, name.removeprefix(RAW))
    if name.startswith(HEADER) and len(name) > len(HEADER):
        header = name.removeprefix(HEADER).lower()
        return Field(name, lambda view: [view.event.headers[header]] if header in view.event.headers else [])
    read = EVENT_NAMES.get(name)
    if read is None:
        known = [*EVENT_NAMES, "$header.<name>", "$raw.<path>"]
        raise NameFault(f"{name} is no name of an event", guess(name, known))
    return Field(name, lambda view: _present(read(view.event)))


@lru_cache(maxsize=65_536)
def sigma_field(name: str, aliases: tuple[str, ...] = (), *, any_case: bool = False) -> Field:
    """The field that `name` stands for in a Sigma file: a raw path, or the first alias that is there.

    Brackets are part of a key there, and case counts except for vendors whose own casing varies (`any_case`). An alias
    is a path of ours, or one with a text around it: `{id.applicationName}.googleapis.com`.
    """
    own = compile_path(name, selectors=False, any_case=any_case)
    paths = (own, *(_alias(one) for one in aliases))
    if len(paths) == 1:
        return _raw(name, name, own)

    def find(view: View) -> list[Any]:
        for path in paths:
            if found := path(view.raw, view.folded_keys):
                return found
        return []

    return Field(name, find, name)


def _alias(written: str) -> Find:
    before, opened, rest = written.partition("{")
    if not opened:
        return compile_path(written)
    path, _, after = rest.partition("}")
    inner = compile_path(path)
    return lambda raw, folded: [
        f"{before}{text_of(value)}{after}" for value in fan_out(inner(raw, folded)) if value is not None
    ]


def _raw_field(name: str, path: str) -> Field:
    try:
        return _raw(name, path, compile_path(path))
    except PathFault as fault:
        raise NameFault(*parted(str(fault))) from fault


def _raw(name: str, key: str, path: Find) -> Field:
    return Field(name, lambda view: path(view.raw, view.folded_keys), key)


def _present(value: Any) -> list[Any]:
    """A normalised value that is null is not there; a list without entries neither."""
    return [] if value is None or value == [] else [value]
