"""The policies in force: what each says, how it fares, and whether its own tests hold."""

import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import yaml
from starlette.responses import Response

from approvalbot.dashboard.counted import Counted, RecentCounts
from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.looking import Row, page_number
from approvalbot.dashboard.plots import Plot, Series, columns, seconds, stacked
from approvalbot.dashboard.tallies import NOTHING, OUTCOMES, PolicyTally, by_day, by_policy, class_names
from approvalbot.errors import NotFound
from approvalbot.plaintext import visible
from approvalbot.policy.base import Document
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.inline.results import TestResult
from approvalbot.policy.inline.running import run_tests
from approvalbot.policy.policyset import PolicySet
from approvalbot.request.playing import PlayedLifecycle
from approvalbot.request.refusals import shown_entry
from approvalbot.store import keys
from approvalbot.store.listing import Listing
from approvalbot.store.requests import RequestStore

DAYS = 30
PAGE = 100
RECENT = 10
MOST_NOTES = 50
MOST_TESTS = 50
TEST_FOR_S = 0.2
"""How many tests a page runs, and for how long: fifty take some 30 ms; `approvalbot policy test` runs all."""


DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True, slots=True)
class Listed:
    """One policy, or what can be asked for, with how it fared in the last days."""

    terms: Policy | Entitlement
    key: str
    tally: PolicyTally

    @property
    def kind(self) -> str:
        """The kind of its requests."""
        return self.terms.request if isinstance(self.terms, Policy) else "access"

    @property
    def path(self) -> str:
        """The address of its page."""
        return policy_path(self.key, self.kind)


@dataclass(frozen=True, slots=True)
class PolicyPages:
    """Shows policies to viewers."""

    door: Door
    requests: RequestStore
    listing: Listing
    counts: RecentCounts

    def show(self, visit: Visit) -> Response:
        """`GET /policies`: those most asked about first."""
        policies, counted = self.door.journey.policies(), self._counted()
        wanted = visible(visit.query.get("q", "")[:100]).strip()
        found = [one for one in _listed(policies, by_policy(counted.days)) if wanted.casefold() in _text(one)]
        page = page_number(visit.query.get("page", ""))
        return self.door.render.page(
            "policies.html",
            visit.viewer,
            title="Policies",
            found=found[(page - 1) * PAGE : page * PAGE],
            total=len(found),
            page=page,
            pages=max(1, -(-len(found) // PAGE)),
            wanted=wanted,
            counted=counted,
            digest=policies.digest,
            notes=policies.notes[:MOST_NOTES],
            more_notes=max(0, len(policies.notes) - MOST_NOTES),
        )

    def one(self, visit: Visit) -> Response:
        """`GET /policies/{key}`."""
        policies, counted = self.door.journey.policies(), self._counted()
        key = str(visit.path["key"])[:300]
        terms = policies.current(key, visit.query.get("kind", "")) or policies.current(key, "access")
        if terms is None:
            raise NotFound("not_found", "No policy in force has the id {key}.", key=visible(key))
        tally = by_policy(counted.days).get(key, NOTHING)
        days = by_day(counted.days, key)
        tested = _tested_with(policies, terms)
        results = list(_results(policies, tested))
        return self.door.render.page(
            "policy.html",
            visit.viewer,
            title=terms.title,
            crumbs=[("/policies", "Policies")],
            one=Listed(terms, key, tally),
            counted=counted,
            levels=[(one, [shown_entry(entry.key) for entry in one.approvers]) for one in terms.approval.levels],
            source_text=as_yaml(terms),
            rule_text=_rule_text(terms),
            results=results,
            left=len(tested.tests) - len(results),
            recent=self._recent(key),
            by_day=outcomes_plot([(f"{day:%d %b}", one) for day, one in days]),
            by_time=time_plot(tally),
        )

    def _counted(self) -> Counted:
        return self.counts.last(DAYS, self.door.journey.requests.now().date())

    def _recent(self, key: str) -> list[Row]:
        names = [place.id for place in self.listing.page([keys.of_policy(key)], most=RECENT)]
        abouts = self.requests.abouts(names)
        return [Row(one, abouts[one.id]) for one in self.requests.find_many(names) if one.id in abouts]


def policy_path(key: str, kind: str) -> str:
    """The address of the page of what a request was opened under."""
    return f"/policies/{quote(key)}" + ("?kind=access" if kind == "access" else "")


def outcomes_plot(days: list[tuple[str, PolicyTally]]) -> Plot:
    """What became of requests, day by day."""
    series = [Series(name, name, [tally.outcomes.get(name, 0) for _, tally in days]) for name in OUTCOMES]
    return stacked([name for name, _ in days], series, "Day (UTC)")


def time_plot(tally: PolicyTally) -> Plot:
    """How many decisions took how long."""
    names = [f"over {seconds(low)}" if high is None else f"up to {seconds(high)}" for low, high in class_names()]
    return columns(names, [tally.classes.get(place, 0) for place in range(len(names))], "Time to decide", "decisions")


def as_yaml(terms: Policy | Entitlement) -> str:
    """The document as it is in force. Its tests are shown beside it; the comments of its file are not kept."""
    return _dumped({key: value for key, value in terms.document.items() if key != "tests"})


def _rule_text(terms: Policy | Entitlement) -> str:
    """The Sigma rule that it stands on, or nothing."""
    return _dumped(terms.rule.document) if isinstance(terms, Policy) and terms.rule is not None else ""


def _dumped(document: Mapping[str, Any]) -> str:
    return str(yaml.dump(dict(document), Dumper=DUMPER, sort_keys=False, allow_unicode=True, width=100)).rstrip()


def _tested_with(policies: PolicySet, terms: Policy | Entitlement) -> Document:
    """The document whose tests speak of these terms: for a rule of a pack the pack."""
    if isinstance(terms, Policy) and terms.pack:
        return next((pack for pack in policies.packs if pack.id == terms.id), terms)
    return terms


def _results(policies: PolicySet, document: Document) -> Iterator[TestResult]:
    until = time.monotonic() + TEST_FOR_S
    for result in itertools.islice(run_tests(policies, [document], PlayedLifecycle()), MOST_TESTS):
        yield result
        if time.monotonic() > until:
            return


def _listed(policies: PolicySet, tallies: dict[str, PolicyTally]) -> list[Listed]:
    found = [Listed(one.policy, one.policy.key, tallies.get(one.policy.key, NOTHING)) for one in policies.compiled]
    found += [Listed(one, one.id, tallies.get(one.id, NOTHING)) for one in policies.entitlements.values()]
    return sorted(found, key=lambda one: (-one.tally.asked, one.terms.mode == "off", one.key))


def _text(one: Listed) -> str:
    terms = one.terms
    return " ".join(
        (one.key, terms.title, terms.owner, terms.mode, terms.severity, one.kind, str(terms.place))
    ).casefold()
