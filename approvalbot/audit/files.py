"""An exported trail in a file: written from the store, and verified without it.

The first line of a JSON Lines export says where it begins and with which keys checkpoints verify; each checkpoint
stands after the entry it seals. Every other line is one entry. A file to which the trail was shipped has the entries
alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from approvalbot.audit.sealing import opened
from approvalbot.errors import ApprovalBotError, BadInput
from approvalbot.request.seal import Checkpoint, Seals
from approvalbot.request.trail import GENESIS, Record, Start, Verifier

LONGEST_LINE = 1 << 20
"""Bytes of one line: an entry has some hundreds, and the first line names at most the chains that go on."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the first line of an export says. `keys` are the public keys at the time of the export."""

    start: Start
    seal: str
    origin: str
    keys: Mapping[str, Any]

    def line(self) -> bytes:
        """The line."""
        start = {"number": self.start.number, "last": self.start.last, "heads": self.start.heads, "seal": self.seal}
        return orjson.dumps({"trail": {"format": 1, "origin": self.origin, "start": start, "keys": self.keys}})


@dataclass(slots=True)
class Verified:
    """What was found in a file."""

    entries: int = 0
    requests: int = 0
    checkpoints: int = 0
    last: int = 0
    signed: bool = False
    faults: list[str] = field(default_factory=list)


def exported(
    beginning: Beginning, records: Iterable[Record], checkpoints: Mapping[int, str], line: Any
) -> Iterator[bytes]:
    """The lines of a JSON Lines export. `checkpoints` are the tokens by number."""
    yield beginning.line()
    if beginning.start.number in checkpoints:
        yield orjson.dumps({"checkpoint": checkpoints[beginning.start.number]})
    for record in records:
        yield line(record, beginning.origin)
        if record.number in checkpoints:
            yield orjson.dumps({"checkpoint": checkpoints[record.number]})


def verify_file(
    lines: Iterable[bytes], *, keys: Mapping[str, Any] | None = None, outside: Sequence[str] = ()
) -> Verified:
    """Verify an export without the store.

    `keys` are trusted public keys (of `/.well-known/jwks.json`, kept by the reader): those in the file prove nothing by
    themselves. `outside` are checkpoints that were kept elsewhere; the file must agree with each it reaches.

    Raises:
        BadInput: the file is no export.
    """
    reading = _Reading(keys, outside)
    for number, line in enumerate(lines, start=1):
        reading.read(line.strip(), number)
    return reading.finish()


class _Reading:
    def __init__(self, keys: Mapping[str, Any] | None, outside: Sequence[str]) -> None:
        self.found = Verified(signed=keys is not None)
        self._keys = keys
        self._outside: dict[int, Checkpoint] = {}
        for token in outside:
            one = self._open(token, "a checkpoint kept elsewhere")
            if one is not None:
                self._outside[one.number] = one
        self._verifier: Verifier | None = None
        self._seals = Seals({})

    def read(self, line: bytes, number: int) -> None:
        if not line:
            return
        if len(line) > LONGEST_LINE:
            raise _no_export(number, f"a line has at most {LONGEST_LINE} bytes")
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as fault:
            raise _no_export(number, "it is not JSON") from fault
        if not isinstance(value, dict):
            raise _no_export(number, "a line is a JSON object")
        if self._verifier is None:
            self._begin(value, number)
        elif "checkpoint" in value:
            self._checkpoint(str(value["checkpoint"]), number)
        else:
            self._entry(self._verifier, value, number)

    def finish(self) -> Verified:
        """What was found; a file without a first line is none of ours."""
        if self._verifier is None:
            raise _no_export(1, "it is empty")
        found = self.found
        found.faults += [*self._verifier.faults, *self._seals.finish()]
        found.requests = self._verifier.requests
        found.checkpoints += self._seals.met
        found.last = self._seals.number
        return found

    def _begin(self, value: dict[str, Any], number: int) -> None:
        if value.get("number") == 1 and value.get("n") == 1:
            # What was shipped from the first entry on needs nobody to say where it begins.
            self._verifier, self._seals = Verifier({}, 0), Seals(self._outside)
            self._entry(self._verifier, value, number)
            return
        try:
            start = value["trail"]["start"]
            heads = {str(name): (int(head[0]), str(head[1])) for name, head in start["heads"].items()}
            begun = Start(int(start["number"]), str(start["last"]), heads)
            seal = str(start["seal"])
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as fault:
            raise _no_export(number, "the first line of an export says where it begins") from fault
        if begun.number == 0 and (seal != GENESIS or begun.last != GENESIS or heads):
            self.found.faults.append("the first line claims a past that the first entry cannot have")
        self._verifier = Verifier({}, 0, begun)
        self._seals = Seals(self._outside, begun.number, seal)

    def _entry(self, verifier: Verifier, value: dict[str, Any], number: int) -> None:
        try:
            place, after = int(value.pop("number")), str(value.pop("after"))
        except (KeyError, TypeError, ValueError) as fault:
            raise _no_export(number, "an entry has a number and an after") from fault
        verifier.read(Record(place, after, value))
        self._seals.pass_by(place, str(value.get("hash")))
        self.found.entries += 1

    def _checkpoint(self, token: str, number: int) -> None:
        one = self._open(token, f"the checkpoint in line {number}")
        if one is None:
            return
        self.found.checkpoints += 1
        if (one.number, one.seal) != (self._seals.number, self._seals.seal):
            self.found.faults.append(f"line {number}: the entries before it are not those that this checkpoint sealed")

    def _open(self, token: str, what: str) -> Checkpoint | None:
        try:
            return opened(token, self._keys)
        except ApprovalBotError as fault:
            self.found.faults.append(f"{what}: {fault.text()}")
            return None


def _no_export(number: int, why: str) -> BadInput:
    hint = "Write one with: approvalbot audit export --out FILE"
    return BadInput("body_invalid", "Line {number} is of no export: {why}.", hint=hint, number=number, why=why)
