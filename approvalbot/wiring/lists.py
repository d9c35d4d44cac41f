"""What the home tab and `/access list` show, found in the store."""

from dataclasses import dataclass

from approvalbot.request.request import Person, Request
from approvalbot.store import keys
from approvalbot.store.requests import RequestStore


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
        names = [name for name, _ in self.requests.listed(keys.asked_by(person.key), most=most)]
        return self._titled(self.requests.find_many(names))

    def _titled(self, requests: list[Request]) -> list[tuple[Request, str]]:
        abouts = self.requests.abouts([request.id for request in requests])
        return [(request, abouts[request.id].title) for request in requests if request.id in abouts]
