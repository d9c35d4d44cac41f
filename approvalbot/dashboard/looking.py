"""Looking through lists of requests: the newest that are wanted, among so many at most; a link goes on from there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from approvalbot.errors import BadInput
from approvalbot.request.about import About
from approvalbot.request.request import Request
from approvalbot.store.listing import Listing, Place
from approvalbot.store.requests import RequestStore

AT_ONCE = 200

Wanted = Callable[[Request, About], bool]


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
class Found:
    """The rows of a page. `more` is where the look ended before the list did, `looked` how many requests it took."""

    rows: tuple[Row, ...]
    more: Place | None
    looked: int


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks through the indexes that commits write."""

    requests: RequestStore
    listing: Listing

    def look(self, indexes: Sequence[str], wanted: Wanted, before: Place | None, *, look: int, most: int) -> Found:
        """The newest rows that are wanted, among so many requests at most."""
        rows: list[Row] = []
        looked, last = 0, before
        for place, row in self._rows(indexes, before, first=min(most, AT_ONCE) + 1):
            if len(rows) == most or looked == look:
                return Found(tuple(rows), last, looked)
            looked, last = looked + 1, place
            if row is not None and wanted(row.request, row.about):
                rows.append(row)
        return Found(tuple(rows), None, looked)

    def _rows(self, indexes: Sequence[str], before: Place | None, *, first: int) -> Iterator[tuple[Place, Row | None]]:
        """Every place of the indexes, with its request unless that was forgotten; `first` are read at once."""
        at_once = first
        while page := self.listing.page(indexes, before=before, most=at_once):
            names = [place.id for place in page]
            held = {request.id: request for request in self.requests.find_many(names)}
            abouts = self.requests.abouts(list(held))
            for place in page:
                found = place.id in held and place.id in abouts
                yield place, Row(held[place.id], abouts[place.id]) if found else None
            before, at_once = page[-1], AT_ONCE


def place_of(written: str) -> Place | None:
    """Where a page goes on, as a link of ours says it.

    Raises:
        BadInput: it says something else.
    """
    if not written:
        return None
    place = Place.read(written)
    if place is None:
        raise BadInput("parameter_invalid", "before is no place in this list.", hint="Follow the link of the page.")
    return place


def page_number(written: str) -> int:
    """Which page of a list that is at hand whole.

    Raises:
        BadInput: it is no number.
    """
    if not written:
        return 1
    if not (written.isascii() and written.isdigit() and len(written) <= 6 and int(written)):
        raise BadInput("parameter_invalid", "page is a number from 1.", hint="Follow the link of the page.")
    return int(written)
