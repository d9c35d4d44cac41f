"""Publishing: every checkpoint comes to every place, in order, at least once."""

from collections.abc import Sequence
from dataclasses import dataclass

from approvalbot.audit.places import Place
from approvalbot.audit.sealing import opened
from approvalbot.errors import ApprovalBotError
from approvalbot.log import get_logger
from approvalbot.request.seal import Checkpoint
from approvalbot.store.checkpoints import CheckpointStore

log = get_logger("audit")

MOST_AT_ONCE = 50
"""Checkpoints brought to one place in one round: after a long outage a channel is not flooded all at once."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Brings checkpoints to their places."""

    checkpoints: CheckpointStore
    places: Sequence[Place]

    def publish(self) -> list[str]:
        """Bring what is missing; gives a sentence for each place that did not take it. It is tried again next time."""
        if not self.places:
            return []
        held = [(opened(signed, None), signed) for signed in self.checkpoints.all()]
        faults = []
        for place in self.places:
            try:
                self._bring(place, held)
            except ApprovalBotError as fault:
                log.error("checkpoint not published", place=place.name, fault=fault.text())
                faults.append(f"{place.name}: {fault.text()}")
        return faults

    def _bring(self, place: Place, held: Sequence[tuple[Checkpoint, str]]) -> None:
        there = self.checkpoints.published(place.name)
        missing = [(one, signed) for one, signed in held if one.number > there]
        # A place that is new starts with the newest: it seals everything before it as well.
        for checkpoint, signed in missing[-1:] if there == 0 else missing[:MOST_AT_ONCE]:
            place.put(checkpoint, signed)
            self.checkpoints.note_published(place.name, checkpoint.number)
