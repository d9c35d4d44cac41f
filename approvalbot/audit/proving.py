"""Proving the trail in the store against every checkpoint there is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from approvalbot.audit.files import Verified
from approvalbot.audit.sealing import opened
from approvalbot.errors import SignatureRejected
from approvalbot.request.seal import Checkpoint
from approvalbot.request.trail import Record
from approvalbot.store.trail import TrailStore, prove


def prove_store(
    trail: TrailStore,
    tokens: Iterable[str],
    keys: Mapping[str, Any],
    watch: Callable[[Iterator[Record]], Iterator[Record]] = iter,
) -> Verified:
    """Verify the whole trail. `tokens` are signed checkpoints, `keys` those that they must be signed with."""
    found = Verified(signed=True)
    known: dict[int, Checkpoint] = {}
    for token in tokens:
        try:
            one = opened(token, keys)
        except SignatureRejected as fault:
            found.faults.append(fault.text())
            continue
        if known.setdefault(one.number, one).seal != one.seal:
            found.faults.append(f"two checkpoints disagree about the first {one.number} entries")
    proof = prove(trail, known, watch)
    found.faults += proof.faults
    found.entries, found.requests = proof.entries, proof.requests
    found.checkpoints, found.last = proof.checkpoints, proof.last
    return found
