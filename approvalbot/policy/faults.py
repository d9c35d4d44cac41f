"""Faults of policy files: where, what is wrong with which value, and what to write instead. All of them at once."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from approvalbot.errors import ApprovalBotError
from approvalbot.plaintext import one_line

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `line` and `column` count from 1; `name` is stable (the lints have it); `hint` says what to write."""

    file: str
    line: int
    column: int
    path: KeyPath
    problem: str
    hint: str = ""
    name: str = "invalid"

    @property
    def where(self) -> str:
        """`prod.yaml:14:7 approval.levels[0].timeout`."""
        key = show_path(self.path)
        return f"{self.file}:{self.line}:{self.column}" + (f" {key}" if key else "")

    def __str__(self) -> str:
        # One line, whatever a key or a value holds: a fault must not draw on a terminal or look like two.
        return one_line(f"{self.where}: {self.problem}" + (f"; {self.hint}" if self.hint else ""))

    def to_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "code": self.name,
            "severity": "error",
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": show_path(self.path),
            "message": self.problem,
            "hint": self.hint,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault without its file: what a check inside one document reports, at a key path of it."""

    path: KeyPath
    problem: str
    hint: str = ""
    name: str = "invalid"

    def under(self, *path: str | int) -> "Finding":
        """The same finding, seen from further out."""
        return Finding((*path, *self.path), self.problem, self.hint, self.name)


MOST_TOLD = 100
"""Faults that the text of an exception lists; `faults` has them all. Chosen by us: a log line has to end."""


class PolicyFaults(ApprovalBotError):
    """A policy folder that cannot be used; the last good set keeps serving. `faults` has every fault found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line, fault.column)))
        told = "\n".join([*map(str, self.faults[:MOST_TOLD]), *(["…"] if len(self.faults) > MOST_TOLD else [])])
        super().__init__("policy_invalid", f"{self._counted()}\n{{told}}", told=told)

    def whole(self) -> str:
        """Every fault, however many, for whoever mends them."""
        return "\n".join([self._counted(), *map(str, self.faults)])

    def _counted(self) -> str:
        return f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''} in the policies:"


class EvaluationFault(Exception):
    """A policy cannot be judged for this event. Never "no match": the caller fails safe (policy.md section 8)."""


MOST_STEPS = 10
"""Steps of a key path that are shown; only nesting that is itself the fault goes deeper."""


def show_path(path: KeyPath) -> str:
    """A key path as people write it: `approval.levels[0].timeout`."""
    text = ""
    for step in path[:MOST_STEPS]:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text + ("…" if len(path) > MOST_STEPS else "")


def parted(told: str) -> tuple[str, str]:
    """What is wrong and what to write instead, of a sentence that says both with `; ` between."""
    problem, divided, hint = told.rpartition("; ")
    return (problem, hint) if divided else (told, "")


def guess(word: str, known: Sequence[str], otherwise: str = "") -> str:
    """`did you mean on_timeout?`, or what is known where nothing comes close."""
    near = difflib.get_close_matches(word.casefold(), known, 1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    return otherwise or f"known are {', '.join(known)}"


def quoted(value: object, most: int = 80) -> str:
    """A value as it stands in the file, cut to `most` characters, for a message."""
    match value:
        case None:
            text = "null"
        case bool():
            text = "true" if value else "false"
        case str():
            text = f'"{value}"'
        case dict():
            text = "a map" if value else "an empty map"
        case list():
            text = "a list" if value else "an empty list"
        case _:
            text = str(value)
    return text if len(text) <= most else text[: most - 1] + "…"
