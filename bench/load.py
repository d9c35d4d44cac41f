"""The load generator: a process of its own that sends signed events and prints how fast they were answered.

Everything is built and signed before the clock starts, so that the sender's own work does not count.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import orjson
import uvloop

from approvalbot.answers.sending import signed
from bench.calls import call, call_all
from bench.cpu import cpu_s
from bench.documents import KEY, SOURCE, deploy_event
from bench.report import quantile

MATCHING, OTHER = "deploy.requested", "deploy.finished"

LONGEST_S = 300.0
"""Seconds after which a load that does not end is a fault."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to send. `lines` above zero sends NDJSON of so many events, of which each
    `match_each`-th matches (0: none)."""

    port: int
    name: str
    calls: int
    connections: int = 16
    action: str = OTHER
    lines: int = 0
    match_each: int = 100


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it: `statuses` counts answers by status, `cpu_s` is what the server used meanwhile."""

    calls: int
    took_s: float
    p50_s: float
    p99_s: float
    statuses: dict[str, int]
    cpu_s: float = 0.0

    @property
    def per_s(self) -> float:
        return self.calls / self.took_s


def send(load: Load, pid: int) -> Sent:
    """Run a load in a process of its own, against the server that is process `pid`.

    Raises:
        subprocess.CalledProcessError: it broke.
    """
    begun = cpu_s(pid)
    ran = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=orjson.dumps(asdict(load)),
        stdout=subprocess.PIPE,
        check=True,
        timeout=LONGEST_S,
    )
    return Sent(**{**orjson.loads(ran.stdout), "cpu_s": cpu_s(pid) - begun})


def wires(load: Load) -> Iterator[bytes]:
    """The calls of a load."""
    for number in range(load.calls):
        name = f"{load.name}-{number}"
        if load.lines:
            body = b"\n".join(_lines(load, name))
            yield _post(name, body, "application/x-ndjson")
        else:
            yield _post(name, orjson.dumps(deploy_event(name, action=load.action)), "application/json")


def _lines(load: Load, name: str) -> Iterator[bytes]:
    for line in range(load.lines):
        action = MATCHING if load.match_each and line % load.match_each == 0 else OTHER
        yield orjson.dumps(deploy_event(f"{name}-{line}", action=action))


def _post(name: str, body: bytes, content_type: str) -> bytes:
    proof = signed((KEY,), name, datetime.now(UTC), body)
    return call("POST", f"/v1/events/{SOURCE}", {**proof, "content-type": content_type}, body)


def main() -> None:
    """Read a load from standard input, send it, print what came of it."""
    load = Load(**orjson.loads(sys.stdin.buffer.read()))
    answers, took_s = uvloop.run(call_all(load.port, list(wires(load)), load.connections))
    times = [one.took_s for one in answers]
    statuses = Counter(str(one.status) for one in answers)
    sent = Sent(len(answers), took_s, quantile(times, 0.5), quantile(times, 0.99), dict(statuses))
    sys.stdout.buffer.write(orjson.dumps(asdict(sent)))


if __name__ == "__main__":
    main()
