"""What a lint finds: a name that stays, a severity, a place, and a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from approvalbot.policy.base import SEVERE, Document
from approvalbot.policy.faults import KeyPath, show_path
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.policyset import PolicySet

Severity = Literal["error", "warning", "info"]
ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Lint:
    """One finding. An error fails a check, a warning fails a strict one. `allowed` has the reason its author gave."""

    name: str
    severity: Severity
    file: str
    line: int
    column: int
    path: KeyPath
    message: str
    allowed: str = ""

    def __str__(self) -> str:
        key = show_path(self.path)
        where = f"{self.file}:{self.line}:{self.column}" + (f" {key}" if key else "")
        told = f"{where}: {self.severity}: {self.message} [{self.name}]"
        return f"{told} (allowed: {self.allowed})" if self.allowed else told

    def to_json(self) -> dict[str, Any]:
        """The same for machines, such as a code scanner."""
        return {
            "code": self.name,
            "severity": self.severity,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": show_path(self.path),
            "message": self.message,
            "allowed": self.allowed,
        }


@dataclass(frozen=True, slots=True)
class Smell:
    """A finding inside one document, at a key path of it."""

    name: str
    severity: Severity
    path: KeyPath
    message: str


Smells = Iterator[Smell]


def is_severe(document: Document, policies: PolicySet) -> bool:
    """Whether much is at stake. A pack that takes its severity from its rules is as severe as the worst of them."""
    severity = getattr(document, "severity", None)
    if severity is not None or not isinstance(document, SigmaPack):
        return severity in SEVERE
    return any(one.policy.severity in SEVERE for one in policies.compiled_of(document))


def by_severity(document: Document, policies: PolicySet) -> Severity:
    """An error where much is at stake, a warning elsewhere."""
    return "error" if is_severe(document, policies) else "warning"
