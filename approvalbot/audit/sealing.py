"""Sealing: every few minutes the new entries are sealed into a signed checkpoint.

A trail that does not hang together is never sealed: a signature must not make good what somebody broke.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from approvalbot.answers.checkpoints import read_checkpoint, sign_checkpoint
from approvalbot.answers.signing import SigningKey, key_set
from approvalbot.errors import ApprovalBotError, SignatureRejected
from approvalbot.request.seal import Checkpoint, digest_of_signed, sealed
from approvalbot.request.trail import GENESIS, MARK
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.trail import TrailStore


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals the trail in the name of `origin`, our own address."""

    trail: TrailStore
    checkpoints: CheckpointStore
    key: SigningKey
    origin: str

    def seal(self, now: datetime) -> Checkpoint | None:
        """Seal what is new; None where nothing is, or another process was first.

        Raises:
            ApprovalBotError: code `trail_broken`, the entries do not follow each other.
            SignatureRejected: our last checkpoint is not ours.
        """
        count, newest = self.checkpoints.last()
        number, seal, last = self._standing(newest)
        first = number + 1
        for record in self.trail.records(first):
            if record.number != number + 1 or (last and record.after != last[:MARK]):
                raise broken(record.number)
            number, last = record.number, str(record.entry.get("hash"))
            seal = sealed(seal, last)
        if number < first:
            return None
        previous = digest_of_signed(newest) if newest else ""
        made = Checkpoint(origin=self.origin, number=number, seal=seal, at=now, previous=previous)
        signed = sign_checkpoint(self.key, made.model_dump(mode="json"))
        return made if self.checkpoints.push(count, signed) else None

    def _standing(self, newest: str | None) -> tuple[int, str, str]:
        """Number and seal of the newest checkpoint, and the hash of its last entry where that is still known."""
        if newest is None:
            start, cut = self.trail.start()
            return start.number, cut.seal if cut else GENESIS, start.last
        found = opened(newest, key_set(self.key))
        return found.number, found.seal, ""


def opened(signed: str, keys: Mapping[str, Any] | None) -> Checkpoint:
    """A checkpoint from its token; without `keys` its signature is not looked at.

    Raises:
        SignatureRejected: no checkpoint, not signed by one of these keys, or of a newer form.
    """
    claims = read_checkpoint(signed, keys)
    try:
        return Checkpoint.model_validate(claims)
    except ValidationError as fault:
        raise SignatureRejected("A checkpoint has a form that is not known here.") from fault


def broken(number: int) -> ApprovalBotError:
    """The entries do not follow each other at this number."""
    return ApprovalBotError(
        "trail_broken",
        "Entry {number} does not follow the one before it; the trail is not sealed.",
        hint="approvalbot audit verify tells which entries do not fit.",
        number=number,
    )
