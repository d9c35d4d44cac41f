"""start: how much CPU a command takes before it does anything, each in a process of its own."""

import resource
import statistics
import subprocess
import sys
from dataclasses import dataclass

from bench.report import Claim, Report, Row

MOST_S = 0.5
"""CPU seconds for what stands in other people's scripts: a gate in a pipeline is run for every deploy."""

COMMANDS = (
    (("--version",), MOST_S),
    (("gate", "--help"), MOST_S),
    (("wait", "--help"), MOST_S),
    (("receipt", "verify", "--help"), MOST_S),
    (("slack", "manifest", "--help"), MOST_S),
    (("outbox", "--help"), None),
    (("policy", "check", "--help"), None),
    (("audit", "verify", "--help"), None),
    (("doctor", "--help"), None),
    (("--help",), None),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How many runs of each command; the median counts."""

    runs: int = 5


def run(size: Size = Size()) -> Report:
    """Run each command, and take what its process used."""
    rows, failed = [], []
    for command, most_s in COMMANDS:
        used_s = []
        for _ in range(size.runs):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run([sys.executable, "-m", "approvalbot", *command], capture_output=True, check=False)  # noqa: S603 - our own command
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used_s.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            failed += [" ".join(command)] if done.returncode else []
        rows.append(Row(f"approvalbot {' '.join(command)}, CPU", statistics.median(used_s), "s", most=most_s))
    claims = [Claim("every command answers", holds=not failed, seen=", ".join(failed) or "all of them did")]
    return Report("start", f"{len(COMMANDS)} commands, {size.runs} times each", rows, claims)
