"""Pace: how many requests each person has decided within the last minute, shared by every process."""

from approvalbot.store.guards import Guards

MINUTE_S = 60


class Pace:
    """A bucket for each person, by key. `most` is how many decisions a minute holds; 0 is no limit."""

    def __init__(self, guards: Guards, most: int) -> None:
        self._guards = guards
        self.most = most

    def take(self, person: str) -> float:
        """Room for one decision: 0 where it was there, else the seconds until it is."""
        return self._guards.wait_s("decided", person, rate_per_s=self.most / MINUTE_S, burst=self.most)

    def give_back(self, person: str) -> None:
        """The decision was none."""
        self._guards.wait_s("decided", person, rate_per_s=self.most / MINUTE_S, burst=self.most, cost=-1)
