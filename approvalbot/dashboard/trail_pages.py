"""The trail for an auditor: searching it, proving it, its checkpoints, and taking it along."""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.responses import Response, StreamingResponse

from approvalbot.audit.exporting import export_of
from approvalbot.audit.files import Verified
from approvalbot.audit.formats import FORMS
from approvalbot.audit.proving import prove_store
from approvalbot.audit.sealing import opened
from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.live import is_number
from approvalbot.dashboard.trail_search import TrailQuery, search
from approvalbot.dashboard.words import STEPS
from approvalbot.errors import BadInput, Busy, SignatureRejected, Unavailable
from approvalbot.log import get_logger
from approvalbot.request.seal import Checkpoint
from approvalbot.request.trail import Draft, Record
from approvalbot.store.chains import Chains
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.trail import TrailStore

log = get_logger("dashboard")

MOST_CHECKPOINTS = 20
MOST_FAULTS = 20

MOST_PROVEN = 1_000_000
VERIFY_FOR_S = 30.0
"""What a page proves at most: the process does little else meanwhile. The command line has no such bound."""

OTHERS = ("policies_in_force", "policies_refused", "signed_in", "signed_out", "sessions_ended", "trail_cut")
OWN = ("trail_exported", "delivery_resent")
"""What stands in the trail and belongs to no request: suggested beside the steps of requests."""

KINDS = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
SUFFIXES = {"jsonl": "jsonl", "csv": "csv", "ocsf": "ocsf.jsonl", "cloudevents": "cloudevents.jsonl"}


@dataclass(frozen=True, slots=True)
class Sealed:
    """One checkpoint in the list. `fault` says why it proves nothing."""

    checkpoint: Checkpoint | None
    token: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class TrailPages:
    """Shows the trail to auditors. `keys` are the public keys of checkpoints, `origin` is our own address."""

    door: Door
    trail: TrailStore
    checkpoints: CheckpointStore
    chains: Chains
    keys: Mapping[str, Any]
    origin: str
    _proving: threading.Lock = field(default_factory=threading.Lock)

    def show(self, visit: Visit) -> Response:
        """`GET /trail`."""
        return self._page(visit)

    def verify(self, visit: Visit) -> Response:
        """`POST /trail/verify`: prove the whole trail, one at a time. It changes nothing, and takes a while."""
        try:
            proof = self._proved()
        except (Busy, Unavailable) as fault:
            return self._page(visit, refused=fault.text(), status=fault.status)
        log.info("trail verified", by=visit.viewer.person.key, entries=proof.entries, faults=len(proof.faults))
        return self._page(visit, proof=proof)

    def export(self, visit: Visit) -> Response:
        """`POST /trail/export`: the entries as a file; that somebody took them stands in the trail first."""
        form, after = visit.form.get("format", ""), visit.form.get("after", "").strip() or "0"
        if not is_number(after):
            raise BadInput("parameter_invalid", "after is the number of an entry.", hint="Leave it empty for all.")
        found = export_of(self.trail, self.checkpoints, form, origin=self.origin, keys=self.keys, after=int(after))
        detail = {"format": form, "after": str(found.first - 1), "entries": str(found.count)}
        self.chains.append("audit", [Draft("trail_exported", visit.viewer.person, detail)])
        name = f"trail-{found.first}-{found.last}.{SUFFIXES[form]}"
        headers = {
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        }
        lines = (line + b"\n" for line in found.lines())
        return StreamingResponse(lines, headers=headers, media_type=KINDS.get(form, KINDS["jsonl"]))

    def _proved(self) -> Verified:
        """What proving finds.

        Raises:
            Busy: somebody else is proving it.
            Unavailable: there is too much of it for a page.
        """
        length = self.trail.total() - self.trail.start()[0].number
        if length > MOST_PROVEN:
            raise Unavailable(f"{length:,} entries are more than a page can prove. Run: approvalbot audit verify.")
        if not self._proving.acquire(blocking=False):
            raise Busy("The trail is being proven just now. Look again in a minute.", retry_after_s=30)
        try:
            return prove_store(self.trail, self.checkpoints.all(), self.keys, _for_a_while)
        finally:
            self._proving.release()

    def _page(self, visit: Visit, *, proof: Verified | None = None, refused: str = "", status: int = 200) -> Response:
        query, before = TrailQuery.read(visit.query), visit.query.get("before", "")
        if before and not is_number(before):
            raise BadInput(
                "parameter_invalid", "before is the number of an entry.", hint="Follow the link of the page."
            )
        hits = search(self.trail, query, visit.viewer.zone, int(before) if before else None)
        start, cut = self.trail.start()
        return self.door.render.page(
            "trail.html",
            visit.viewer,
            status,
            title="Trail",
            query=query,
            before=before,
            hits=hits,
            lines=[Line.of(record) for record in hits.records],
            total=self.trail.total(),
            begins=start.number + 1,
            cut=cut,
            whats=sorted({*STEPS, *OTHERS, *OWN}),
            sealed=[self._opened(token) for token in self.checkpoints.newest(MOST_CHECKPOINTS)],
            places=sorted(self.checkpoints.places().items()),
            receivers=sorted(self.checkpoints.receivers().items()),
            formats=tuple(FORMS),
            proof=proof,
            faults=proof.faults[:MOST_FAULTS] if proof else (),
            refused=refused,
        )

    def _opened(self, token: str) -> Sealed:
        try:
            return Sealed(opened(token, self.keys), token)
        except SignatureRejected as fault:
            return Sealed(None, token, fault.text())


@dataclass(frozen=True, slots=True)
class Line:
    """One entry for a reader. An entry that somebody wrote by hand may lack anything."""

    number: int
    at: datetime | None
    request: str
    what: str
    who: str
    detail: tuple[tuple[str, str], ...]
    hash: str

    @classmethod
    def of(cls, record: Record) -> "Line":
        """The line of an entry."""
        entry = record.entry
        by = entry.get("by") or {}
        try:
            at = datetime.fromisoformat(str(entry.get("at")))
        except ValueError:
            at = None
        return cls(
            number=record.number,
            at=at,
            request=str(entry.get("request", "")),
            what=str(entry.get("what", "not readable")),
            who=str(by.get("name") or by.get("key") or ""),
            detail=tuple((str(name), str(value)) for name, value in (entry.get("detail") or {}).items()),
            hash=str(entry.get("hash", "")),
        )


def _for_a_while(records: Iterator[Record]) -> Iterator[Record]:
    """The records, as long as it does not take too long."""
    until = time.monotonic() + VERIFY_FOR_S
    for record in records:
        if time.monotonic() > until:
            raise Unavailable(f"Proving took longer than {VERIFY_FOR_S:.0f} s. Run: approvalbot audit verify.")
        yield record
