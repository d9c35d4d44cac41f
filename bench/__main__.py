"""`python -m bench [NAME ...] [--json]`: run the benches and print what they found.

The exit code is 1 when a claim does not hold. A figure that misses its target is said to, and fails nothing: how fast
something is depends on the machine, whether it is right does not.
"""

import argparse
import importlib
import sys
import traceback
from collections.abc import Callable, Sequence

import orjson

from approvalbot.log import set_up_logs
from bench.report import Claim, Report

NAMES = (
    *("clicks", "intake", "ndjson", "announce", "release", "timers", "memory", "trail"),
    *("compile", "match", "replay", "hostile", "pages", "storm", "start"),
)
"""Every bench, in the order of docs/performance.md. Each is the module of its name with a function `run`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="The figures of docs/performance.md.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; default: all of them")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.names if name not in NAMES]:
        parser.error(f"no bench is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    set_up_logs("ERROR")
    reports: list[Report] = []
    for name in chosen.names or NAMES:
        reports.append(tried(name))
        if not chosen.json:
            print(*reports[-1].lines(), sep="\n", end="\n\n", flush=True)
    if chosen.json:
        told = {"benches": [report.as_dict() for report in reports], "holds": all(one.holds for one in reports)}
        print(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    return 0 if all(report.holds for report in reports) else 1


def tried(name: str) -> Report:
    """Run one bench; one that breaks is a claim that fails, and the others still run."""
    try:
        return run_of(name)()
    except Exception as fault:  # noqa: BLE001 - outermost edge: whatever broke is shown, and fails the run
        traceback.print_exc()
        return Report(name, "broke", [], [Claim("it runs", holds=False, seen=f"{type(fault).__name__}: {fault}")])


def run_of(name: str) -> Callable[[], Report]:
    """The bench of a name, imported only when it is run."""
    run: Callable[[], Report] = importlib.import_module(f"bench.{name}").run
    return run


if __name__ == "__main__":
    sys.exit(main())
