"""An envelope around an event, as authors give events to the tools: where it came from, with which headers, and when.

`{"source", "headers"?, "at"?, "event"}`; its words go before those of the command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from approvalbot.errors import BadInput
from approvalbot.events.cloudevents import fold_binary_mode, is_binary_mode
from approvalbot.events.times import parse_time

ENVELOPE = frozenset({"source", "headers", "at", "event"})


@dataclass(frozen=True, slots=True)
class Delivered:
    """How an event came: from which source (empty: nobody said), with which headers (lower-cased), when.

    `timed` tells a time that was given from one that is taken because none was.
    """

    at: datetime
    source: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    timed: bool = False


def opened(value: Any, delivered: Delivered) -> tuple[Any, Delivered]:
    """What an envelope holds and how it came; anything else came as `delivered` says.

    Raises:
        BadInput: an envelope whose words cannot be used.
    """
    if type(value) is dict and "event" in value and "source" in value and value.keys() <= ENVELOPE:
        value, delivered = value["event"], _told(value, delivered)
    if delivered.headers and is_binary_mode(delivered.headers):
        value = fold_binary_mode(delivered.headers, value)
    return value, delivered


def _told(envelope: dict[str, Any], delivered: Delivered) -> Delivered:
    source, headers, at = envelope["source"], envelope.get("headers") or {}, envelope.get("at")
    if not headers and at is None and type(source) is str:
        return _came_from(source, delivered.at, delivered.timed)
    if not isinstance(headers, dict) or not isinstance(source, str):
        raise BadInput("event_invalid", 'An envelope is {"source": text, "headers": map, "at": time, "event": map}.')
    moment = delivered.at if at is None else parse_time(at)
    if moment is None:
        raise BadInput("event_invalid", "The envelope's at, {at}, is no time.", at=str(at)[:80])
    lowered = {str(name).lower(): str(one) for name, one in headers.items()}
    return Delivered(moment, source, lowered, timed=delivered.timed if at is None else True)


@lru_cache(maxsize=256)
def _came_from(source: str, at: datetime, timed: bool) -> Delivered:  # noqa: FBT001 - a key of the cache
    """The same for every envelope that says no more than its source."""
    return Delivered(at, source, timed=timed)
