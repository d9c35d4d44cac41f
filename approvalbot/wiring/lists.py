"""What the home tab and `/access list` show, found in the store."""

from collections.abc import Iterator
from dataclasses import dataclass

from approvalbot.request.leaving import is_called_in_vain
from approvalbot.request.request import Person, Request, State
from approvalbot.slack.listing import Waiting
from approvalbot.store import keys
from approvalbot.store.absences import AbsenceStore
from approvalbot.store.requests import RequestStore
from approvalbot.store.waiting import WaitingStore
from approvalbot.wiring.house import House

LOOKALIKES = str.maketrans("OIL", "011")
"""Letters that Crockford's base 32 leaves out, since people read them as digits."""

NAMED_AMONG = 1000
"""The newest requests of each state that can be named by their first letters."""

PAGE = 200

WAITING_MOST = 500
"""The newest requests waiting for one person that are put in order by their deadline; beyond that the order is that of
asking. Chosen by us: nobody reads further, and reading as many takes 20 ms.
"""


@dataclass(frozen=True, slots=True)
class Lists:
    """Finds what `/access list` and the home tab show."""

    requests: RequestStore
    absences: AbsenceStore
    waits: WaitingStore

    def waiting(self, person: Person) -> Waiting:
        """Open requests that this person was asked to decide and has not, oldest deadline first."""
        waits = self.waits.of(str(person.slack), WAITING_MOST)
        names, unread = list(waits.newest), waits.total - len(waits.newest)
        mine = [
            request
            for request in self.requests.find_many(names)
            if request.state is State.PENDING and not any(vote.by.is_same(person) for vote in request.votes)
        ]
        if any(str(person.slack) in asked.called for request in mine for asked in request.asked):
            absences = tuple(self.absences.stood_in_for_by(str(person.slack)))
            mine = [one for one in mine if not is_called_in_vain(one.asked, str(person.slack), absences)]
        return Waiting(sorted(mine, key=lambda request: (request.expires_at is None, request.expires_at)), unread)

    def waiting_for(self, person: Person, most: int) -> list[tuple[Request, str]]:
        """The first of them, with their titles."""
        return self._titled(list(self.waiting(person).requests[:most]))

    def decided_by(self, person: Person, most: int) -> list[tuple[Request, str]]:
        """The settled requests that this person voted on, the newest first."""
        names = self.requests.newest([keys.decided_by(str(person.slack))], most)
        found = {request.id: request for request in self.requests.find_many(names)}
        return self._titled([found[name] for name in names if name in found])

    def asked_by(self, person: Person, most: int) -> list[tuple[Request, str]]:
        """What this person asked for, newest first."""
        return self._titled(self.requests.asked_by(person.key, most))

    def named(self, letters: str, person: Person, most: int) -> list[Request]:
        """The newest requests whose id begins with these letters, whatever case they are in; this person's own too."""
        wanted = letters.upper().translate(LOOKALIKES)
        indexes = [keys.asked_by(person.key), *(keys.in_state(state) for state in State)]
        names = [name for name in self.requests.newest(indexes, NAMED_AMONG) if name.startswith(wanted)]
        return self.requests.find_many(list(dict.fromkeys(names))[:most])

    def held(self) -> Iterator[Request]:
        """All access that is active now."""
        before: float | None = None
        while page := self.requests.listed(keys.in_state(State.ACTIVE), before=before, most=PAGE):
            yield from self.requests.find_many([name for name, _ in page])
            before = page[-1][1]

    def _titled(self, requests: list[Request]) -> list[tuple[Request, str]]:
        abouts = self.requests.abouts([request.id for request in requests])
        return [(request, abouts[request.id].title) for request in requests if request.id in abouts]


def make_lists(house: House) -> Lists:
    """The lists of a process."""
    return Lists(house.requests, AbsenceStore(house.redis), WaitingStore(house.redis))
