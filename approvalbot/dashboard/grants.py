"""Who holds what, until when and by which request: what runs, ends soon, stays open, failed or has drifted."""

from dataclasses import dataclass, replace
from datetime import datetime

from starlette.responses import Response

from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.filters import SEVERITIES, Filters
from approvalbot.dashboard.holding import Buttons, Holding
from approvalbot.dashboard.holdings import Held, drift_of, order_of, standing_of
from approvalbot.dashboard.looking import Found, Looking, Row, page_number, place_of
from approvalbot.dashboard.memberships import Memberships
from approvalbot.dashboard.policies import policy_path
from approvalbot.dashboard.viewer import has_part
from approvalbot.errors import BadInput
from approvalbot.request.about import About
from approvalbot.request.request import Request
from approvalbot.store import keys
from approvalbot.store.listing import Place
from approvalbot.store.trail import TrailStore

PAGE = 50
LOOK = 600
"""Requests that one page looks at, some 40 ms; a link goes on from there."""

LOOK_FOR_STARTING = 100
"""The newest approved requests that are looked through for access that is being started: that takes seconds."""

SHOWN = {
    "held": "Access that is held",
    "soon": "Access that ends soon",
    "open": "Access that is still open",
    "drift": "Access that has drifted",
    "failed": "Access that failed",
    "ended": "Access that has ended",
}
NOW = ("held", "soon", "open", "drift")
"""The lists of what is there now; the others are of what was."""


FILTERS = ("policy", "person", "severity", "q")
"""What these lists are narrowed to: everything else is the same for all access."""


@dataclass(frozen=True, slots=True)
class Line:
    """One access on the page, with what its reader may do about it."""

    row: Row
    held: Held
    buttons: Buttons
    policy: str


@dataclass(frozen=True, slots=True)
class GrantPages:
    """Viewers see all of it; everybody sees what they hold, decided, or own."""

    door: Door
    looking: Looking
    trail: TrailStore
    holding: Holding

    def show(self, visit: Visit) -> Response:
        """`GET /grants`."""
        which = visit.query.get("show", "held")
        if which not in SHOWN:
            raise BadInput("parameter_invalid", "There is no list {which}.", hint=f"{', '.join(SHOWN)}.", which=which)
        filters = Filters.read({name: value for name, value in visit.query.items() if name in FILTERS})
        before, number = place_of(visit.query.get("before", "")), page_number(visit.query.get("page", ""))
        mark, now = self.trail.total(), self.door.journey.requests.now()
        members = Memberships(self.door.journey, visit.viewer)
        found = self._found(visit, which, filters, before, members)
        there = [(row, one) for row in found.rows if (one := self._held(row.request, now, members)) is not None]
        wanted = [(row, held) for row, held in there if _is_in(which, held)]
        if which in NOW:
            wanted.sort(key=lambda one: order_of(one[1]))
        return self.door.render.page(
            "grants.html",
            visit.viewer,
            title=SHOWN[which],
            which=which,
            lists=SHOWN,
            counts={name: sum(_is_in(name, held) for _, held in there) for name in NOW} if which in NOW else {},
            lines=[self._line(visit, *one, members) for one in wanted[(number - 1) * PAGE : number * PAGE]],
            total=len(wanted),
            page=number,
            pages=max(1, -(-len(wanted) // PAGE)),
            found=found,
            filters=filters,
            before=before,
            mark=mark,
            severities=SEVERITIES,
            policies=sorted(self.door.journey.policies().entitlements),
            seen=None if visit.viewer.is_a("viewer") else "You see what you hold, decided on, or own.",
        )

    def _found(self, visit: Visit, which: str, filters: Filters, before: Place | None, members: Memberships) -> Found:
        """The access of a list, newest first; what is there now in one look, which its counts need."""
        policies = self.door.journey.policies()

        def wanted(request: Request, about: About) -> bool:
            narrowed = filters.without("person").hold(request, about) and _is_held_by(request, filters.person)
            if request.kind != "access" or request.grant is None or not narrowed:
                return False
            terms = policies.entitlements.get(request.policy_id)
            seen = visit.viewer.is_a("viewer") or has_part(visit.viewer, request)
            return seen or (terms is not None and members.owns(terms))

        states = ("active", "failed") if which in NOW else (which,)
        found = self.looking.look([keys.in_state(one) for one in states], wanted, before, look=LOOK, most=LOOK)
        if which not in NOW or before is not None:
            return found
        approved = [keys.in_state("approved")]
        starting = self.looking.look(approved, wanted, None, look=LOOK_FOR_STARTING, most=LOOK_FOR_STARTING)
        return replace(found, rows=(*starting.rows, *found.rows))

    def _held(self, request: Request, now: datetime, members: Memberships) -> Held | None:
        standing = standing_of(request, now)
        if standing is None:
            return None
        there = standing not in {"failed", "ended"}
        drift = drift_of(request, self.door.journey.policies(), members.may_ask) if there else ()
        return Held(request, standing, drift)

    def _line(self, visit: Visit, row: Row, held: Held, members: Memberships) -> Line:
        terms = self.door.journey.policies().entitlements.get(row.request.policy_id)
        path = policy_path(terms.id, "access") if terms is not None and visit.viewer.is_a("viewer") else ""
        return Line(row, held, self.holding.buttons(visit, row.request, members), path)


def _is_held_by(request: Request, wanted: str) -> bool:
    """Whether its holder's name, key or Slack id contains what was written: who else has a part is not asked here."""
    holder = request.requester
    words = (holder.key, holder.name, holder.slack or "") if holder is not None else ()
    return not wanted or any(wanted.casefold() in word.casefold() for word in words)


def _is_in(which: str, held: Held) -> bool:
    match which:
        case "held":
            return held.standing not in {"failed", "ended"}
        case "drift":
            return bool(held.drift)
        case _:
            return held.standing == which
