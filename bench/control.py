"""The machine's own unrest: how late a sleep of 5 ms ends in a process that does nothing else, while a bench runs.

A latency's tail holds whatever else the machine was doing. This figure beside it says how much that was.
"""

import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import orjson

from bench.report import Row, quantile

NAP_S = 0.005
ENDS_WITHIN_S = 10.0


@contextmanager
def control() -> Iterator[list[Row]]:
    """Watch the machine for the length of a `with` block; the list holds the rows once it is over."""
    rows: list[Row] = []
    command = [sys.executable, "-m", "bench.control"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own program
    try:
        yield rows
        told, _ = child.communicate(timeout=ENDS_WITHIN_S)
        late_ms = orjson.loads(told)
        rows += [
            Row("the machine itself: an idle process wakes late, p99", quantile(late_ms, 0.99), "ms"),
            Row("the machine itself, worst", max(late_ms), "ms"),
        ]
    finally:
        child.kill()
        child.wait()


def main() -> None:
    """Sleep again and again until standard input ends; then print how late each sleep ended, in milliseconds."""
    late_ms: list[float] = []
    while True:
        begun = time.monotonic()
        ended, _, _ = select.select([sys.stdin], [], [], NAP_S)
        if ended:
            break
        late_ms.append((time.monotonic() - begun - NAP_S) * 1000)
    sys.stdout.buffer.write(orjson.dumps(late_ms))


if __name__ == "__main__":
    main()
