"""What a replay adds up to: matches and requests by policy, load by person and hour, what was saved, who acted."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from approvalbot.policy.asking import levels_of
from approvalbot.policy.inline.opening import opening_of
from approvalbot.policy.inline.world import Worlds
from approvalbot.policy.matching import Match
from approvalbot.policy.pipeline import Settled
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.replay.rows import NO_MATCH_BY
from approvalbot.policy.stages import Stage


@dataclass(slots=True)
class PolicyTally:
    """One policy. `stopped` counts by the stage that ended it; what `correlate` and `dedupe` ended are savings."""

    title: str
    mode: str
    matches: int = 0
    opens: int = 0
    stopped: Counter[Stage] = field(default_factory=Counter)


@dataclass(slots=True)
class Load:
    """What reaches one person, or a group whose members are not known: requests by the hour of their opening.

    `later` are requests that would reach them if nobody acted before.
    """

    by_hour: Counter[datetime] = field(default_factory=Counter)
    later: int = 0

    @property
    def asked(self) -> int:
        """The requests that ask them at once."""
        return self.by_hour.total()

    def busiest(self) -> tuple[datetime, int] | None:
        """The hour with the most requests, the first of several."""
        return min(self.by_hour.items(), key=lambda one: (-one[1], one[0]), default=None)


@dataclass(slots=True)
class Told:
    """A fault of a policy: how often, and the first line that showed it."""

    first_line: int
    times: int = 0


@dataclass(slots=True)
class Tally:
    """All of it. `days` are the days on which something happened; `presses` the fewest that all requests need."""

    policies: dict[str, PolicyTally] = field(default_factory=dict)
    loads: dict[str, Load] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    by_hour: Counter[datetime] = field(default_factory=Counter)
    actors: Counter[str] = field(default_factory=Counter)
    errors: dict[tuple[str, str], Told] = field(default_factory=dict)
    matched_events: int = 0
    presses: int = 0

    @property
    def matches(self) -> int:
        return sum(one.matches for one in self.policies.values())

    @property
    def opens(self) -> int:
        return sum(one.opens for one in self.policies.values())

    def saved(self, stage: Stage) -> int:
        """The matches that ended at a stage."""
        return sum(one.stopped[stage] for one in self.policies.values())


class Counting:
    """Adds what becomes of matches to a tally, and whom each request would ask."""

    def __init__(self, policies: PolicySet) -> None:
        self.tally = Tally()
        self._policies = policies
        self._worlds = Worlds(policies)

    def add(self, line: int, key: str, settled: Settled) -> None:
        """What one policy made of an event of a line."""
        tally = self.tally.policies.get(key)
        if tally is None:
            policy = self._policies.by_key[key].policy
            tally = self.tally.policies[key] = PolicyTally(policy.title, policy.mode)
        if settled.error:
            told = self.tally.errors.setdefault((key, settled.error), Told(line))
            told.times += 1
        if settled.stopped is not None:
            tally.stopped[settled.stopped] += 1
        if settled.stopped not in NO_MATCH_BY:
            tally.matches += 1

    def ask(self, match: Match, at: datetime) -> None:
        """A request that would open at `at`, and whom it would ask."""
        self.tally.policies[match.key].opens += 1
        hour = at.replace(minute=0, second=0, microsecond=0)
        world = self._worlds.of(match.policy)
        opening = opening_of(self._policies, match, at, world)
        levels = levels_of(opening, lambda entry, name: world.members(entry.kind, name))
        first, *rest = [{*level.people, *level.unknown} for level in levels]
        self.tally.unknown.update(key for level in levels for key in level.unknown)
        for name in first:
            self._load(name).by_hour[hour] += 1
        for name in set[str]().union(*rest) - first:
            self._load(name).later += 1
        self.tally.presses += opening.quorum
        self.tally.by_hour[hour] += 1
        named = opening.actor or match.event.text("actor.name") or match.event.text("actor.id")
        self.tally.actors[named or "nobody named"] += 1

    def _load(self, name: str) -> Load:
        return self.tally.loads.setdefault(name, Load())
