"""hostile: the most that a hostile file, pattern or value can cost, refused or answered: 50 ms each."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import yaml

from approvalbot.errors import BadInput
from approvalbot.events.mapping import load_tables
from approvalbot.events.normalise import RawEvent, normalise
from approvalbot.events.reading import read_json
from approvalbot.events.yamlreader import read_yaml
from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.folder import Folder
from approvalbot.policy.parse import load_policies
from bench.documents import SOURCE, policy, surroundings
from bench.report import Claim, Report, Row
from bench.timing import best_of

MEGABYTE = 1_000_000
WITHIN_MS = 50.0
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
NOISE = "".join(random.Random(1).choices("ab", k=65_536))

YAML_FILES = {
    "an alias bomb": b"a: &a [x,x]\n" + b"".join(b"b%d: &b%d [*a,*a]\n" % (n, n) for n in range(30_000)),
    "20,000 anchors": b"&a " * 20_000,
    "a tag that runs code": b"a: !!python/object/apply:os.system [x]\n" * 20_000,
    "a line of 1 MB": b"a: " + b"x" * MEGABYTE,
    "60,000 brackets": b"a: " + b"[" * 60_000,
    "1,200 levels of blocks": b"".join(b" " * n + b"a:\n" for n in range(1200)),
    "20,000 nested dashes": b"- " * 20_000,
    "200,000 duplicate keys": b"a: 1\n" * 200_000,
    "an open quote over 1 MB": b'a: "' + b"x\n" * 500_000,
    "70,000 directives": b"%YAML 1.2\n---\n" * 70_000,
    "1 MB of digits": b"a: " + b"9" * 60_000,
}
"""Files that must be refused."""

PATTERNS: dict[str, tuple[str, str]] = {
    "(a+)+$": ("(a+)+$", "a" * 65_535 + "b"),
    "(x+x+)+y": ("(x+x+)+y", "x" * 65_536),
    "a[ab]{900}c": ("a[ab]{900}c", NOISE),
    "twenty long alternatives": ("|".join(f"a[ab]{{{n}}}x" for n in range(90, 110)), NOISE),
    "(a?){30}a{30}c": ("(a?){30}a{30}c", "a" * 65_536),
    "a{1,10} nested thrice": ("((a{1,10}){1,10}){1,10}c", "a" * 65_536),
    "40 any letters": ("a.{40}b.{40}c", NOISE),
    "100 steps over 64 KiB": ("a[ab]{100}c", NOISE),
    "a pattern that is too costly": ("a.{0,1000}b.{0,1000}c", NOISE),
    "300 letters of any script": (r"(?i)[\pL]{300}z", NOISE),
}
"""Regular expressions with the value that hurts each most; a load that refuses one counts too."""

VALUES: dict[str, tuple[dict[str, Any], Any]] = {
    "contains": ({"a|contains": "a" * 500 + "b" + "a" * 500}, "a" * MEGABYTE),
    "endswith, exact case": ({"a|endswith|cased": "needle"}, "x" * MEGABYTE),
    "400 wildcards": ({"a": "*x" * 400 + "*y"}, "x" * MEGABYTE),
    "900 single wildcards": ({"a": "*a" + "?" * 900 + "x*c"}, NOISE * 15 + "x" * 20_000 + "c"),
    "windash": ({"a|windash|contains": " -a"}, " /b" * 330_000),
    "case folding that grows": ({"a|contains": "needle"}, "İß" * 350_000),
    "base64offset": ({"a|base64offset|contains": "needle"}, "x" * MEGABYTE),
    "a regular expression": ({"a|re": "x"}, "x" * MEGABYTE),
    "a million digits": ({"a|gt": 5}, "9" * MEGABYTE),
    "a network": ({"a|cidr": "10.0.0.0/8"}, "1" * MEGABYTE),
    "a date": ({"a|hour": 5}, "2026-" * 200_000),
    "a field of 4,000 values in another": ({"a|fieldref|contains": "b"}, [f"x{n}" for n in range(4000)]),
}
"""Conditions with a value of a megabyte."""

BODIES = {
    "a million brackets": b"[" * MEGABYTE,
    "140,000 objects in each other": b'{"a":' * 140_000 + b"}" * 140_000,
    "a number of 1 MB": b'{"a":' + b"9" * MEGABYTE + b"}",
    "a key twice after 1 MB": b'{"a":1,"b":"' + b"x" * MEGABYTE + b'","a":2}',
    "1 MB of escapes and no end": b'{"a":"' + b"\\\\" * 500_000,
}
"""Bodies of events that must be refused."""


@dataclass(frozen=True, slots=True)
class Size:
    """How often each is tried; the best counts, since others use the machine."""

    runs: int = 3


def run(size: Size = Size()) -> Report:
    """Try every one."""
    rows: list[Row] = []
    wrong: list[str] = []

    def tried(kind: str, name: str, work: Callable[[], bool]) -> None:
        cost_s, held = best_of(size.runs, work)
        rows.append(Row(f"{kind}: {name}", cost_s * 1000, "ms", most=WITHIN_MS))
        if not held:
            wrong.append(name)

    for name, body in YAML_FILES.items():
        tried("YAML", name, lambda body=body: bool(read_yaml(body).faults))  # type: ignore[misc]
    for name, body in BODIES.items():
        tried("JSON", name, lambda body=body: _is_refused(body))  # type: ignore[misc]
    for name, (pattern, value) in PATTERNS.items():
        tried("pattern", name, _judging({"a|re": pattern}, value))
    for name, (match, value) in VALUES.items():
        tried("1 MB", name, _judging(match, value))
    slowest = Row("the slowest of all", max(row.value for row in rows), "ms", most=WITHIN_MS)
    return Report(
        "hostile",
        f"{len(rows)} hostile inputs; CPU time of each, the best of {size.runs}",
        [slowest, *rows],
        [Claim("what must be refused is", not wrong, ", ".join(wrong))],
    )


def _is_refused(body: bytes) -> bool:
    try:
        read_json(body)
    except BadInput:
        return True
    return False


def _judging(match: dict[str, Any], value: Any) -> Callable[[], bool]:
    """Judging one event by one policy; its loading counts where that is what refuses it."""
    documents = yaml.dump_all([*surroundings(), policy("hostile", match)], Dumper=yaml.CSafeDumper).encode()
    folder = Folder.of({"all.yaml": documents})
    try:
        matcher = load_policies(folder).matcher
    except PolicyFaults:
        return lambda: _does_not_load(folder)
    body = orjson.loads(orjson.dumps({"a": value, "b": [f"y{n}" for n in range(4000)]}))

    def work() -> bool:
        event = normalise(load_tables()["generic"], RawEvent(body), source=SOURCE, headers={}, received_at=NOON)
        matcher.match(event)
        return True

    return work


def _does_not_load(folder: Folder) -> bool:
    try:
        load_policies(folder)
    except PolicyFaults:
        return True
    return False
