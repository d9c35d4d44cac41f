"""CPU time of something that runs in this process: the fewest seconds of several runs, since others use the machine."""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def best_of(runs: int, work: Callable[[], T]) -> tuple[float, T]:
    """The fewest CPU seconds of `runs` runs, and what the last one gave."""
    best = float("inf")
    for _ in range(runs):
        gc.collect()
        started = time.process_time()
        found = work()
        best = min(best, time.process_time() - started)
    return best, found
