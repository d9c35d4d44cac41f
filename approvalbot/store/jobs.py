"""The RQ queues: signed jobs that name what to do, and a worker that can do nothing else.

RQ carries work and nothing more. Whoever can write to Redis could otherwise run code through it, with JSON as well as
with pickle (measured: a job whose data named `os.system` ran). So a job here is a name from a short list and an id,
signed with a key that is not in Redis; the job class looks the name up in a table and never imports anything, and drops
every other thing a job's hash could bring: callbacks, webhooks, dependencies, repeats.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import orjson
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from approvalbot.log import get_logger

log = get_logger("jobs")

TIME_QUEUE, EFFECT_QUEUE = "approvalbot-time", "approvalbot-effects"
"""One queue for each worker process: RQ loses a job that a worker popped from one of several (rq/rq #1716)."""

WAKE, PERFORM = "approvalbot.worker.wake", "approvalbot.worker.perform"
QUEUE_OF: Mapping[str, str] = {WAKE: TIME_QUEUE, PERFORM: EFFECT_QUEUE}

JOB_TIMEOUT_S = 55
"""Seconds one job may run: less than an effect is held (`leases.LONGEST_S`), so that two never hold the same one."""

WORKER_TTL_S = 30
MAINTENANCE_S = 30
"""RQ's own defaults (420 s, 600 s) leave a killed worker's jobs lying for many minutes; ours is driven again anyway."""


def signature(key: bytes, name: str, argument: str) -> str:
    """The signature of a job: HMAC-SHA-256 over its name and its one argument."""
    return hmac.digest(key, f"{name}\n{argument}".encode(), hashlib.sha256).hex()


class Jobs:
    """Enqueues signed jobs. Losing one, or Redis, loses nothing: what was committed is driven again."""

    def __init__(self, redis: "Redis", key: bytes) -> None:
        self._queues = {name: Queue(name, connection=redis, serializer=JSONSerializer) for name in QUEUE_OF.values()}
        self._redis = redis
        self._key = key

    def send(self, effect_ids: Sequence[str], *, first: bool = False) -> None:
        """Ask one worker to perform these effects, in this order; `first` before what waits already."""
        if effect_ids:
            self._enqueue(PERFORM, [",".join(effect_ids)], first=first)

    def wake(self, request_ids: Sequence[str]) -> None:
        """Ask a worker to see what is due."""
        self._enqueue(WAKE, request_ids)

    def _enqueue(self, name: str, arguments: Sequence[str], *, first: bool = False) -> None:
        queue = self._queues[QUEUE_OF[name]]
        try:
            with self._redis.pipeline() as pipe:
                for argument in arguments:
                    queue.enqueue_call(
                        name,
                        args=(argument, signature(self._key, name, argument)),
                        job_id=_job_id(name, argument),
                        timeout=JOB_TIMEOUT_S,
                        result_ttl=0,
                        failure_ttl=60,
                        description=name,
                        at_front=first,
                        pipeline=pipe,
                    )
                pipe.execute()
        except RedisError as fault:
            log.warning("not enqueued", count=len(arguments), error=type(fault).__name__)

    def waiting(self) -> dict[str, int]:
        """How many jobs wait in each queue."""
        return {name: queue.count for name, queue in self._queues.items()}


def _job_id(name: str, argument: str) -> str:
    """Unique for each request, version and step. A second enqueue rewrites the job; the id may then stand in the queue
    twice, and whoever comes second finds nothing left to do.
    """
    first = argument.partition(",")[0]
    return f"{name.rsplit('.', 1)[-1]}-{first.replace(':', '-')}"


class SignedJob(Job):
    """A job that can only be one of ours. `signing_key` and `table` are set once, when the worker starts."""

    signing_key: ClassVar[bytes] = b""
    table: ClassVar[Mapping[str, Callable[[str], None]]] = {}

    def restore(self, raw_data: Any) -> Any:
        """Read a job from Redis, without any of the ways in which it could name code or addresses."""
        super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []
        self._dependency_ids = []
        self.repeats_left = None
        self.retries_left = None

    def perform(self) -> None:
        """Do what the job names, if it is on the list and signed. Nothing is imported by name.

        Raises:
            ForgedJob: neither; somebody else writes to our Redis.
        """
        name, argument = self._read()
        self.table[name](argument)

    def _read(self) -> tuple[str, str]:
        try:
            name, instance, args, kwargs = orjson.loads(self.data)
            argument, given = args
        except (ValueError, TypeError) as fault:
            raise ForgedJob("job data is not of our form") from fault
        signed = isinstance(argument, str) and isinstance(given, str) and instance is None and kwargs == {}
        if not signed or name not in self.table:
            raise ForgedJob(f"job names {str(name)[:80]!r}")
        if not self.signing_key or not hmac.compare_digest(given, signature(self.signing_key, name, argument)):
            raise ForgedJob(f"job for {name} is not signed by us")
        return name, argument


class ForgedJob(Exception):
    """A job that we did not write."""


class GuardedWorker(SimpleWorker):
    """Runs signed jobs in its own process, one at a time: forking costs eight times as much as most of them take."""

    job_class = SignedJob

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log a broken job in our own words; a forged one is an alarm."""
        kind, fault, _ = exc_info
        if kind is not None and issubclass(kind, ForgedJob):
            log.error("FORGED JOB refused: somebody else can write to this Redis", job=job.id, why=str(fault))
        else:
            log.error("job broke", job=job.id, exc_info=exc_info)


def make_worker(redis: "Redis", queue: str, key: bytes, table: Mapping[str, Callable[[str], None]]) -> GuardedWorker:
    """A worker for one queue."""
    SignedJob.signing_key, SignedJob.table = key, dict(table)
    return GuardedWorker(
        [Queue(queue, connection=redis, serializer=JSONSerializer, job_class=SignedJob)],
        connection=redis,
        serializer=JSONSerializer,
        job_class=SignedJob,
        worker_ttl=WORKER_TTL_S,
        maintenance_interval=MAINTENANCE_S,
        default_result_ttl=0,
        log_job_description=False,
    )
