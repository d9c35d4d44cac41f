"""replay: the whole command `policy replay --json` over a file of events, with 93 Sigma rules, as an author runs it.

The rules are SigmaHQ's of the reference folder beside the checkout (or where `APPROVALBOT_SHARED` says); where that is
absent, as many are made up here, and the report says so. The events are ours, in their vendors' documented form.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from approvalbot.events.mapping import load_tables
from approvalbot.events.normalise import RawEvent, normalise
from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.view import View
from approvalbot.policy.sigma.example import example_event
from approvalbot.policy.sigma.rules import SigmaRule, read_sigma
from bench.auditlogs import LOGS, START, event_of
from bench.report import Claim, Report, Row

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("APPROVALBOT_SHARED", ROOT.parent / "shared"))
LEVEL = {"name": "on-call", "approvers": [{"usergroup": "@security"}], "timeout": "30m"}


@dataclass(frozen=True, slots=True)
class Size:
    """How many events; in one run one in a hundred is of an attack, in the other one in four."""

    events: int = 300_000
    hits: tuple[int, ...] = (100, 4)
    made_up: int = 93


@dataclass(frozen=True, slots=True)
class _Ran:
    """One run of the command."""

    cpu_s: float
    wall_s: float
    rows: int
    matched: int


def run(size: Size = Size()) -> Report:
    """Write the policies and the events, and run the command."""
    with TemporaryDirectory(prefix="ab-bench-") as name:
        folder = Path(name)
        rules, whose = _rules(size.made_up)
        _write_policies(folder / "policies", rules)
        empty = folder / "none.jsonl"
        empty.write_bytes(b"")
        start = _command(folder / "policies", empty)
        runs = {}
        for one_in in size.hits:
            file = folder / f"events-{one_in}.jsonl"
            planted = _write_events(file, rules, size.events, one_in)
            runs[one_in] = (_command(folder / "policies", file), planted, file.stat().st_size / size.events)
    first = runs[size.hits[0]][0]
    rows = [Row(f"1 event in {size.hits[0]} an attack", size.events / first.cpu_s, "events/s", least=50_000)]
    rows += [
        Row(f"1 event in {one_in} an attack", size.events / runs[one_in][0].cpu_s, "events/s")
        for one_in in size.hits[1:]
    ]
    rows += [
        Row("the first by the clock on the wall", size.events / first.wall_s, "events/s"),
        Row("of each: starting, and loading the rules", start.cpu_s, "s"),
        Row("an event", runs[size.hits[0]][2], "bytes"),
    ]
    return Report(
        "replay",
        f"{size.events:,} events of three sources in envelopes, {len(rules)} rules ({whose}); CPU time of the command",
        rows,
        [
            Claim("every line has its row", all(one.rows == size.events for one, _, _ in runs.values())),
            Claim(
                "every planted attack is found",
                all(one.matched >= planted for one, planted, _ in runs.values()),
                ", ".join(f"{one.matched:,} of {planted:,}" for one, planted, _ in runs.values()),
            ),
        ],
    )


def _rules(count: int) -> tuple[Mapping[str, bytes], str]:
    """The rule files by their path below `sigma/`, and whose they are."""
    root = SHARED / "policies" / "sigma"
    if root.is_dir():
        files = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.glob("rules/**/*.yml"))}
        return files, "SigmaHQ's"
    made = {}
    for number in range(count):
        log = list(LOGS.values())[number % len(LOGS)]
        rule = {
            "title": f"Rule {number}",
            "id": f"{number:08}-0000-4000-8000-000000000000",
            "level": "medium",
            "author": "the bench",
            "logsource": dict(zip(("product", "service"), log.logsource, strict=True)),
            "detection": {
                "selection": {log.action: [f"Attack{number}", f"Assault{number}"]},
                "filter": {log.actor: "a*robot*"},
                "condition": "selection and not filter",
            },
        }
        made[f"rules/{log.name}/rule-{number}.yml"] = orjson.dumps(rule)
    return made, f"made up, since {SHARED} is absent"


def _write_policies(folder: Path, rules: Mapping[str, bytes]) -> None:
    for name, body in rules.items():
        path = folder / "sigma" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    sources = [{"name": name, "mapping": name, "auth": {"type": "bearer", "secret": "env:BENCH_KEY"}} for name in LOGS]
    _put(folder / "sources.yaml", kind="Sources", id="sources", sources=sources)
    for name, log in LOGS.items():
        product, service = log.logsource
        _put(
            folder / f"{log.name}.yaml",
            kind="SigmaPack",
            id=f"pack-{log.name}",
            title=f"Sigma rules for {name}",
            include=["sigma/rules/**/*.yml"],
            select={"product": product, "service": service},
            severity_from="level",
            dedupe={"key": ["$rule.id", "$source.tenant", "$actor.id"], "window": "1h"},
            approval={"levels": [LEVEL]},
        )


def _put(path: Path, **document: Any) -> None:
    path.write_bytes(orjson.dumps({"version": 1, "owner": "team-security", **document}))


def _write_events(file: Path, rules: Mapping[str, bytes], count: int, one_in: int) -> int:
    """Write the events; gives how many of them some rule is to find."""
    attacks = list(_attacks(rules))
    planted = 0
    names = list(LOGS)
    with file.open("wb") as out:
        for number in range(count):
            if number % one_in == 0:
                source, attack = attacks[planted % len(attacks)]
                event = {**event_of(source, number), **attack}
                planted += 1
            else:
                source = names[number % len(names)]
                event = event_of(source, number)
            out.write(orjson.dumps({"source": source, "event": event}, option=orjson.OPT_APPEND_NEWLINE))
    return planted


def _attacks(rules: Mapping[str, bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What to change in an event so that a rule finds it, for each rule that is about plain texts."""
    by_logsource = {log.logsource: name for name, log in LOGS.items()}
    for name, body in rules.items():
        for rule in read_sigma(name, body).rules:
            source = by_logsource.get((rule.logsource.product, rule.logsource.service))
            made = example_event(rule.tree(Placeholders(), [])) if source else None
            if source and made and _is_found(rule, {**event_of(source, 0), **made}):
                yield source, made


def _is_found(rule: SigmaRule, event: dict[str, Any]) -> bool:
    judge = compile_tree(rule.tree(Placeholders(), []))
    table = load_tables()[rule.known.mappings[0]]
    return judge(View(normalise(table, RawEvent(event), source=table.name, headers={}, received_at=START)))


def _command(policies: Path, events: Path) -> _Ran:
    command = [sys.executable, "-m", "approvalbot", "policy", "replay", str(policies), str(events), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    rows = matched = 0
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as child:  # noqa: S603 - our own program
        assert child.stdout is not None
        for line in child.stdout:
            rows += 1
            matched += b'"policies":[]' not in line
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    if child.returncode:
        raise RuntimeError(f"policy replay ended with {child.returncode}")
    return _Ran(cpu_s, time.perf_counter() - started, rows, matched)
