"""What became of one line of a replay."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from approvalbot.policy.pipeline import Settled

NO_MATCH_BY = frozenset({"during", "when"})
"""The stages that make it no match; correlation and dedupe come after the match and only decide what opens."""


@dataclass(slots=True)
class Row:
    """`policies` matched, `opens` would open a request, each once and in order; `errors` could not be judged.

    `error` says why the line, or an event of it, cannot be taken; the line's other events count.
    """

    policies: dict[str, None] = field(default_factory=dict)
    opens: dict[str, None] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    error: str = ""

    def add(self, policy: str, settled: Settled, *, refused: bool) -> None:
        """Note what one policy made of an event of this line; one that is refused at the door opens nothing."""
        if settled.error:
            self.errors[policy] = settled.error
        if settled.stopped in NO_MATCH_BY:
            return
        self.policies[policy] = None
        if settled.stopped is None and not refused:
            self.opens[policy] = None

    def to_json(self, number: int) -> dict[str, Any]:
        """`{"line", "policies"}`, and what else there is to say."""
        made: dict[str, Any] = {"line": number, "policies": list(self.policies)}
        if self.opens:
            made["opens"] = list(self.opens)
        if self.errors:
            made["errors"] = [{"policy": policy, "error": error} for policy, error in self.errors.items()]
        return made | ({"error": self.error} if self.error else {})


def json_line(number: int, row: Row | None) -> bytes:
    """The row as one line of JSON."""
    # Nearly all lines of a large replay are this one.
    if row is None:
        return b'{"line":%d,"policies":[]}\n' % number
    return orjson.dumps(row.to_json(number), option=orjson.OPT_APPEND_NEWLINE)
