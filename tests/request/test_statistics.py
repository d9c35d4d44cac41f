"""What the trail adds up to."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvalbot.request.statistics import BUCKETS_S, Counts, Fact, counted, quantile_s
from approvalbot.request.trail import Record
from tests.request.makers import T0

FACT = Fact("prod-deploy", T0, {0: ("U0ANN", "U0BOB"), 1: ("U0CAT",)})
NAME = "7K3FABCDEFGHJKMNPQRS"


def record(what: str, after_s: float = 0, *, request: str = NAME, by: str = "", **detail: str) -> Record:
    at = (T0 + timedelta(seconds=after_s)).isoformat()
    entry: dict[str, Any] = {"n": 1, "request": request, "at": at, "what": what, "detail": detail}
    return Record(1, "", {**entry, "by": {"key": by}} if by else entry)


def total(*records: Record) -> Counts:
    made: Counts = Counter()
    for counts in counted(records, {NAME: FACT}).values():
        made.update(counts)
    return made


def test_a_request_is_counted_from_its_opening_to_its_decision() -> None:
    found = total(
        record("opened"),
        record("level_asked", level="1"),
        record("reminded", 300),
        record("escalated", 900),
        record("level_asked", 900, level="2"),
        record("voted", 1000, by="cat", choice="approve"),
        record("approved", 1000),
        record("answer_failed", 1001),
        record("answer_delivered", 1006),
    )

    assert found == {
        ("opened", "prod-deploy"): 1,
        ("hour", "12"): 1,
        ("asked", "U0ANN"): 1,
        ("asked", "U0BOB"): 1,
        ("asked", "U0CAT"): 1,
        ("reminded", "prod-deploy"): 1,
        ("escalated", "prod-deploy"): 1,
        ("voted", "cat", "approve"): 1,
        ("outcome", "prod-deploy", "approved"): 1,
        ("decided_in", "prod-deploy", "7"): 1,
        ("decision_ms", "prod-deploy"): 1_000_000,
        ("delivery", "failed"): 1,
        ("delivery", "delivered"): 1,
    }


@pytest.mark.parametrize(("took_s", "fast"), [(0, True), (4.999, True), (5, False), (60, False)])
def test_an_approval_nobody_can_have_read_is_told_apart(took_s: float, *, fast: bool) -> None:
    assert (("fast", "prod-deploy") in total(record("approved", took_s))) is fast
    assert ("fast", "prod-deploy") not in total(record("denied", took_s)), "a fast denial is no rubber stamp"


def test_silence_is_no_decision_and_took_nobody_any_time() -> None:
    assert total(record("expired", 900)) == {("outcome", "prod-deploy", "expired"): 1}
    assert total(record("approved", 900, by_timeout="true")) == {("outcome", "prod-deploy", "approved"): 1}


def test_what_belongs_to_no_known_request_counts_for_no_policy() -> None:
    found = total(record("opened", request="X" * 20), record("press_refused", request="X" * 20, code="self_approval"))

    assert found == {("refused", "self_approval"): 1}
    assert total(record("policies_in_force", request="policies")) == {}


def test_every_day_has_its_own_counts() -> None:
    found = counted([record("opened"), record("approved", 86_400)], {NAME: FACT})

    assert set(found) == {date(2026, 3, 3), date(2026, 3, 4)}
    assert found[date(2026, 3, 4)]["outcome", "prod-deploy", "approved"] == 1


@given(st.lists(st.floats(0.1, 86_400), min_size=1, max_size=50), st.sampled_from([0.5, 0.9, 0.99]))
def test_a_quantile_lies_in_the_class_of_the_true_one(times: list[float], share: float) -> None:
    classes = Counter(int(next(n for n, end in enumerate(BUCKETS_S) if one <= end)) for one in times)

    found = quantile_s(classes, share)

    exact = sorted(times)[max(0, -(-int(share * 1000) * len(times) // 1000) - 1)]
    place = next(n for n, end in enumerate(BUCKETS_S) if exact <= end)
    assert found is not None
    assert (BUCKETS_S[place - 1] if place else 0) <= found <= BUCKETS_S[place]


def test_without_decisions_there_is_no_quantile() -> None:
    assert quantile_s({}, 0.5) is None
    assert quantile_s({len(BUCKETS_S): 3}, 0.5) == BUCKETS_S[-1], "beyond the last class it is its end, at least"
