"""What the home tab and `/access list` show, found in the store."""

from collections.abc import Iterator
from dataclasses import dataclass

from approvalbot.request.request import Person, Request, State
from approvalbot.store import keys
from approvalbot.store.requests import RequestStore

LOOKALIKES = str.maketrans("OIL", "011")
"""Letters that Crockford's base 32 leaves out, since people read them as digits."""

NAMED_AMONG = 1000
"""The newest requests of each state that can be named by their first letters."""

PAGE = 200


@dataclass(frozen=True, slots=True)
class Lists:
    """Finds what `/access list` and the home tab show."""

    requests: RequestStore

    def waiting_for(self, person: Person, most: int) -> list[tuple[Request, str]]:
        """Open requests that this person was asked to decide and has not, the one that ends soonest first."""
        names = [name for name, _ in self.requests.listed(keys.in_state("pending"), most=200)]
        mine = [
            request
            for request in self.requests.find_many(names)
            if any(person.slack in asked.people for asked in request.asked)
            and not any(vote.by.is_same(person) for vote in request.votes)
        ]
        soonest = sorted(mine, key=lambda request: (request.expires_at is None, request.expires_at))
        return self._titled(soonest[:most])

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
