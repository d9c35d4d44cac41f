"""The queues: what we signed is done, and nothing that anybody else can write to Redis is."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import DefaultSerializer, JSONSerializer

from approvalbot.store.jobs import EFFECT_QUEUE, PERFORM, Jobs, make_worker, signature

KEY = b"k" * 32


@pytest.fixture
def raw(valkey_url: str, redis: Redis) -> Iterator[Redis]:
    """RQ's own kind of connection: no limit on how long it waits."""
    client = Redis.from_url(valkey_url)
    yield client
    client.close()


def work(raw: Redis) -> list[str]:
    done: list[str] = []
    make_worker(raw, EFFECT_QUEUE, KEY, {PERFORM: done.append}).work(burst=True, logging_level="ERROR")
    return done


def test_a_signed_job_is_done_once(raw: Redis) -> None:
    jobs = Jobs(raw, KEY)
    jobs.send(["R:1:post", "R:1:callback"])
    jobs.send(["R:1:post", "R:1:callback"])

    assert work(raw) == ["R:1:post,R:1:callback"]
    assert jobs.waiting()[EFFECT_QUEUE] == 0


def test_what_somebody_waits_for_goes_before_what_waits_already(raw: Redis) -> None:
    jobs = Jobs(raw, KEY)
    jobs.send(["R:1:0"])
    jobs.send(["S:1:0"])

    jobs.send(["T:2:1"], first=True)

    assert work(raw) == ["T:2:1", "R:1:0", "S:1:0"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("os.system", ("touch {trap}",)),
        ("os.system", ("touch {trap}", "0" * 64)),
        (PERFORM, ("R:1:post", "0" * 64)),
        (PERFORM, ("R:1:post", signature(b"another key", PERFORM, "R:1:post"))),
        (PERFORM, ("R:2:post", signature(KEY, PERFORM, "R:1:post"))),
        (PERFORM, ("R:1:post",)),
        (PERFORM, ()),
        ("approvalbot.worker.wake", ("R:1", signature(KEY, PERFORM, "R:1"))),
    ],
)
@pytest.mark.parametrize("serializer", [JSONSerializer, DefaultSerializer])
def test_a_forged_job_runs_nothing(
    raw: Redis, tmp_path: Path, name: str, arguments: tuple[str, ...], serializer: Any
) -> None:
    trap = tmp_path / "trap"
    queue = Queue(EFFECT_QUEUE, connection=raw, serializer=serializer)
    queue.enqueue_call(name, args=tuple(one.format(trap=trap) for one in arguments))

    assert work(raw) == []
    assert not trap.exists()


def test_a_pickle_that_runs_code_is_never_opened(raw: Redis, tmp_path: Path) -> None:
    trap = tmp_path / "trap"

    class Bomb:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.system, (f"touch {trap}",)

    queue = Queue(EFFECT_QUEUE, connection=raw, serializer=DefaultSerializer)
    queue.enqueue_call(PERFORM, args=(Bomb(),))

    assert work(raw) == []
    assert not trap.exists()


def test_callbacks_written_into_a_job_are_not_called(raw: Redis, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    Jobs(raw, KEY).send(["R:1:post"])
    (job_id,) = Queue(EFFECT_QUEUE, connection=raw, serializer=JSONSerializer).get_job_ids()
    raw.hset(
        Job.key_for(job_id),
        mapping={"success_callback_name": "os.system", "failure_callback_name": "os.system", "origin": str(trap)},
    )

    assert work(raw) == ["R:1:post"]
    assert not trap.exists()
