"""The clock of a worker outlives whatever breaks in one look."""

import threading
from typing import Any, cast

from redis import Redis

from approvalbot.worker import Clock


class Surroundings:
    """A store whose first look breaks in a way nobody foresaw."""

    def __init__(self) -> None:
        self.looks = 0
        self.beaten = threading.Event()

    def next_in_s(self) -> float:
        self.looks += 1
        if self.looks == 1:
            raise ValueError("nobody foresaw this")
        return 1.0

    def set(self, _key: str, _value: str) -> None:
        self.beaten.set()


def test_a_look_that_breaks_does_not_end_the_clock() -> None:
    store = Surroundings()
    clock = Clock(cast("Any", store), cast("Any", None), cast("Redis", store))
    clock.start()
    try:
        assert store.beaten.wait(5), "no deadline would ever be seen again"
    finally:
        clock.stop()
        clock.join(5)
