"""Retention: what is older than it must be is forgotten, and the proof of it stays.

The trail is cut at a checkpoint only: its signature seals everything before the cut, and the cut keeps where each chain
that goes on stood there. So what is left verifies from the cut on, and an export made before still verifies against the
same checkpoint. A request is forgotten with its last step, once nothing more can follow.
"""

from dataclasses import dataclass
from datetime import datetime

from approvalbot.audit.sealing import opened
from approvalbot.request.seal import Checkpoint, Cut
from approvalbot.request.trail import Draft, Heads
from approvalbot.store.chains import Chains
from approvalbot.store.checkpoints import SETTLED, CheckpointStore
from approvalbot.store.requests import RequestStore
from approvalbot.store.trail import TrailStore

MOST_AT_ONCE = 50_000
"""Entries removed by one cut: Redis does nothing else meanwhile, some tens of milliseconds for so many."""

LOOKED_UP_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Retention:
    """Forgets what is old."""

    trail: TrailStore
    checkpoints: CheckpointStore
    requests: RequestStore
    chains: Chains

    def cut(self, before: datetime, *, shipped: int | None = None) -> Cut | None:
        """Cut at the newest checkpoint all of whose entries are older than `before`; None where there is none.

        `shipped` is how many entries have been sent elsewhere, if they are to be: what was not is kept.
        """
        start, _ = self.trail.start()
        chosen = self._chosen(start.number, before, shipped)
        if chosen is None:
            return None
        checkpoint, signed = chosen
        heads, last = self._read(start.heads, start.number + 1, checkpoint.number)
        keep = self._kept(heads)
        cut = Cut(
            number=checkpoint.number,
            last=last,
            seal=checkpoint.seal,
            checkpoint=signed,
            at=self.requests.now(),
            heads={name: head for name, head in heads.items() if name in keep},
        )
        tokens = [one for one in self.checkpoints.all() if opened(one, None).number >= cut.number]
        self.checkpoints.cut_at(cut, tokens, [name for name in heads if name not in keep])
        detail = {"entries": str(cut.number), "seal": cut.seal, "before": before.date().isoformat()}
        self.chains.append("retention", [Draft("trail_cut", detail=detail)])
        return cut

    def _chosen(self, begun: int, before: datetime, shipped: int | None) -> tuple[Checkpoint, str] | None:
        """The newest checkpoint that everything before `before` lies under, not too far away for one cut."""
        found = None
        for signed in self.checkpoints.all():
            one = opened(signed, None)
            if one.number > begun + MOST_AT_ONCE and found is not None:
                break
            if one.number > begun and one.at < before and (shipped is None or one.number <= shipped):
                found = (one, signed)
        return found

    def _read(self, heads: Heads, first: int, last: int) -> tuple[dict[str, tuple[int, str]], str]:
        """Where every chain stands at entry `last`, and that entry's hash."""
        standing: dict[str, tuple[int, str]] = dict(heads)
        newest = ""
        for record in self.trail.records(first, last):
            newest = str(record.entry["hash"])
            standing[str(record.entry["request"])] = (int(record.entry["n"]), newest)
        return standing, newest

    def _kept(self, heads: dict[str, tuple[int, str]]) -> set[str]:
        """The chains that go on: of requests that are not settled or took steps since, and of everything else."""
        names = [name for name in heads if name.isupper()]
        kept = {name for name in heads if not name.isupper()}
        for place in range(0, len(names), LOOKED_UP_AT_ONCE):
            for request in self.requests.find_many(names[place : place + LOOKED_UP_AT_ONCE]):
                goes_on = request.state.value not in SETTLED or request.due_at is not None
                if goes_on or request.trail_count > heads[request.id][0]:
                    kept.add(request.id)
        return kept
