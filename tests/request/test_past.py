"""What came before a request: which ones are alike, and what their outcomes add up to."""

from datetime import UTC, datetime, timedelta

import pytest

from approvalbot.request.about import About, Before
from approvalbot.request.past import Outcome, alike, before, outcome_mark, read_outcome, usual_s
from approvalbot.request.request import Decision, State
from approvalbot.slack.before import ordinal
from tests.request.makers import ANN, BOB, make_policy, make_request

NOW = datetime(2026, 5, 3, 14, 0, tzinfo=UTC)
ABOUT = About(
    title="Deploy", severity="low", who="Eve", who_id="eve@example.com", action="deploy", resource="acme/shop"
)


@pytest.mark.parametrize(
    "changed",
    [{"who_id": "eve2@example.com"}, {"action": "roll back"}, {"resource": "shop-staging"}],
)
def test_one_different_part_makes_requests_unlike(changed: dict[str, str]) -> None:
    assert alike("gate", ABOUT.model_copy(update=changed)) != alike("gate", ABOUT)
    assert alike("other", ABOUT) != alike("gate", ABOUT)


def test_what_the_card_says_besides_leaves_requests_alike() -> None:
    assert alike("gate", ABOUT.model_copy(update={"title": "Another title", "caller": "x"})) == alike("gate", ABOUT)


def test_only_what_people_approved_counts_as_approved() -> None:
    ago = [NOW - timedelta(days=days) for days in range(1, 6)]
    outcomes = [
        Outcome("approved", ago[0]),
        Outcome("approved", ago[1], BOB),
        Outcome("expired", ago[2]),
        Outcome("withdrawn", ago[3]),
        Outcome("approved", ago[4], ANN),
    ]

    assert before(outcomes, 3) == Before(settled=5, approved=2, last_by=BOB, last_at=ago[1], nth=3)
    assert before([], 1) == Before(nth=1)


@pytest.mark.parametrize(
    ("state", "timeout", "by"), [("approved", False, ANN), ("approved", True, None), ("denied", False, None)]
)
def test_an_outcome_is_kept_with_who_approved_it_and_no_other_name(state: str, *, timeout: bool, by: object) -> None:
    people = () if timeout else (BOB, ANN)
    decision = Decision(state=State(state), at=NOW, by=people, by_timeout=timeout)

    kept = read_outcome(outcome_mark(make_request(make_policy()), decision), NOW)

    assert kept == Outcome(state, NOW, by)  # type: ignore[arg-type]


def test_a_usual_time_is_the_median_and_needs_a_handful_of_decisions() -> None:
    assert usual_s([60, 60, 60, 60]) is None
    assert usual_s([30, 360, 360, 400, 90_000]) == 360


def test_the_past_has_no_part_in_what_is_asked() -> None:
    assert ABOUT.model_copy(update={"before": Before(settled=3)}).digest == ABOUT.digest


@pytest.mark.parametrize(("number", "shown"), [(5, "5th"), (11, "11th"), (21, "21st"), (22, "22nd"), (113, "113th")])
def test_a_number_is_shown_as_people_say_it(number: int, shown: str) -> None:
    assert ordinal(number) == shown
