# ruff: noqa: S608 - the queries are built from rules of these tests, for a database in memory
"""What pySigma says of a rule and an event: its own parser and modifiers, its SQLite backend, and SQLite itself.

pySigma only converts, so an event becomes a row. `plain_verdict` is the backend as it comes, for events without lists:
a column a field. A `Question` is for any event: each field test asks for some value of the field that meets it, which
is how Sigma reads a field with several values, while a column holds one. Fields are found by a walker of our own, which
shares nothing with the product's.

Columns have no type and SQLite's NOCASE collation, as Zircolite builds them: texts compare ignoring case, and a number
never equals a text. Booleans are stored as the texts `true` and `false`, which is what the backend compares with.
"""

import json
import re
import sqlite3
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from sigma.backends.sqlite import sqliteBackend
from sigma.conditions import ConditionFieldEqualsValueExpression
from sigma.rule import SigmaRule
from sigma.types import SigmaExists, SigmaFieldReference, SigmaNull

FULLTEXT = "every_value"
"""The column that keywords are searched in: all scalar values, a line each."""

EACH = "each_value"
"""The column of a single value of a field."""

WHOLE = {"title": "A rule", "logsource": {"product": "any"}}


class AnyValue(sqliteBackend):  # type: ignore[misc]  # the backend is not typed
    """The backend over `found(name, each_value)`: a test holds if some value of its field meets it."""

    def convert_condition_field_eq_val(self, cond: ConditionFieldEqualsValueExpression, state: Any) -> Any:
        if cond.field == EACH:  # an alternative of one value: the backend asks again for each
            return super().convert_condition_field_eq_val(cond, state)
        name, value = _quoted(cond.field), cond.value
        if isinstance(value, SigmaExists):
            return f"{'' if value.exists else 'NOT '}EXISTS (SELECT 1 FROM here WHERE name = {name})"
        if isinstance(value, SigmaNull):
            some = f"SELECT 1 FROM found WHERE name = {name}"
            return f"(NOT EXISTS ({some}) OR EXISTS ({some} AND {EACH} IS NULL))"
        other = ""
        if isinstance(value, SigmaFieldReference):
            other = f", (SELECT {EACH} AS other FROM found WHERE name = {_quoted(value.field)})"
            value = SigmaFieldReference("other", value.starts_with, value.ends_with)
        single = copy(cond)
        single.field, single.value = EACH, value
        test = super().convert_condition_field_eq_val(single, state)
        return f"EXISTS (SELECT 1 FROM found{other} WHERE name = {name} AND ({test}))"


def parsed(detection: Mapping[str, Any]) -> SigmaRule:
    """pySigma's reading of a detection."""
    return SigmaRule.from_dict({**WHOLE, "detection": dict(detection)})


def plain_verdict(detection: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether the backend's own query finds an event that has no lists."""
    rule, backend = parsed(detection), sqliteBackend(fulltext_field=FULLTEXT)
    queries = backend.convert_rule(rule)
    row = {**_flat(event), FULLTEXT: "\n".join(_texts(event))}
    columns = sorted({*backend.required_fields(rule), *row})
    database = _database()
    database.execute(
        f"CREATE TABLE logs ({', '.join(f'{backend.escape_and_quote_field(one)} COLLATE NOCASE' for one in columns)})"
    )
    marks = ", ".join("?" * len(columns))
    database.execute(f"INSERT INTO logs VALUES ({marks})", [_stored(row.get(one)) for one in columns])
    return any(database.execute(query).fetchone() for query in queries)


@dataclass(frozen=True)
class Question:
    """A detection as the queries that `AnyValue` makes of it, and the fields they ask for. For any event."""

    queries: tuple[str, ...]
    fields: tuple[str, ...]

    @classmethod
    def of(cls, detection: Mapping[str, Any]) -> "Question":
        rule, backend = parsed(detection), AnyValue(fulltext_field=FULLTEXT)
        return cls(tuple(backend.convert_rule(rule)), tuple(backend.required_fields(rule)))

    def verdict(self, event: Mapping[str, Any]) -> bool:
        """Whether one of the queries finds the event."""
        database = _database()
        database.execute(f"CREATE TABLE found (name, {EACH} COLLATE NOCASE)")
        database.execute("CREATE TABLE here (name)")
        database.execute(f"CREATE TABLE logs ({FULLTEXT} COLLATE NOCASE)")
        database.execute("INSERT INTO logs VALUES (?)", ["\n".join(_texts(event))])
        for name in self.fields:
            ends = find(event, name)
            database.executemany("INSERT INTO here VALUES (?)", [(name,)] * bool(ends))
            values = [value for end in ends for value in _each(end)]
            database.executemany("INSERT INTO found VALUES (?, ?)", [(name, _stored(value)) for value in values])
        return any(database.execute(query).fetchone() for query in self.queries)


def find(raw: Any, name: str) -> list[Any]:
    """What stands at a name: the name as one key, else step by step, the longest key first, through lists."""
    if isinstance(raw, dict) and name in raw:
        return [raw[name]]
    steps = name.split(".")

    def walk(value: Any, start: int) -> list[Any]:
        if start == len(steps):
            return [value]
        if isinstance(value, list):
            return [found for item in value for found in walk(item, start)]
        if isinstance(value, dict):
            for end in range(len(steps), start, -1):
                key = ".".join(steps[start:end])
                if key in value:
                    return walk(value[key], end)
        return []

    return walk(raw, 0)


def _database() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.create_function("REGEXP", 2, _regexp, deterministic=True)
    return database


def _regexp(pattern: str, value: Any) -> bool:
    return value is not None and re.search(pattern, str(value)) is not None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _flat(event: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in event.items():
        made |= _flat(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}": value}
    return made


def _each(value: Any) -> list[Any]:
    return [one for item in value for one in _each(item)] if isinstance(value, list) else [value]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [] if value is None else [str(_stored(value))]


def _stored(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return value
