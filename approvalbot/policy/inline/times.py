"""The moments of inline tests."""

from datetime import UTC, datetime

from approvalbot.events.times import parse_time


def moment_of(text: str) -> datetime:
    """A test's `at`. One that names no moment counts as the beginning of 1970, which no policy is about."""
    return parse_time(text) or datetime(1970, 1, 1, tzinfo=UTC)
