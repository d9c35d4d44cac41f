"""The first page: what waits for me, what else is open, and what was settled, narrowed as its address says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.filters import KINDS, OUTCOMES, SEVERITIES, Filters
from approvalbot.dashboard.looking import Found, Looking, Row, place_of
from approvalbot.dashboard.viewer import Viewer, has_part
from approvalbot.errors import BadInput
from approvalbot.request.about import About
from approvalbot.request.request import Request
from approvalbot.store import keys
from approvalbot.store.listing import Place
from approvalbot.store.trail import TrailStore

PAGE = 50
LOOK = 600
"""Requests that one page looks at to find its fifty: some 30 ms. A link goes on from there."""

LOOK_FOR_MINE = 2000
"""Open requests that are looked through for those that wait for one person."""

LOOK_FOR_LAST = 200
"""Settled requests that are looked through for the last that one person had a part in."""

NAMES_SHOWN = 200
"""Policies and sources that a filter suggests."""

SHOWN = {"mine": "Waiting for you", "open": "All that waits", "settled": "Settled"}


@dataclass(frozen=True, slots=True)
class Inbox:
    """Lists requests. Somebody without a role sees those that they have a part in."""

    door: Door
    looking: Looking
    trail: TrailStore

    def show(self, visit: Visit) -> Response:
        """`GET /`."""
        which = visit.query.get("show", "mine")
        if which not in SHOWN:
            raise BadInput("parameter_invalid", "There is no list {which}.", hint="mine, open or settled.", which=which)
        filters = Filters.read(visit.query)
        before = place_of(visit.query.get("before", ""))
        # Read before the list is: a change in between is heard of, not missed.
        mark = self.trail.total()
        found = self._found(visit.viewer, which, filters, before)
        policies = self.door.journey.policies()
        return self.door.render.page(
            "inbox.html",
            visit.viewer,
            title=SHOWN[which],
            found=found,
            which=which,
            filters=filters,
            before=before,
            mark=mark,
            open_in_all=self.looking.listing.counts([keys.in_state("pending")])[0],
            last=self._last(visit.viewer) if which == "mine" and not found.rows else None,
            first_start=not policies.policies and not policies.packs and not policies.entitlements,
            choices={
                "severity": SEVERITIES,
                "kind": KINDS,
                "outcome": OUTCOMES if which == "settled" else (),
                "policy": sorted([*policies.by_key, *policies.entitlements])[:NAMES_SHOWN],
                "source": sorted(policies.sources)[:NAMES_SHOWN],
            },
        )

    def _found(self, viewer: Viewer, which: str, filters: Filters, before: Place | None) -> Found:
        if which == "mine":
            return self._waiting_for(viewer, filters)
        states = ("pending",) if which == "open" else OUTCOMES
        may_see_all = viewer.is_a("viewer")

        def wanted(request: Request, about: About) -> bool:
            seen = may_see_all or has_part(viewer, request)
            return seen and request.state.value in states and filters.hold(request, about)

        return self.looking.look(self._indexes(states, filters), wanted, before, look=LOOK, most=PAGE)

    def _indexes(self, states: Sequence[str], filters: Filters) -> list[str]:
        """The narrowest indexes that hold everything looked for."""
        if filters.outcome:
            states = [state for state in states if state == filters.outcome]
        if states != ("pending",) and filters.policy:
            return [keys.of_policy(filters.policy)]
        if states != ("pending",) and filters.source:
            return [keys.of_source(filters.source)]
        return [keys.in_state(state) for state in states]

    def _waiting_for(self, viewer: Viewer, filters: Filters) -> Found:
        """What this person was asked to decide and has not, the one that ends soonest first."""

        def wanted(request: Request, about: About) -> bool:
            asked = any(viewer.person.slack in one.people for one in request.asked)
            return (
                asked
                and not any(vote.by.is_same(viewer.person) for vote in request.votes)
                and filters.hold(request, about)
            )

        found = self.looking.look([keys.in_state("pending")], wanted, None, look=LOOK_FOR_MINE, most=LOOK_FOR_MINE)
        return Found(tuple(sorted(found.rows, key=lambda row: _end(row.request))), found.more, found.looked)

    def _last(self, viewer: Viewer) -> Row | None:
        """What was settled last of all that this person has a part in."""
        indexes = [keys.in_state(state) for state in OUTCOMES]

        def wanted(request: Request, _about: About) -> bool:
            return has_part(viewer, request)

        found = self.looking.look(indexes, wanted, None, look=LOOK_FOR_LAST, most=1)
        return found.rows[0] if found.rows else None


def _end(request: Request) -> tuple[bool, datetime]:
    return request.expires_at is None, request.expires_at or request.opened_at
