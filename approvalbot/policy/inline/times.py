"""The moments of inline tests."""

from datetime import datetime

from approvalbot.events.times import parse_time


def moment_of(text: str) -> datetime:
    """A test's `at`. Loading refuses what is no time, so none comes here."""
    found = parse_time(text)
    if found is None:
        raise ValueError(f'"{text}" is no time')
    return found
