"""One delivered body, taken apart: a JSON object, an array of them, or one a line (NDJSON)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from approvalbot.errors import BadInput
from approvalbot.events.reading import read_json

_LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of NDJSON: its number from 1, its bytes, and its value, or the fault that it cannot be read."""

    number: int
    body: bytes
    value: Any = None
    fault: BadInput | None = None


def is_lines(body: bytes, content_type: str = "") -> bool:
    """Whether a body is NDJSON: by its content type, or because its first line is a whole JSON value of its own."""
    if content_type.split(";", 1)[0].strip().lower() in _LINES:
        return True
    first, _, rest = body.strip().partition(b"\n")
    if not rest or not first.rstrip().endswith((b"}", b"]")):
        return False
    try:
        read_json(first, strict=False)
    except BadInput:
        return False
    return True


def read_lines(body: bytes, *, strict: bool = True) -> Iterator[Line]:
    """The lines of NDJSON; empty ones are left out. A line that cannot be read is a value, the others still count."""
    for number, line in enumerate(body.split(b"\n"), start=1):
        if not line or line.isspace():
            continue
        try:
            yield Line(number, line, read_json(line, strict=strict))
        except BadInput as fault:
            yield Line(number, line, fault=fault)
