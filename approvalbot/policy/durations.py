"""Durations as people write them in policies: `30s`, `10m`, `2h`, `7d`."""

import re

_FORM = re.compile(r"([1-9][0-9]{0,8})([smhd])")
_WORDS = re.compile(
    r"\s*0*([1-9][0-9]{0,8})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\s*", re.IGNORECASE
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

LONGEST_S = 366 * 86_400
"""A year: longer is taken for a slip. Chosen by us; no request or grant is meant to live that long."""


def parse_duration(text: object) -> int:
    """Seconds in a duration of one unit, more than zero and at most a year.

    Raises:
        ValueError: anything else, with what to write instead.
    """
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{text!r} is not a duration; write {_meant(text)}")
    seconds = int(found[1]) * _UNITS[found[2]]
    if seconds > LONGEST_S:
        raise ValueError(f"{text!r} is longer than a year; write 365d or less")
    return seconds


def parse_or_off(text: object, least_s: int, most_s: int) -> int:
    """Seconds in a duration between two bounds, or 0 for `off` and `0s`.

    Raises:
        ValueError: anything else, with what to write instead.
    """
    if text in ("off", "0s"):
        return 0
    seconds = parse_duration(text)
    if not least_s <= seconds <= most_s:
        least, most = show_duration(least_s), show_duration(most_s)
        raise ValueError(f"{text!r} is not within {least} to {most}; write a time between, or off")
    return seconds


def _meant(text: object) -> str:
    """What somebody who wrote `15 min` meant to write."""
    found = _WORDS.fullmatch(text) if isinstance(text, str) else None
    return f"{int(found[1])}{found[2][0].lower()}" if found else "a number and one unit, such as 30s, 10m, 2h or 7d"


def show_duration(seconds: float) -> str:
    """A duration for a reader, in its two largest units: `45 s`, `15 min`, `2 h 30 min`, `3 d`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    parts = []
    for size, name in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])
