"""Events as an author gives them to the tools: a vendor's raw event, an array, NDJSON, or an envelope around one.

What is no event, or not JSON, is refused in one sentence, as the webhook refuses it.
"""

from collections.abc import Iterator
from typing import Any

from approvalbot.errors import BadInput
from approvalbot.events.bodies import is_lines, read_lines
from approvalbot.events.event import Event
from approvalbot.events.normalise import BadEvent, normalise, unwrap, visible_headers
from approvalbot.events.reading import read_json
from approvalbot.policy.envelopes import Delivered, opened
from approvalbot.policy.policyset import PolicySet


def events_in(policies: PolicySet, body: bytes, delivered: Delivered) -> Iterator[Event]:
    """The events of a body, normalised.

    Raises:
        BadInput: no JSON, no event, or an event that no source or several could have sent.
    """
    for value in _values(body):
        inner, how = opened(value, delivered)
        yield from _normalised(policies, inner, how)


def _values(body: bytes) -> Iterator[Any]:
    if not is_lines(body):
        yield read_json(body, strict=True)
        return
    for line in read_lines(body, strict=True):
        if line.fault is not None:
            raise BadInput(
                line.fault.code, "line {number}: {why}", number=line.number, why=line.fault.text()
            ) from line.fault
        yield line.value


def _normalised(policies: PolicySet, value: Any, how: Delivered) -> Iterator[Event]:
    source = policies.sources[_source(policies, value, how.source)]
    table = policies.tables[source.mapping]
    for raw in unwrap(table, value):
        if isinstance(raw, BadEvent):
            raise raw.fault()
        yield normalise(
            table,
            raw,
            source=source.name,
            headers=visible_headers(table, how.headers, source.headers),
            received_at=how.at,
            constants=source.set,
        )


def _source(policies: PolicySet, value: Any, named: str) -> str:
    """The source that is named, or the only one whose events look like this one."""
    known = list(policies.sources)
    if named:
        if named not in policies.sources:
            hint = f"Known are {', '.join(known) or 'none'}."
            raise BadInput("unknown_source", "There is no source {name} in this folder.", hint=hint, name=named)
        return named
    fitting = [name for name in known if _fits(policies, name, value)]
    # A mapping without marks of its own takes any event, so one that knows its events by their keys goes first.
    marked = [name for name in fitting if policies.table_of(name).detect]
    found = marked or fitting
    if len(found) != 1:
        told = "could have come from several sources" if found else "is no event of any source in this folder"
        hint = f"Say which with --source: {', '.join(found or known) or 'there are none'}."
        raise BadInput("event_invalid", f"This {told}.", hint=hint)
    return found[0]


def _fits(policies: PolicySet, name: str, value: Any) -> bool:
    return not any(isinstance(raw, BadEvent) for raw in unwrap(policies.table_of(name), value))
