"""A crowd on few requests, from several processes at once: the small form of `python -m bench clicks`."""

from datetime import UTC, datetime
from typing import Any

from approvalbot.request.request import Decision, Person, Request, State, Vote
from bench.clicks import Size, run
from bench.counting import COUNTED, UNAVAILABLE, Held, Pressed, check

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ANN, BOB = (Person(key=name, name=name, slack=f"U0{name.upper()}") for name in ("ann", "bob"))


def voted(by: Person, choice: str = "approve", n: int = 1) -> dict[str, Any]:
    return {"request": "R1", "what": "voted", "n": n, "by": {"slack": by.slack}, "detail": {"choice": choice}}


def approved(n: int = 3) -> dict[str, Any]:
    return {"request": "R1", "what": "approved", "n": n, "detail": {}}


def request_of(*voters: Person) -> Request:
    votes = tuple(Vote(by=one, choice="approve", at=NOW) for one in voters)
    decision = Decision(state=State.APPROVED, at=NOW, by=voters)
    return Request(
        id="R1",
        kind="gate",
        policy_id="p",
        policy_digest="d",
        opened_at=NOW,
        state=State.APPROVED,
        quorum=2,
        votes=votes,
        decision=decision,
    )


def pressed(by: Person, told: str = COUNTED) -> Pressed:
    return Pressed("R1", str(by.slack), "approve", told)


def failing(presses: list[Pressed], held: Held) -> list[str]:
    return [claim.name for claim in check(presses, held) if not claim.holds]


def test_a_crowd_is_counted_once_each_and_settles_every_request_once() -> None:
    report = run(Size(presses=400, requests=10, processes=4, threads=8))

    assert [claim.name for claim in report.claims if not claim.holds] == []
    assert sum(row.value for row in report.rows if row.name == "confirmed") >= 10 * 2


def test_a_right_count_fails_no_claim() -> None:
    held = Held([request_of(ANN, BOB)], [voted(ANN), voted(BOB, n=2), approved()], [], 1)

    assert failing([pressed(ANN), pressed(BOB)], held) == []


def test_a_confirmed_vote_that_is_not_in_the_trail_is_found() -> None:
    held = Held([request_of(ANN, BOB)], [voted(BOB), approved()], [], 1)

    assert failing([pressed(ANN), pressed(BOB)], held) == ["no vote that was confirmed is lost"]


def test_a_vote_that_nobody_cast_is_found_but_an_unanswered_press_may_stand() -> None:
    held = Held([request_of(ANN, BOB)], [voted(ANN), voted(BOB, n=2), approved()], [], 1)

    assert failing([pressed(ANN)], held) == ["no vote stands that nobody cast"]
    assert failing([pressed(ANN), pressed(BOB, UNAVAILABLE)], held) == []


def test_one_person_in_two_seats_is_found() -> None:
    held = Held([request_of(ANN, ANN)], [voted(ANN), voted(ANN, n=2), approved()], [], 1)

    assert failing([pressed(ANN), pressed(ANN)], held) == ["nobody is counted twice"]


def test_a_second_decision_and_a_vote_after_the_first_are_found() -> None:
    entries = [voted(ANN), approved(2), voted(BOB, n=3), approved(4)]
    held = Held([request_of(ANN, BOB)], entries, [], 1)

    assert failing([pressed(ANN), pressed(BOB)], held) == [
        "1 decision entries stand in the trail, one for each request",
        "nothing is counted after the decision",
    ]
