"""Seals: one digest over all entries so far, and checkpoints that say it aloud.

Theory. The seal of n entries is SHA-256 of the seal of n-1 and the hash of entry n; the seal of none is `GENESIS`. So
one digest stands for the whole record up to a number, whatever requests its entries belong to. A *checkpoint* is a
seal with its number, signed, and kept where whoever can write the store cannot: from then on the record up to there
cannot be rewritten, not even as a whole, without contradicting a signature that others hold.

Checkpoints name the digest of the one before, so that one left out is missed. What lies after the newest checkpoint
that others hold is evident, not proven.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import Field

from approvalbot.request.request import Stored
from approvalbot.request.trail import GENESIS

FORMAT = 1


class Checkpoint(Stored):
    """The seal of the first `number` entries. `previous` is the SHA-256 of the signed checkpoint before, or empty."""

    format: int = FORMAT
    origin: str
    number: int = Field(ge=1)
    seal: str
    at: datetime
    previous: str = ""


class Cut(Stored):
    """Where the kept part of a trail begins: `checkpoint` (signed) seals what was removed.

    `last` is the hash of the last entry removed; `heads` has the step and the hash at which the chains that go on
    after the cut stood there.
    """

    number: int
    last: str
    seal: str
    checkpoint: str
    at: datetime
    heads: dict[str, tuple[int, str]] = Field(default_factory=dict)


def sealed(seal: str, entry_hash: str) -> str:
    """The seal after one more entry."""
    return hashlib.sha256(f"{seal}{entry_hash}".encode()).hexdigest()


def seal_of(hashes: Iterable[str], start: str = GENESIS) -> str:
    """The seal of entries with these hashes, in order, after those that `start` seals."""
    seal = start
    for one in hashes:
        seal = sealed(seal, one)
    return seal


def digest_of_signed(signed: str) -> str:
    """What the next checkpoint calls this one."""
    return hashlib.sha256(signed.encode()).hexdigest()


class Seals:
    """Holds checkpoints against a record as it is read.

    `checkpoints` are by number; each is told to `pass_by` when its entry comes.
    """

    def __init__(self, checkpoints: Mapping[int, Checkpoint], start: int = 0, seal: str = GENESIS) -> None:
        self.faults: list[str] = []
        self.met = 0
        self.seal = seal
        self.number = start
        self._checkpoints = {number: one for number, one in checkpoints.items() if number >= start}
        if start in self._checkpoints:
            self._hold(self._checkpoints[start])

    def pass_by(self, number: int, entry_hash: str) -> None:
        """One more entry."""
        self.number = number
        self.seal = sealed(self.seal, entry_hash)
        found = self._checkpoints.get(number)
        if found is not None:
            self._hold(found)

    def finish(self) -> list[str]:
        """The faults, once everything is read."""
        beyond = [number for number in self._checkpoints if number > self.number]
        if beyond:
            self.faults.append(
                f"a checkpoint seals {max(beyond)} entries and the trail ends at {self.number}; its end was cut"
            )
        return self.faults

    def _hold(self, checkpoint: Checkpoint) -> None:
        self.met += 1
        if checkpoint.seal != self.seal:
            when = f"{checkpoint.at:%Y-%m-%d %H:%M} UTC"
            self.faults.append(
                f"the first {checkpoint.number} entries are not those that the checkpoint of {when} sealed;"
                " the record was written anew"
            )
