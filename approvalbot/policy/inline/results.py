"""What became of an inline test, as a value and as text."""

from dataclasses import dataclass
from typing import Any

from approvalbot.policy.faults import quoted


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the test expects."""

    what: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"{self.what}: expected {_shown(self.expected)}, got {_shown(self.got)}"


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test of one document. `left_out` are expectations that could not be judged here."""

    __test__ = False

    document: str
    kind: str
    name: str
    place: str
    differences: tuple[Difference, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything that was judged is as expected."""
        return not self.differences

    def __str__(self) -> str:
        mark = "✓" if self.ok else "✗"
        lines = [f"{mark} {self.place} {self.document}: {self.name}"]
        lines += [f"    {difference}" for difference in self.differences]
        if self.left_out:
            lines.append(f"    not judged here: {', '.join(self.left_out)}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "document": self.document,
            "kind": self.kind,
            "test": self.name,
            "at": self.place,
            "ok": self.ok,
            "differences": [{"what": one.what, "expected": one.expected, "got": one.got} for one in self.differences],
            "left_out": list(self.left_out),
        }


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(str(one) for one in value)}]"
    return value if isinstance(value, str) else quoted(value)
