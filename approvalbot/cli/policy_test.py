"""`policy test`: the inline tests of a folder, with presses and time played through; no network, no Redis, no clock."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from approvalbot.cli.output import counted, emit, say
from approvalbot.cli.reading import read_policies
from approvalbot.policy.base import Document
from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.inline.results import TestResult
from approvalbot.policy.inline.running import run_tests
from approvalbot.request.playing import PlayedLifecycle

LONG = 200
"""Tests from which a bar is worth its place: as many take about a tenth of a second."""


def run_policy_tests(
    path: Annotated[Path, typer.Argument(help="A policy folder, or one file of it: then only its tests run.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Run the tests that stand in the policies; exit 1 if one fails."""
    try:
        policies = read_policies(path).policies
    except PolicyFaults as fault:
        if json:
            emit({"ok": False, "faults": [one.to_json() for one in fault.faults], "tests": []})
        else:
            say(fault.whole(), "red")
        raise typer.Exit(1) from None
    documents = [one for one in policies.documents if path.is_dir() or _file(one) == path.name]
    total = sum(len(one.tests) for one in documents)
    results = list(_watched(run_tests(policies, documents, PlayedLifecycle()), total))
    failed = [one for one in results if not one.ok]
    if json:
        emit({"ok": not failed, "faults": [], "tests": [one.to_json() for one in results]})
    else:
        _tell(results, failed)
    if failed:
        raise typer.Exit(1)


def _file(document: Document) -> str:
    return document.place.file if document.place else ""


def _watched(results: Iterable[TestResult], total: int) -> Iterable[TestResult]:
    return counted(results, "testing", total) if total >= LONG else results


def _tell(results: list[TestResult], failed: list[TestResult]) -> None:
    for one in failed:
        say(str(one), "red")
    if failed:
        say(f"{len(failed)} of {_tests(len(results))} failed", "red")
    elif results:
        count = len({(one.kind, one.document) for one in results})
        say(f"{_tests(len(results))} of {count} document{'' if count == 1 else 's'} passed", "green")
    else:
        say("there are no tests; write some under `tests:` in a policy", "yellow")


def _tests(count: int) -> str:
    return f"{count} test{'' if count == 1 else 's'}"
