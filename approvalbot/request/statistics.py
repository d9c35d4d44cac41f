"""What the trail adds up to: counts by day, by policy and by person, computed entry by entry. Pure.

Theory. Everything that anybody would count stands in the trail, so the counts are a projection of it: reading the
entries after a cursor gives what to add, and adding it moves the cursor. Counts can be thrown away and made anew.

A count is named by words in a list, such as `["outcome", "prod-deploy", "approved"]`; what the words are is said beside
each function that makes one.
"""

import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from approvalbot.request.request import Request
from approvalbot.request.trail import Record

Count = tuple[str, ...]
Counts = Counter[Count]

BUCKETS_S = (5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400)
"""Upper ends, in seconds, of the classes of time to decide. Five seconds is where an approval looks like a reflex."""

FAST_S = 5

OUTCOMES = frozenset({"approved", "denied", "expired", "withdrawn"})
DECIDED = frozenset({"approved", "denied"})
_BY_POLICY = frozenset({"escalated", "reminded", "repeated"})
_DELIVERIES = {"answer_delivered": "delivered", "answer_failed": "failed", "answer_given_up": "given_up"}
_GRANTS = frozenset({"active", "ended", "failed"})


@dataclass(frozen=True, slots=True)
class Fact:
    """What a count needs to know of an entry's request. `asked` are the Slack ids that each level reached."""

    policy: str
    opened_at: datetime
    asked: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, request: Request) -> "Fact":
        """The fact of a request as it stands."""
        return cls(request.policy_id, request.opened_at, {one.level: one.people for one in request.asked})


def counted(records: Iterable[Record], facts: Mapping[str, Fact]) -> dict[date, Counts]:
    """What these entries add, by the day of each. An entry whose request is not known counts for no policy."""
    days: dict[date, Counts] = {}
    for record in records:
        entry = record.entry
        at = datetime.fromisoformat(str(entry["at"]))
        counts = days.setdefault(at.date(), Counter())
        fact = facts.get(str(entry["request"]))
        for name, number in (*_anyhow(entry), *(_of_request(entry, at, fact) if fact is not None else ())):
            counts[name] += number
    return days


def _anyhow(entry: Mapping[str, Any]) -> Iterator[tuple[Count, int]]:
    """What counts whatever became of the request."""
    what = str(entry["what"])
    if what == "press_refused":
        yield ("refused", str((entry.get("detail") or {}).get("code", ""))), 1
    if what in _DELIVERIES:
        yield ("delivery", _DELIVERIES[what]), 1


def _of_request(entry: Mapping[str, Any], at: datetime, fact: Fact) -> Iterator[tuple[Count, int]]:
    """What counts for a policy or a person."""
    what, detail = str(entry["what"]), entry.get("detail") or {}
    if what == "opened":
        yield ("opened", fact.policy), 1
        yield ("hour", f"{at.hour:02}"), 1
    elif what in _BY_POLICY:
        yield (what, fact.policy), 1
    elif what in _GRANTS:
        yield ("grant", fact.policy, what), 1
    elif what == "voted":
        yield ("voted", str((entry.get("by") or {}).get("key", "")), str(detail.get("choice", ""))), 1
    elif what == "level_asked":
        for person in fact.asked.get(int(detail.get("level", "1")) - 1, ()):
            yield ("asked", person), 1
    elif what in OUTCOMES:
        yield ("outcome", fact.policy, what), 1
        if what in DECIDED and not detail.get("by_timeout"):
            yield from _decided(what, at, fact)


def _decided(what: str, at: datetime, fact: Fact) -> Iterator[tuple[Count, int]]:
    """Into which class a decision's time falls, and whether an approval was too fast to have been read."""
    took_s = max(0.0, (at - fact.opened_at).total_seconds())
    yield ("decided_in", fact.policy, str(bisect.bisect_left(BUCKETS_S, took_s))), 1
    yield ("decision_ms", fact.policy), round(took_s * 1000)
    if what == "approved" and took_s < FAST_S:
        yield ("fast", fact.policy), 1


def quantile_s(classes: Mapping[int, int], share: float) -> float | None:
    """About how many seconds `share` of the decisions took at most, from how many fell into each class.

    Within a class they are taken to lie evenly; those above the last end count as that end. None without decisions.
    """
    total = sum(classes.values())
    if not total:
        return None
    wanted, seen, before = share * total, 0, 0.0
    for place, end in enumerate(BUCKETS_S):
        here = classes.get(place, 0)
        if here and seen + here >= wanted:
            return before + (end - before) * (wanted - seen) / here
        seen, before = seen + here, float(end)
    return float(BUCKETS_S[-1])
