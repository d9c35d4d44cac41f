"""Times as audit logs write them, read as aware UTC datetimes."""

import re
from datetime import UTC, datetime
from typing import Any

LONGEST_TIME = 64
"""Characters of a time text. Chosen by us: the longest form of ISO 8601 in use has 35."""

_EPOCH = re.compile(r"-?[0-9]{9,19}(\.[0-9]{1,9})?")
# Seconds until the year 5138, milliseconds from 1973, then micro- and nanoseconds: the ranges do not overlap for any
# time an audit log reports.
_EPOCH_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (float("inf"), 1e9))


def parse_time(value: Any) -> datetime | None:
    """The moment that `value` names, in UTC, or None where it names none.

    Read are ISO 8601 with `T` or a space, with up to nine decimals, any offset, `Z` or `z`; a time without an offset is
    taken as UTC. Numbers, and texts of at least nine digits, are seconds, milliseconds, micro- or nanoseconds since
    1970, by their size.
    """
    if isinstance(value, str):
        if len(value) > LONGEST_TIME:
            return None
        text = value.strip()
        # What has a dash after its year is no number; nearly all audit logs write it like that.
        if text[4:5] != "-" and _EPOCH.fullmatch(text):
            return _from_epoch(float(text))
        return _from_iso(text)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_epoch(float(value))
    return None


def show_time(moment: datetime) -> str:
    """A moment as the text that policies compare and messages show: `2026-03-03T12:00:00Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _from_epoch(number: float) -> datetime | None:
    unit = next((unit for limit, unit in _EPOCH_UNITS if abs(number) < limit), None)
    if unit is None:
        return None
    try:
        return datetime.fromtimestamp(number / unit, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _from_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is UTC:
            return moment
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        if text.endswith(("z", " UTC")):
            return _from_iso(text.removesuffix("z").removesuffix(" UTC") + "Z")
        return None
