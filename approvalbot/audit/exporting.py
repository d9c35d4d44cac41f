"""An export of the trail from the store: where it begins, and its lines in one of the forms."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from approvalbot.audit.files import Beginning, exported
from approvalbot.audit.formats import CSV_COLUMNS, FORMS, csv_line
from approvalbot.audit.sealing import opened
from approvalbot.errors import BadInput
from approvalbot.request.seal import Seals
from approvalbot.request.trail import GENESIS, Record, Start
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.trail import TrailStore

Watch = Callable[[Iterator[Record]], Iterator[Record]]


@dataclass(frozen=True, slots=True)
class Export:
    """The entries after `after`, or after the cut, up to `last`. `keys` are those that checkpoints verify with."""

    trail: TrailStore
    checkpoints: CheckpointStore
    form: str
    beginning: Beginning
    after: int
    last: int

    @property
    def first(self) -> int:
        """The number of its first entry."""
        return self.beginning.start.number + 1

    @property
    def count(self) -> int:
        """How many entries it has."""
        return max(0, self.last - self.first + 1)

    def lines(self, watch: Watch = iter) -> Iterator[bytes]:
        """Its lines, without their ends. `watch` may look at the records that pass."""
        records = watch(self.trail.records(self.first, self.last)) if self.count else iter(())
        line, origin = FORMS[self.form], self.beginning.origin
        if self.form == "jsonl":
            tokens = {opened(one, None).number: one for one in self.checkpoints.all()}
            yield from exported(self.beginning, records, tokens, line)
            return
        if self.form == "csv" and not self.after:
            yield csv_line(CSV_COLUMNS)
        for record in records:
            yield line(record, origin)


def export_of(
    trail: TrailStore,
    checkpoints: CheckpointStore,
    form: str,
    *,
    origin: str,
    keys: Mapping[str, Any],
    after: int = 0,
) -> Export:
    """What there is to export now.

    Raises:
        BadInput: there is no such form.
    """
    if form not in FORMS:
        hint = f"Write one of {', '.join(FORMS)}."
        raise BadInput("parameter_invalid", "{form} is no format.", hint=hint, form=repr(form[:40]))
    last = trail.total()
    return Export(trail, checkpoints, form, beginning_after(trail, min(after, last), origin, keys), after, last)


def beginning_after(trail: TrailStore, after: int, origin: str, keys: Mapping[str, Any]) -> Beginning:
    """Where an export that starts after entry `after` begins: its seal and its chains, read from what is kept."""
    start, cut = trail.start()
    seals = Seals({}, start.number, cut.seal if cut else GENESIS)
    heads, last = dict(start.heads), start.last
    for record in trail.records(start.number + 1, after) if after > start.number else ():
        last = str(record.entry["hash"])
        heads[str(record.entry["request"])] = (int(record.entry["n"]), last)
        seals.pass_by(record.number, last)
    begun = Start(seals.number, last, heads)
    return Beginning(begun, seals.seal, origin, keys)
