"""What became of an inline test, as a value and as text."""

import posixpath
from dataclasses import dataclass
from typing import Any

from approvalbot.policy.faults import quoted

LONG = 60
"""Characters from which two texts are easier to compare one below the other."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the test expects. `because` are the lines that say why."""

    what: str
    expected: Any
    got: Any
    because: tuple[str, ...] = ()

    def __str__(self) -> str:
        expected, got = _shown(self.expected), _shown(self.got)
        same = len(posixpath.commonprefix([expected, got]))
        if not same or max(len(expected), len(got)) <= LONG:
            return "\n".join([f"{self.what}: expected {expected}, got {got}", *self.because])
        # Long texts that begin alike stand below each other, with a mark where they part.
        lines = [f"{self.what}:", f"  expected  {expected}", f"  got       {got}", f"            {' ' * same}^"]
        return "\n".join([*lines, *self.because])


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
        lines += [f"    {line}" for difference in self.differences for line in str(difference).split("\n")]
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
            "differences": [
                {"what": one.what, "expected": one.expected, "got": one.got, "because": list(one.because)}
                for one in self.differences
            ],
            "left_out": list(self.left_out),
        }


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(str(one) for one in value)}]"
    return value if isinstance(value, str) else quoted(value)
