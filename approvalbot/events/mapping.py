"""Mapping tables: how each source's raw events become the normalised event, as data.

The tables lie beside this file in `tables/*.yaml`, a name and its rows each; a user adds or replaces tables with YAML
of the same form and no Python. A row is `field: [expression, …]`, the first that gives a usable value wins;
`expressions.py` has their syntax. Besides the fields of the event a table may say:

    unwrap     where the events lie in a delivered body, tried in order; none present = the body is the event
    split      a list inside the unwrapped event: one normalised event per entry, merged over the rest
    detect     {all: [paths]} that the event must have; without them it is a bad event for this source
    asserted   true: who acted is the sender's own word, not a vendor's record
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from approvalbot.errors import ApprovalBotError
from approvalbot.events.expressions import (
    ListRow,
    OutcomeRow,
    TextRow,
    TimeRow,
    headers_in,
    is_of_headers,
    list_row,
    outcome_row,
    text_row,
    time_row,
)
from approvalbot.events.paths import Find, compile_path
from approvalbot.events.yamlreader import Node, read_yaml

TEXT_FIELDS = (
    "id",
    "action",
    "reason",
    "source.service",
    "source.tenant",
    "source.region",
    "actor.id",
    "actor.name",
    "actor.email",
    "actor.type",
    "actor.ip",
    "actor.user_agent",
    "resource.id",
    "resource.type",
    "resource.name",
)
LIST_FIELDS = ("actor.groups", "links")
FIELDS = (*TEXT_FIELDS, *LIST_FIELDS, "time", "outcome", "unwrap", "split", "detect", "asserted")
_DECODE = "base64json"


@dataclass(frozen=True, slots=True)
class MappingFault:
    """What is wrong at a place of a mapping file, and what to write instead."""

    file: str
    line: int
    column: int
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {self.problem}" + (f"; {self.hint}" if self.hint else "")


class MappingFaults(ApprovalBotError):
    """Mapping tables that cannot be read. `faults` has every fault."""

    def __init__(self, faults: tuple[MappingFault, ...]) -> None:
        self.faults = faults
        super().__init__("policy_invalid", "{told}", told="\n".join(map(str, faults)))


@dataclass(frozen=True, slots=True)
class Unwrap:
    """One place where the events of a body may lie. `many` says that a list is meant, `decode` that it is base64."""

    name: str
    find: Find
    many: bool
    decode: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One source's table, compiled. `headers` are the request headers it reads, lower-cased."""

    name: str
    texts: Mapping[str, TextRow]
    lists: Mapping[str, ListRow]
    time: TimeRow
    outcome: OutcomeRow
    unwrap: tuple[Unwrap, ...] = ()
    split: Find | None = None
    split_key: str = ""
    detect: tuple[str, ...] = ()
    asserted: bool = False
    headers: frozenset[str] = field(default_factory=frozenset)
    id_from_headers: bool = False
    envelopes: frozenset[str] = field(default_factory=frozenset)

    def is_bare(self, body: dict[str, Any]) -> bool:
        """Whether a body is plainly an event itself: the keys to detect one by are there, and no envelope is."""
        if not self.detect or self.split is not None or not self.envelopes.isdisjoint(body):
            return False
        for key in self.detect:  # noqa: SIM110 - a generator costs twice as much, on every event of a batch
            if key not in body:
                return False
        return True


def load_tables(extra: Path | None = None) -> Mapping[str, Table]:
    """The shipped tables by name, with those of `extra`, a YAML file or a folder of them, added or put in their place.

    Raises:
        MappingFaults: all faults of `extra` at once, each with file, line and column.
    """
    if extra is None:
        return _shipped()
    paths = sorted(extra.rglob("*.y*ml")) if extra.is_dir() else [extra]
    root = extra if extra.is_dir() else extra.parent
    bodies = {str(path.relative_to(root)): path.read_bytes() for path in paths}
    return {**_shipped(), **read_tables(bodies)}


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Table]:
    folder = files("approvalbot.events") / "tables"
    return read_tables({item.name: item.read_bytes() for item in folder.iterdir() if item.name.endswith(".yaml")})


