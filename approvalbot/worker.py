"""What RQ runs by name, and the clock that every worker process carries.

`wake` and `perform` are the only two things a job can ask for (`store/jobs.py`). The clock sleeps to the next deadline,
at most a quarter of a second, claims what is due and hands it on; that it did so is the heartbeat `/readyz` looks at.
"""

import threading
import time
from collections.abc import Callable

from redis import Redis
from redis.exceptions import RedisError

from approvalbot.errors import MoveRefused, NotFound, Unavailable
from approvalbot.flow.advance import advance
from approvalbot.flow.audit import sweep
from approvalbot.flow.perform import perform as perform_effect
from approvalbot.flow.ports import Journey
from approvalbot.log import get_logger
from approvalbot.request.moves import Wake
from approvalbot.store import keys
from approvalbot.store.jobs import PERFORM, WAKE, Jobs, make_worker
from approvalbot.store.outbox import Clockwork

log = get_logger("worker")

LONGEST_SLEEP_S = 0.25
"""Seconds between looks at the clock when nothing is due: a deadline set meanwhile is at most this late."""

BEAT_S = 2.0
"""Seconds between two heartbeats."""


def wake(journey: Journey, request_id: str) -> None:
    """See what is due on a request. Doing it twice, or too early, does nothing."""
    try:
        advance(journey, request_id, Wake())
    except (MoveRefused, NotFound) as fault:
        log.info("nothing to wake", request_id=request_id, why=fault.code)
    except Unavailable:
        # The deadline stays where it is; the clock claims it again in a few seconds.
        log.warning("store unavailable", request_id=request_id)


def perform(journey: Journey, effect_ids: str) -> None:
    """Perform effects, named one after the other with commas. One that breaks does not hold up the next."""
    for effect_id in effect_ids.split(","):
        try:
            perform_effect(journey, effect_id)
        except Unavailable:
            log.warning("store unavailable", effect=effect_id)
        except Exception as fault:  # outermost edge: the lease runs out and the effect is driven again
            log.exception("effect broke", effect=effect_id, error=type(fault).__name__)


class Clock(threading.Thread):
    """Hands on what is due."""

    def __init__(
        self, clockwork: Clockwork, jobs: Jobs, redis: "Redis", now_s: Callable[[], float] = time.time
    ) -> None:
        super().__init__(name="clock", daemon=True)
        self._clockwork = clockwork
        self._jobs = jobs
        self._redis = redis
        self._now_s = now_s
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End after the current look."""
        self._stopped.set()

    def run(self) -> None:
        """Look, hand on, sleep; a store that does not answer is asked again in a second."""
        beat_at = 0.0
        while not self._stopped.is_set():
            try:
                wait_s = self._clockwork.next_in_s()
                if wait_s <= 0 and sweep(self._clockwork, self._jobs):
                    continue
                if time.monotonic() >= beat_at:
                    self._redis.set(keys.AUDITOR, str(self._now_s()))
                    beat_at = time.monotonic() + BEAT_S
            except (Unavailable, RedisError):
                wait_s = 1.0
                log.warning("clock cannot reach the store")
            except Exception as fault:  # outermost edge: a clock that stopped would let every deadline pass unseen
                wait_s = 1.0
                log.exception("clock broke", error=type(fault).__name__)
            self._stopped.wait(min(max(wait_s, 0.005), LONGEST_SLEEP_S))


def run_worker(journey: Journey, jobs: Jobs, redis: "Redis", queue: str, *, rq_redis: "Redis", key: bytes) -> None:
    """Work on one queue until told to stop, with a clock beside.

    `rq_redis` is RQ's own connection: it waits in it for longer than any of ours may.
    """
    table = {WAKE: lambda name: wake(journey, name), PERFORM: lambda names: perform(journey, names)}
    clock = Clock(Clockwork(redis), jobs, redis)
    clock.start()
    try:
        make_worker(rq_redis, queue, key, table).work(logging_level="WARNING")
    finally:
        clock.stop()
