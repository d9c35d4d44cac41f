"""Insight: what was asked and decided, how long it took, who carries it, and what did not count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from approvalbot.dashboard.counted import RecentCounts
from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.plots import Plot, columns, spans
from approvalbot.dashboard.policies import outcomes_plot, policy_path, time_plot
from approvalbot.dashboard.tallies import Load, PolicyTally, by_day, by_hour, by_policy, loads, of_all, refusals
from approvalbot.errors import CODES, BadInput
from approvalbot.policy.environment import Identities
from approvalbot.policy.policyset import PolicySet

DAYS = ("30", "90")
MOST_PEOPLE = 50
MOST_POLICIES = 20

LEVELS = ((10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"), (86_400, "1 d"))
"""The levels of the plot of times. Counts know no time longer than the last of them."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Somebody who is asked: a name, and where their page is if the identities know them."""

    name: str
    path: str
    load: Load


@dataclass(frozen=True, slots=True)
class InsightPages:
    """Plots for viewers."""

    door: Door
    counts: RecentCounts

    def show(self, visit: Visit) -> Response:
        """`GET /insight?days=30`."""
        span = visit.query.get("days", DAYS[0])
        if span not in DAYS:
            raise BadInput("parameter_invalid", "There is no plot of {span} days.", hint="30 or 90.", span=span[:40])
        policies = self.door.journey.policies()
        counted = self.counts.last(int(span), self.door.journey.requests.now().date())
        days, tallies = by_day(counted.days), by_policy(counted.days)
        all_policies = of_all(counted.days)
        people = _carriers(loads(counted.days, _keys_of(policies.identities)), policies.identities)
        hours = by_hour(counted.days, visit.viewer.zone)
        return self.door.render.page(
            "insight.html",
            visit.viewer,
            title="Insight",
            span=span,
            spans=DAYS,
            counted=counted,
            tally=all_policies,
            outcomes=outcomes_plot([(_short(day), one) for day, one in days]),
            times=_times(days),
            classes=time_plot(all_policies),
            hours=columns([name for name, _ in hours], [number for _, number in hours], "Hour", "requests"),
            policies=_slowest(policies, tallies),
            people=people[:MOST_PEOPLE],
            more_people=len(people) - MOST_PEOPLE,
            most_asked=max((one.load.asked for one in people), default=0),
            refused=[
                (code, CODES[code].title if code in CODES else code, number) for code, number in refusals(counted.days)
            ],
        )


def _times(days: Sequence[tuple[date, PolicyTally]]) -> Plot:
    """From the median to what nine in ten took at most, day by day."""
    ranges = []
    for _, tally in days:
        median, most = tally.took_s(0.5), tally.took_s(0.9)
        ranges.append(None if median is None or most is None else (median, most))
    return spans([_short(day) for day, _ in days], ranges, LEVELS, "Day (UTC)", ("median", "9 of 10 within"))


def _slowest(policies: PolicySet, tallies: Mapping[str, PolicyTally]) -> list[tuple[str, str, PolicyTally]]:
    """The policies whose decisions take longest, each with its address, where it is still in force."""
    decided = [(key, tally) for key, tally in tallies.items() if tally.took_s(0.5) is not None]
    decided.sort(key=lambda pair: -(pair[1].took_s(0.5) or 0))
    found = []
    for key, tally in decided[:MOST_POLICIES]:
        kind = "" if key in policies.by_key else "access" if key in policies.entitlements else None
        found.append((key, "" if kind is None else policy_path(key, kind), tally))
    return found


def _keys_of(identities: Identities) -> Mapping[str, str]:
    """Each known Slack id's person."""
    return {slack: person.id for person in identities.people for slack in person.accounts("slack")}


def _carriers(found: Sequence[Load], identities: Identities) -> list[Carrier]:
    people = identities.by_id
    return [
        Carrier(people[one.person].name, f"/people/{one.person}", one)
        if one.person in people
        else Carrier(one.person, "", one)
        for one in found
    ]


def _short(day: date) -> str:
    return f"{day:%d %b}"
