"""What one move does: the request as it then is, the trail entries, the effects. Committed whole or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.effects import Effect
from approvalbot.request.quorum import Tally
from approvalbot.request.request import Asked, Request
from approvalbot.request.trail import Draft, Entry, append

Terms = Policy | Entitlement
"""What a request was opened under: the document as its snapshot holds it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a request.

    `expected` is the version it was computed from: the store commits only on top of that. The commit must happen at or
    after `valid_from` and before `valid_until` by the store's own clock; otherwise the step is to be computed again.
    `asked_before` is whom the levels had asked, where this step changes that.
    """

    request: Request
    expected: int
    entries: tuple[Entry, ...] = ()
    effects: tuple[Effect, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    tally: Tally | None = None
    asked_before: tuple[Asked, ...] | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to commit. A step may come without a trail entry: a look that found all well."""
        return self.request.version == self.expected

    @property
    def settles(self) -> bool:
        """Whether this is the step that decided, and no later one."""
        decision = self.request.decision
        return decision is not None and any(entry.what == decision.state.value for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Here:
    """Where a step starts: the request as it stands, and the time."""

    request: Request
    now: datetime

    def nothing(self) -> Change:
        """The step changes nothing, and that is no fault."""
        return Change(self.request, self.request.version)

    def becomes(
        self,
        request: Request,
        drafts: Iterable[Draft],
        effects: Iterable[Effect],
        *,
        valid_from: datetime | None = None,
        valid_until: datetime | None = None,
        tally: Tally | None = None,
    ) -> Change:
        """The step that makes the request `request`. The version rises by one, the trail by the drafts."""
        risen = request.model_copy(update={"version": self.request.version + 1})
        chained, entries = append(risen, self.now, drafts)
        return Change(chained, self.request.version, entries, tuple(effects), valid_from, valid_until, tally)
