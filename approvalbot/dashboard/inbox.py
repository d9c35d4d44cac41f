"""The first page: what waits for me, what else is open, and what was settled last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.viewer import Viewer, has_part
from approvalbot.errors import BadInput
from approvalbot.plaintext import visible
from approvalbot.request.about import About
from approvalbot.request.request import Request
from approvalbot.store import keys
from approvalbot.store.requests import LIST_MOST, RequestStore

PAGE = 50
SHOWN = ("mine", "open", "settled")
SETTLED = ("approved", "denied", "expired", "withdrawn", "active", "ended", "failed")


@dataclass(frozen=True, slots=True)
class Row:
    """One request in a list."""

    request: Request
    about: About

    @property
    def is_late(self) -> bool:
        """Whether nobody of the first level acted."""
        return self.request.level > 0


@dataclass(frozen=True, slots=True)
class Inbox:
    """Lists requests. Somebody without a role sees those that they have a part in."""

    door: Door
    requests: RequestStore

    def show(self, visit: Visit) -> Response:
        """`GET /`."""
        which = visit.query.get("show", "mine")
        if which not in SHOWN:
            raise BadInput("parameter_invalid", "There is no list {which}.", hint="mine, open or settled.", which=which)
        rows, more = self._rows(visit.viewer, which, _before(visit.query.get("before", "")))
        wanted = visit.query.get("q", "").strip().casefold()[:100]
        found = [row for row in rows if not wanted or wanted in _text(row)]
        return self.door.render.page(
            "inbox.html",
            visit.viewer,
            title="Waiting",
            rows=found,
            which=which,
            wanted=visible(visit.query.get("q", "")[:100]),
            more=more,
            counts={"open": self.requests.count(keys.in_state("pending"))},
        )

    def _rows(self, viewer: Viewer, which: str, before: float | None) -> tuple[list[Row], float | None]:
        if which == "mine":
            return self._titled(self._waiting_for(viewer)), None
        if which == "open":
            return self._listed(viewer, ("pending",), before)
        return self._listed(viewer, SETTLED, before)

    def _waiting_for(self, viewer: Viewer) -> list[Request]:
        """What this person was asked to decide and has not, the one that ends soonest first."""
        names = [name for name, _ in self.requests.listed(keys.in_state("pending"), most=LIST_MOST)]
        mine = [
            request
            for request in self.requests.find_many(names)
            if any(viewer.person.slack in asked.people for asked in request.asked)
            and not any(vote.by.is_same(viewer.person) for vote in request.votes)
        ]
        return sorted(mine, key=_end)

    def _listed(self, viewer: Viewer, states: Sequence[str], before: float | None) -> tuple[list[Row], float | None]:
        """A page of several states together, newest first, and where the next page begins."""
        found = [
            pair for state in states for pair in self.requests.listed(keys.in_state(state), before=before, most=PAGE)
        ]
        newest = sorted(found, key=lambda pair: -pair[1])[:PAGE]
        more = newest[-1][1] if len(newest) == PAGE else None
        requests = self.requests.find_many([name for name, _ in newest])
        seen = [one for one in requests if viewer.is_a("viewer") or has_part(viewer, one)]
        return self._titled(seen), more

    def _titled(self, requests: Sequence[Request]) -> list[Row]:
        abouts = self.requests.abouts([request.id for request in requests])
        return [Row(request, abouts[request.id]) for request in requests if request.id in abouts]


def _end(request: Request) -> tuple[bool, datetime]:
    return request.expires_at is None, request.expires_at or request.opened_at


def _before(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise BadInput("parameter_invalid", "before is a number.", hint="Follow the link of the page.") from None


def _text(row: Row) -> str:
    about = row.about
    parts = (about.title, about.who, about.who_id, about.action, about.resource, row.request.policy_id, row.request.id)
    return " ".join(parts).casefold()