def read_tables(bodies: Mapping[str, bytes]) -> Mapping[str, Table]:
    """The tables of YAML files, given by name.

    Raises:
        MappingFaults: all faults at once.
    """
    tables: dict[str, Table] = {}
    stands_in: dict[str, str] = {}
    faults: list[MappingFault] = []
    for file, body in bodies.items():
        read = read_yaml(body)
        faults += [MappingFault(file, one.line, one.column, one.problem, one.hint) for one in read.faults]
        for document in () if read.faults else read.documents:
            if not isinstance(document.children, dict):
                problem, hint = "a mapping file is a map of tables by name", "write name: {id: [path], action: [path]}"
                faults.append(MappingFault(file, document.line, document.column, problem, hint))
                continue
            for name, node in document.children.items():
                if name in stands_in:
                    problem = f"the table {name[:60]!r} stands in {stands_in[name]} too"
                    faults.append(MappingFault(file, *document.keys[name], problem, "keep one"))
                stands_in[name] = file
                tables[name] = _Rows(file, name, node, faults).table()
    if faults:
        raise MappingFaults(tuple(faults))
    return tables


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one table as they are written; what cannot be read goes to `faults`."""

    file: str
    name: str
    node: Node
    faults: list[MappingFault]

    def table(self) -> Table:
        """The table, compiled."""
        self._check_keys()
        split = self._row("split", _split)
        return Table(
            name=self.name,
            texts={key: self._row(key, text_row) for key in TEXT_FIELDS if key in self._rows},
            lists={key: self._row(key, list_row) for key in LIST_FIELDS if key in self._rows},
            time=self._row("time", time_row),
            outcome=self._row("outcome", outcome_row),
            unwrap=self._row("unwrap", _unwraps),
            split=compile_path(split) if split else None,
            split_key=split.removesuffix("[]"),
            detect=self._row("detect", _paths),
            asserted=self._asserted(),
            headers=frozenset(
                header for key in self._rows for text in _texts(self._rows[key].value) for header in headers_in(text)
            ),
            envelopes=frozenset(one.partition(".")[0].partition("[")[0] for one in self._written("unwrap")),
            id_from_headers="id" in self._rows and all(map(is_of_headers, self._written("id"))),
        )

    @property
    def _rows(self) -> Mapping[str, Node]:
        return self.node.children if isinstance(self.node.children, dict) else {}

    def _written(self, key: str) -> list[str]:
        return _texts(self._rows[key].value) if key in self._rows else []

    def _check_keys(self) -> None:
        if not self._rows:
            self._fault(
                self.node.line, self.node.column, f"the table {self.name[:60]!r} has no rows; write action: [op]"
            )
        for key in self._rows:
            if key not in FIELDS:
                near = difflib.get_close_matches(key, FIELDS, 1)
                guess = f"did you mean {near[0]}?" if near else f"known are {', '.join(FIELDS)}"
                self._fault(*self.node.keys[key], f"{key[:60]!r} is no field of an event; {guess}")

    def _row(self, key: str, compile_row: Callable[[tuple[str, ...]], Any]) -> Any:
        try:
            return compile_row(_expressions(self._rows[key].value if key in self._rows else []))
        except ValueError as fault:
            node = self._rows[key]
            self._fault(node.line, node.column, f"{self.name[:60]}.{key}: {fault}")
            return compile_row(())

    def _asserted(self) -> bool:
        node = self._rows.get("asserted")
        if node is not None and not isinstance(node.value, bool):
            self._fault(node.line, node.column, f"{self.name[:60]}.asserted: it is a boolean; write true or false")
        return node is not None and node.value is True

    def _fault(self, line: int, column: int, told: str) -> None:
        problem, divided, hint = told.rpartition("; ")
        self.faults.append(MappingFault(self.file, line, column, *((problem, hint) if divided else (told, ""))))


def _expressions(value: Any) -> tuple[str, ...]:
    if isinstance(value, dict) and list(value) == ["all"]:
        value = value["all"]
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError(f"a row is a list of texts, not {str(value)[:60]!r}; write [path]")
    return tuple(value)


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _paths(expressions: tuple[str, ...]) -> tuple[str, ...]:
    for one in expressions:
        compile_path(one)
    return expressions


def _split(expressions: tuple[str, ...]) -> str:
    if len(expressions) > 1:
        raise ValueError("it is one list of the event; write one, such as events[]")
    for one in expressions:
        compile_path(one)
    return expressions[0] if expressions else ""


def _unwraps(expressions: tuple[str, ...]) -> tuple[Unwrap, ...]:
    return tuple(_unwrap(expression) for expression in expressions)


def _unwrap(expression: str) -> Unwrap:
    name, _, transform = expression.partition("|")
    if transform not in {"", _DECODE}:
        raise ValueError(f"|{transform} is no transform of unwrap; known is {_DECODE}")
    return Unwrap(name, compile_path(name.removesuffix("[]")), name.endswith("[]"), bool(transform))
