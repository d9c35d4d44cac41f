"""Questions and the clock: a pause moves every deadline by the time it really took, and never without bound."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvalbot.errors import MoveRefused
from approvalbot.request.effects import Note, PutQuestion, TellAnswer
from approvalbot.request.lifecycle import step
from approvalbot.request.moves import AddNote, AnswerQuestion, AskQuestion, Claim, Move, Wake
from approvalbot.request.questions import MOST_PAUSES, MOST_QUESTIONS
from approvalbot.request.request import Bar, Person, Request, State
from tests.request.makers import (
    ANN,
    BOARD,
    BOB,
    CAT,
    DAN,
    EVE,
    ONCALL,
    T0,
    asked,
    change_of,
    make_policy,
    minutes,
    opened,
    refusal,
    taken,
    today,
    vote,
)

PLAIN = make_policy(quorum=2)
PAUSING = make_policy(quorum=2, question_pause="20m")


def ask(by: Person = ANN, text: str = "why now?", entries: tuple[str, ...] = (ONCALL,), **facts: object) -> AskQuestion:
    return AskQuestion(vote(by, "deny", entries, **facts), text)


def answer(by: Person = EVE, text: str = "the queue is stuck", **facts: object) -> AnswerQuestion:
    owner = bool(facts.pop("owner", False))
    return AnswerQuestion(vote(by, "deny", facts.pop("entries", ()), **facts), text, owner=owner)  # type: ignore[arg-type]


def test_a_question_is_put_and_the_clock_runs_where_the_policy_says_nothing() -> None:
    request = opened(PLAIN)

    change = change_of(request, PLAIN, ask(), T0 + minutes(1))

    assert [entry.what for entry in change.entries] == ["asked"]
    assert change.entries[0].detail == {"question": "why now?"}
    assert PutQuestion(nth=0) in change.effects
    assert (change.request.due_at, change.request.expires_at) == (request.due_at, request.expires_at)


def test_a_pause_moves_every_deadline_while_it_lasts() -> None:
    change = change_of(opened(PAUSING), PAUSING, ask(), T0 + minutes(3))

    assert [entry.what for entry in change.entries] == ["asked", "paused"]
    assert change.request.due_at == T0 + minutes(23), "the end of the pause"
    assert change.request.expires_at == T0 + minutes(45 + 20)
    assert change_of(change.request, PAUSING, Wake(), T0 + minutes(16)).is_nothing, "no reminder, no next level"


def test_the_answer_ends_the_pause_and_only_the_time_it_took_is_added() -> None:
    paused = taken(opened(PAUSING), PAUSING, ask(), T0 + minutes(3))

    change = change_of(paused, PAUSING, answer(), T0 + minutes(7))

    assert [entry.what for entry in change.entries] == ["answered", "resumed"]
    assert change.entries[1].detail == {"stood_s": "240"}
    assert TellAnswer(nth=0) in change.effects
    request = change.request
    assert (request.due_at, request.expires_at) == (T0 + minutes(5 + 4), T0 + minutes(45 + 4))
    assert request.questions[0].answered_by == EVE
    assert request.votes == (), "an answer is no vote"
    assert change_of(request, PAUSING, Wake(), T0 + minutes(8.9)).is_nothing
    assert change_of(request, PAUSING, Wake(), T0 + minutes(9)).entries[0].what == "reminded"
    request = taken(request, PAUSING, Wake(), T0 + minutes(19))
    assert (request.level, request.stood_ms, request.level_opened_at) == (1, 0, T0 + minutes(19))


@pytest.mark.parametrize("late", [0, 60])
def test_a_pause_ends_by_itself_and_an_outage_makes_it_no_longer(late: float) -> None:
    paused = taken(opened(PAUSING), PAUSING, ask(), T0 + minutes(3))

    change = change_of(paused, PAUSING, Wake(), T0 + minutes(23 + late))

    assert [entry.what for entry in change.entries] == ["resumed"]
    assert [effect.what for effect in change.effects if isinstance(effect, Note)] == ["resumed"]
    assert change.request.expires_at == T0 + minutes(45 + 20)
    assert change.request.questions[0].answered_at is None, "the question stays open"
    late_answer = change_of(change.request, PAUSING, answer(), T0 + minutes(23 + late))
    assert [entry.what for entry in late_answer.entries] == ["answered"]


def test_a_vote_is_possible_all_the_while_and_lets_the_clock_go_on() -> None:
    paused = taken(opened(PAUSING), PAUSING, ask(), T0 + minutes(3))

    change = change_of(paused, PAUSING, vote(BOB), T0 + minutes(5))

    assert [entry.what for entry in change.entries] == ["voted", "resumed"]
    assert change.request.expires_at == T0 + minutes(45 + 2)
    settled = taken(change.request, PAUSING, vote(CAT), T0 + minutes(6))
    assert (settled.state, settled.due_at) == (State.APPROVED, None)
    assert refusal(settled, PAUSING, answer()).code == "already_decided"


def test_one_question_is_open_at_a_time() -> None:
    request = taken(opened(PLAIN), PLAIN, ask(), T0 + minutes(1))

    fault = refusal(request, PLAIN, ask(BOB))

    assert fault.code == "question_open"
    assert "Ann asked something at 12:01 UTC" in fault.text()


def test_only_the_first_questions_stop_the_clock_and_there_is_an_end_of_asking() -> None:
    request = opened(PAUSING)
    for nth in range(MOST_QUESTIONS):
        request = taken(request, PAUSING, ask(), T0 + timedelta(seconds=nth))
        assert (request.questions[-1].paused_until is not None) == (nth < MOST_PAUSES)
        request = taken(request, PAUSING, answer(), T0 + timedelta(seconds=nth))

    assert refusal(request, PAUSING, ask()).code == "question_limit"


def test_who_may_ask_is_who_may_decide() -> None:
    request = opened(PLAIN)

    assert refusal(request, PLAIN, ask(EVE)).code == "self_approval"
    assert refusal(request, PLAIN, ask(DAN, entries=(BOARD,))).code == "not_an_approver"
    for text in ("", " \n ", "x" * 1001):
        assert refusal(request, PLAIN, ask(text=text)).code == "text_invalid"


def test_who_may_answer_is_whom_it_is_about_its_owner_and_who_may_decide() -> None:
    request = taken(opened(PLAIN, bars=(Bar(role="actor", system="aws", account="x", person="dan"),)), PLAIN, ask())

    assert refusal(request, PLAIN, answer(DAN)).code == "not_yours"
    assert refusal(request, PLAIN, answer(DAN, bars={"dan": "excluded"})).code == "not_yours"
    for given_by in (
        answer(),
        answer(DAN, bars={"dan": "actor"}),
        answer(DAN, owner=True),
        answer(BOB, entries=(ONCALL,)),
    ):
        answered = taken(request, PLAIN, given_by)
        assert answered.questions[0].answered_by == given_by.seen.by
        assert answered.state is State.PENDING
    assert refusal(opened(PLAIN), PLAIN, answer()).code == "nothing_asked"


def test_an_answer_to_an_earlier_question_is_not_taken_for_this_one() -> None:
    request = taken(opened(PLAIN), PLAIN, ask())
    request = taken(taken(request, PLAIN, answer()), PLAIN, ask(text="and why on Friday?"))

    fault = refusal(request, PLAIN, AnswerQuestion(vote(EVE, "deny", ()), "because", nth=0))

    assert fault.code == "stale_card"
    assert taken(request, PLAIN, AnswerQuestion(vote(EVE, "deny", ()), "because", nth=1)).questions[1].answer


def test_todays_policy_may_shorten_the_pause_and_not_lengthen_it() -> None:
    longer, shorter = make_policy(quorum=2, question_pause="1h"), make_policy(quorum=2, question_pause="2m")

    for now, length in ((longer, 20), (shorter, 2), (PLAIN, None)):
        request = taken(opened(PAUSING), PAUSING, ask(today=today(now)), T0)
        expected = T0 + minutes(length) if length is not None else None
        assert request.questions[0].paused_until == expected


def test_an_open_question_is_no_silence() -> None:
    policy = make_policy(severity="low", on_timeout="approve", unsafe=True)
    asking = taken(taken(opened(policy), policy, asked(0, "U0ANN")), policy, ask())

    for request, state in ((asking, State.EXPIRED), (taken(asking, policy, answer()), State.APPROVED)):
        late = taken(request, policy, Wake(), T0 + minutes(15))
        assert taken(late, policy, Wake(), T0 + minutes(45)).state is state


def test_a_note_is_the_requesters_and_has_an_end() -> None:
    request = opened(PLAIN)

    change = change_of(request, PLAIN, AddNote(EVE, " ticket INC-42 "))

    assert [(entry.what, entry.detail) for entry in change.entries] == [("note_added", {"note": "ticket INC-42"})]
    assert refusal(request, PLAIN, AddNote(ANN, "no")).code == "not_yours"
    assert refusal(request, PLAIN, AddNote(EVE, "")).code == "text_invalid"
    for _ in range(10):
        request = taken(request, PLAIN, AddNote(EVE, "more"))
    assert refusal(request, PLAIN, AddNote(EVE, "more")).code == "question_limit"


def test_yesterdays_bytes_are_read_and_say_nothing_of_questions() -> None:
    request = opened(PLAIN)

    assert not {"claim", "looked", "questions", "stood_ms", "notes"} & set(request.model_dump(exclude_defaults=True))
    looked_at = taken(taken(request, PLAIN, Claim(vote(BOB, "deny"))), PLAIN, ask())
    assert Request.model_validate_json(looked_at.to_json()) == looked_at


PACE = st.sampled_from([1, 30, 60, 299, 300, 600, 1200, 1201, 5000])


@given(doing=st.lists(st.tuples(PACE, st.sampled_from(["ask", "answer", "vote", "look", "wait"])), max_size=25))
@settings(max_examples=300, deadline=None)
def test_whatever_people_do_it_expires_when_its_time_without_the_pauses_is_over(doing: list[tuple[int, str]]) -> None:
    """The clock is modelled beside: it advances only while no pause runs. Nothing comes early, nothing is lost."""
    now, request, clock = T0, opened(PAUSING), _Clock()
    for seconds, what in doing:
        now, request = _pass_time(request, now, now + timedelta(seconds=seconds), clock)
        moves: dict[str, Move] = {
            "ask": ask(),
            "answer": answer(),
            "vote": vote(BOB, "approve"),
            "look": Claim(vote(BOB, "deny"), "take_over"),
            "wait": Wake(),
        }
        try:
            change = step(request, PAUSING, moves[what], now)
        except MoveRefused:
            continue
        request = change.request
        clock.saw([entry.what for entry in change.entries], now)
    _, request = _pass_time(request, now, now + timedelta(days=2), clock)

    assert request.state is State.EXPIRED, "one vote of two settles nothing"
    assert request.decision is not None
    assert clock.ran(request.decision.at) == timedelta(minutes=45)


class _Clock:
    """For how long the clock stood, by what the trail says."""

    def __init__(self) -> None:
        self.stood = timedelta(0)
        self.since: datetime | None = None

    def saw(self, steps: list[str], at: datetime) -> None:
        if "paused" in steps:
            self.since = at
        if "resumed" in steps and self.since is not None:
            self.stood += at - self.since
            self.since = None

    def ran(self, at: datetime) -> timedelta:
        return at - T0 - self.stood


def _pass_time(request: Request, now: datetime, until: datetime, clock: _Clock) -> tuple[datetime, Request]:
    """Everything that is due happens at its own moment; whatever is due must also do something."""
    while request.due_at is not None and request.due_at <= until:
        now = request.due_at
        assert step(request, PAUSING, Wake(), now - timedelta(milliseconds=1)).is_nothing, "never early"
        change = step(request, PAUSING, Wake(), now)
        assert not change.is_nothing
        request = change.request
        clock.saw([entry.what for entry in change.entries], now)
    return until, request
