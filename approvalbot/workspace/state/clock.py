"""The time of the workspace, and the `ts` values made from it."""

import time
from collections import defaultdict
from collections.abc import Callable


class Clock:
    """Wall time in Unix seconds, plus what Slack derives from it. `read` is replaceable so that tests may set it."""

    def __init__(self, read: Callable[[], float] = time.time) -> None:
        self.read = read
        self._last: dict[str, int] = defaultdict(int)

    def now_s(self) -> float:
        """Unix seconds, with fraction."""
        return self.read()

    def next_ts(self, channel: str) -> str:
        """A message's `ts`: seconds and six digits, greater than every earlier one of the channel."""
        micros = max(int(self.read() * 1_000_000), self._last[channel] + 1)
        self._last[channel] = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def has_seen(self, channel: str, ts: str) -> None:
        """Remember a `ts` that was read back from the disk, so that the next one is later."""
        self._last[channel] = max(self._last[channel], ts_micros(ts))


def ts_micros(ts: str) -> int:
    """A `ts` as a number that orders correctly.

    Raises:
        ValueError: it is not digits, a dot and six digits.
    """
    seconds, dot, micros = ts.partition(".")
    if not dot or not seconds.isdigit() or len(seconds) > 12 or len(micros) != 6 or not micros.isdigit():
        raise ValueError(f"{ts!r} is not a Slack timestamp")
    return int(seconds) * 1_000_000 + int(micros)
