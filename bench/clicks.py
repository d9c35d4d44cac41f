"""clicks: a crowd presses at once, from many processes, on few requests; every vote must be counted once."""

import multiprocessing
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing.synchronize import Barrier
from pathlib import Path

import orjson

from approvalbot.errors import MoveRefused, Unavailable
from approvalbot.flow.ports import Journey
from approvalbot.flow.press import Press, press
from approvalbot.log import set_up_logs
from approvalbot.store import keys
from approvalbot.store.trail import TrailStore, prove
from approvalbot.wiring.house import House
from bench.counting import COUNTED, REFUSED, UNAVAILABLE, Held, Pressed, check
from bench.crowd import Crowd, Planned, plan
from bench.documents import Document, deploy_gate, policy, surroundings, write
from bench.opening import open_requests
from bench.report import Report, Row, quantile
from bench.stage import make_house, room

START_WITHIN_S = 60.0
"""Seconds until the last process must be ready."""

CROWDED = "deploy.everywhere"


@dataclass(frozen=True, slots=True)
class Size:
    """How many. `threads` is for each process, as many as the web process has by default."""

    presses: int = 10_000
    requests: int = 50
    processes: int = 8
    threads: int = 32


_start: Barrier | None = None


def run(size: Size = Size()) -> Report:
    """Press, then compare what everybody was told with what is kept."""
    with room() as (folder, url):
        policies = write(folder / "policies", *surroundings(callback=True), *_gates())
        house = make_house(url, policies, threads=size.threads)
        few = size.requests // 2
        names = [*open_requests(house, few), *open_requests(house, size.requests - few, action=CROWDED)]
        planned = plan(names, size.presses)
        pressed, took_s = _press_all(url, policies, planned, size)
        claims = check(pressed, _held(house, names))
    return Report(
        "clicks",
        f"{size.presses:,} presses on {size.requests} requests by {size.processes} processes of {size.threads} threads",
        _rows(pressed, took_s),
        claims,
    )


def _gates() -> list[Document]:
    """Half of the requests settle by three people of three groups, half only by a crowd of twenty."""
    crowded = {"action": CROWDED, "target.environment": "production"}
    return [
        deploy_gate(quorum=3, from_distinct_groups=True, deny_quorum=2),
        policy("crowded-gate", crowded, quorum=20, deny_quorum=6),
    ]


def _press_all(url: str, policies: Path, planned: Sequence[Planned], size: Size) -> tuple[list[Pressed], float]:
    """Every press, spread over the processes, which all begin when the last of them is ready."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(size.processes)
    shares = [planned[place :: size.processes] for place in range(size.processes)]
    with ProcessPoolExecutor(size.processes, context, initializer=_meet_at, initargs=(ready,)) as pool:
        parts = [pool.submit(_press_share, url, policies, share, size.threads) for share in shares]
        results = [part.result() for part in parts]
    begun, ended = min(result[1] for result in results), max(result[2] for result in results)
    return [one for result in results for one in result[0]], ended - begun


def _meet_at(barrier: Barrier) -> None:
    global _start  # noqa: PLW0603 - a barrier reaches a process only while it is being made
    _start = barrier


def _press_share(
    url: str, policies: Path, share: Sequence[Planned], threads: int
) -> tuple[list[Pressed], float, float]:
    """One process's presses, and when the first began and the last ended (seconds of the machine's clock)."""
    set_up_logs("ERROR")
    house = make_house(url, policies, threads=threads)
    journey = replace(house.journey, people=Crowd())
    with ThreadPoolExecutor(threads) as pool:
        if _start is not None:
            _start.wait(START_WITHIN_S)
        begun = time.monotonic()
        pressed = list(pool.map(lambda one: _press(journey, one), share))
    return pressed, begun, time.monotonic()


def _press(journey: Journey, one: Planned) -> Pressed:
    begun = time.perf_counter()
    told, code = COUNTED, ""
    try:
        press(journey, Press(one.request, one.slack, one.choice, 1, reason="because"))
    except MoveRefused as fault:
        told, code = REFUSED, fault.code
    except Unavailable:
        told = UNAVAILABLE
    return Pressed(one.request, one.slack, one.choice, told, code, time.perf_counter() - begun)


def _held(house: House, names: Sequence[str]) -> Held:
    trail = TrailStore(house.redis)
    effects = [orjson.loads(body) for body in house.redis.hgetall(keys.EFFECTS).values()]
    entries = [{"detail": {}, **record.entry} for record in trail.records()]
    answers = sum(effect["kind"] == "answer" for effect in effects)
    return Held(house.requests.find_many(list(names)), entries, prove(trail).faults, answers)


def _rows(pressed: Sequence[Pressed], took_s: float) -> list[Row]:
    told = Counter(one.told for one in pressed)
    codes = Counter(one.code for one in pressed if one.code)
    ms = [one.took_s * 1000 for one in pressed]
    return [
        Row("presses", len(pressed) / took_s, "/s"),
        Row("a press, all at once, p50", quantile(ms, 0.5), "ms"),
        Row("a press, all at once, p99", quantile(ms, 0.99), "ms"),
        Row("confirmed", told[COUNTED]),
        *(Row(f"refused: {code}", count) for code, count in codes.most_common()),
        Row("told that the store did not answer", told[UNAVAILABLE]),
    ]
