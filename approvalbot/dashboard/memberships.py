"""Who belongs to what, for one page: each group is looked up once, and may be a minute old. Nothing is done by it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from approvalbot.dashboard.viewer import Viewer
from approvalbot.errors import MoveRefused
from approvalbot.flow.ports import Journey
from approvalbot.policy.approval import Approver
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.people import owner_entry
from approvalbot.request.request import Person


@dataclass(slots=True)
class Memberships:
    """What one page has looked up so far. A yes on a page is a button; whoever presses it is looked up anew.

    Once Slack does not answer it is asked no more: a page would wait for it group by group.
    """

    journey: Journey
    viewer: Viewer
    _known: dict[str, frozenset[str] | None] = field(default_factory=dict)
    _silent: MoveRefused | None = None

    def owns(self, terms: Entitlement) -> bool:
        """Whether the reader is an owner of it, as far as is known."""
        entry = owner_entry(terms.owner, self.journey.policies().identities)
        return bool(self._among((entry,), self.viewer.person))

    def may_ask(self, terms: Entitlement, person: Person) -> bool | None:
        """Whether somebody is among those who may ask for it; None where that is not known."""
        return self._among(terms.requestable_by, person)

    def members(self, entry: Approver, name: str) -> frozenset[str] | None:
        """The Slack ids behind an entry whose template was filled to `name`.

        Raises:
            MoveRefused: `membership_unknown`.
        """
        key = f"{entry.kind}:{name}"
        if key in self._known:
            return self._known[key]
        if self._silent is not None or self.viewer.unconfirmed:
            raise self._silent or MoveRefused("membership_unknown", "Slack does not answer.")
        try:
            self._known[key] = self.journey.people.members(entry, name)
        except MoveRefused as fault:
            self._silent = fault
            raise
        return self._known[key]

    def _among(self, entries: Iterable[Approver], person: Person) -> bool | None:
        unknown = False
        for entry in entries:
            try:
                if person.slack in (self.members(entry, entry.name) or ()):
                    return True
            except MoveRefused:
                unknown = True
        return None if unknown else False
