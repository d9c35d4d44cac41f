"""The counts of some days, added up as people ask for them: by policy, by day, by hour, by person. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from approvalbot.request.statistics import BUCKETS_S, Counts, quantile_s

OUTCOMES = ("approved", "denied", "expired", "withdrawn")


@dataclass(frozen=True, slots=True)
class PolicyTally:
    """What became of one policy's requests. `classes` are the decisions by how long they took."""

    asked: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    fast: int = 0
    classes: Mapping[int, int] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        """How many came to an end."""
        return sum(self.outcomes.get(name, 0) for name in OUTCOMES)

    @property
    def timeout_rate(self) -> float | None:
        """The share that nobody answered in time; None where nothing came to an end."""
        return self.outcomes.get("expired", 0) / self.settled if self.settled else None

    @property
    def rubber_stamp_rate(self) -> float | None:
        """The share of approvals within five seconds: nobody reads that fast."""
        approved = self.outcomes.get("approved", 0)
        return min(1.0, self.fast / approved) if approved else None

    def took_s(self, share: float) -> float | None:
        """About how many seconds `share` of the decisions took at most."""
        return quantile_s(self.classes, share)


NOTHING = PolicyTally()


@dataclass(frozen=True, slots=True)
class Day:
    """One day's counts, by what they are of. `hours` are of UTC; `asked` are Slack ids, `voted` keys of people."""

    policies: Mapping[str, PolicyTally] = field(default_factory=dict)
    total: PolicyTally = NOTHING
    hours: Mapping[int, int] = field(default_factory=dict)
    asked: Mapping[str, int] = field(default_factory=dict)
    voted: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, counts: Counts) -> "Day":
        """The day that these counts are of."""
        hours: Counter[int] = Counter()
        people: dict[str, Counter[str]] = {"asked": Counter(), "voted": Counter(), "refused": Counter()}
        for name, number in counts.items():
            if name[0] == "hour":
                hours[int(name[1])] += number
            elif name[0] in people:
                people[name[0]][name[1]] += number
        policies = _tallied(counts)
        total = _together(policies.values())
        return cls(policies, total, hours, people["asked"], people["voted"], people["refused"])


Days = Mapping[date, Day]


@dataclass(frozen=True, slots=True)
class Load:
    """How often somebody was asked, and how often they answered. `person` is a person's key or a Slack id."""

    person: str
    asked: int
    voted: int


def by_policy(days: Days) -> dict[str, PolicyTally]:
    """Each policy that anything is counted for."""
    found: dict[str, list[PolicyTally]] = {}
    for day in days.values():
        for policy, tally in day.policies.items():
            found.setdefault(policy, []).append(tally)
    return {policy: _together(tallies) for policy, tallies in found.items()}


def of_all(days: Days) -> PolicyTally:
    """All policies together."""
    return _together(day.total for day in days.values())


def by_day(days: Days, policy: str = "") -> list[tuple[date, PolicyTally]]:
    """Each day, for one policy or for all of them."""
    if policy:
        return [(date_, day.policies.get(policy, NOTHING)) for date_, day in days.items()]
    return [(date_, day.total) for date_, day in days.items()]


def by_hour(days: Days, zone: ZoneInfo) -> list[tuple[str, int]]:
    """Requests by the hour of the day at which they opened, as the clock in `zone` showed it.

    They are counted by hours of UTC. Where a zone is not whole hours away from it, its hours begin at :30 or :45.
    """
    counted: Counter[int] = Counter()
    minute = 0
    for date_, day in days.items():
        noon = datetime.combine(date_, time_of_day(12), ZoneInfo("UTC"))
        offset = noon.astimezone(zone).utcoffset() or timedelta()
        hours, minute = divmod(round(offset.total_seconds()) // 60, 60)
        for hour, number in day.hours.items():
            counted[(hour + hours) % 24] += number
    return [(f"{hour:02}:{minute:02}", counted[hour]) for hour in range(24)]


def loads(days: Days, key_of: Mapping[str, str]) -> list[Load]:
    """Everybody who was asked or voted, those most asked first. `key_of` gives a Slack id's person."""
    asked: Counter[str] = Counter()
    voted: Counter[str] = Counter()
    for day in days.values():
        for slack, number in day.asked.items():
            asked[key_of.get(slack, slack)] += number
        for key, number in day.voted.items():
            voted[_key_of_voter(key, key_of)] += number
    people = [Load(person, asked[person], voted[person]) for person in asked.keys() | voted.keys()]
    return sorted(people, key=lambda load: (-load.asked, -load.voted, load.person))


def refusals(days: Days) -> list[tuple[str, int]]:
    """How many presses did not count, by the code of the refusal, the most frequent first."""
    found: Counter[str] = Counter()
    for day in days.values():
        found.update(day.refused)
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def class_names() -> Sequence[tuple[float, float | None]]:
    """From how many seconds to how many each class of time to decide goes; the last has no end."""
    return list(zip((0, *BUCKETS_S), (*BUCKETS_S, None), strict=True))


def _key_of_voter(written: str, key_of: Mapping[str, str]) -> str:
    """Whoever the identities do not know votes as `slack:TEAM/USER` and is asked by the Slack id alone."""
    slack = written.rpartition("/")[2] if written.startswith("slack:") else ""
    return key_of.get(slack, slack) if slack else written


def _tallied(counts: Counts) -> dict[str, PolicyTally]:
    asked: Counter[str] = Counter()
    fast: Counter[str] = Counter()
    outcomes: dict[str, Counter[str]] = {}
    classes: dict[str, Counter[int]] = {}
    for name, number in counts.items():
        match name:
            case ("opened", policy):
                asked[policy] += number
            case ("fast", policy):
                fast[policy] += number
            case ("outcome", policy, outcome):
                outcomes.setdefault(policy, Counter())[outcome] += number
            case ("decided_in", policy, place):
                classes.setdefault(policy, Counter())[int(place)] += number
    policies = {*asked, *outcomes, *classes}
    return {
        one: PolicyTally(asked[one], outcomes.get(one, Counter()), fast[one], classes.get(one, Counter()))
        for one in policies
    }


def _together(tallies: Iterable[PolicyTally]) -> PolicyTally:
    asked = fast = 0
    outcomes: dict[str, int] = {}
    classes: dict[int, int] = {}
    # Thousands of small maps are added for one page: a plain loop takes a third of what `Counter.update` does.
    for tally in tallies:
        asked, fast = asked + tally.asked, fast + tally.fast
        for name, number in tally.outcomes.items():
            outcomes[name] = outcomes.get(name, 0) + number
        for place, number in tally.classes.items():
            classes[place] = classes.get(place, 0) + number
    return PolicyTally(asked, outcomes, fast, classes)
