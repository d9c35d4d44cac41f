from typing import Any

import pytest

from approvalbot.request.effects import Alarm, Announce, Answer, Refresh, Remind, StartGrant, Tell
from approvalbot.request.lifecycle import open_request, step
from approvalbot.request.moves import LevelAsked, Move, Repeated, Wake, Withdraw
from approvalbot.request.request import Decision, GrantState, State
from tests.request.makers import (
    ANN,
    BOARD,
    BOB,
    CAT,
    EVE,
    LEADS,
    ONCALL,
    T0,
    asked,
    change_of,
    make_entitlement,
    make_policy,
    make_request,
    minutes,
    opened,
    refusal,
    taken,
    vote,
)


def test_opening_announces_the_first_level_and_sets_the_next_deadline() -> None:
    policy = make_policy()

    change = open_request(make_request(policy), policy, T0, {"event": "e1"})

    assert change.request.due_at == T0 + minutes(5)
    assert change.request.expires_at == T0 + minutes(45)
    assert change.effects == (Announce(level=0),)
    assert [entry.what for entry in change.entries] == ["opened"]
    assert change.expected == 0
    assert change.request.version == 1


def test_reminders_come_at_their_offsets_and_only_once() -> None:
    policy = make_policy()
    request = opened(policy)
    assert step(request, policy, Wake(), T0 + minutes(4)).is_nothing

    first = change_of(request, policy, Wake(), T0 + minutes(5))
    second = change_of(first.request, policy, Wake(), T0 + minutes(10))

    assert first.effects == (Remind(level=0, nth=1),)
    assert first.request.due_at == T0 + minutes(10)
    assert second.effects == (Remind(level=0, nth=2),)
    assert second.request.due_at == T0 + minutes(15)


def test_after_an_outage_one_reminder_stands_for_all_that_were_missed() -> None:
    policy = make_policy()

    late = change_of(opened(policy), policy, Wake(), T0 + minutes(12))

    assert late.effects == (Remind(level=0, nth=2),)


def test_silence_opens_the_next_level_and_keeps_the_votes() -> None:
    policy = make_policy(quorum=2)
    request = taken(opened(policy), policy, vote(ANN))

    change = change_of(request, policy, Wake(), T0 + minutes(15))

    assert change.request.level == 1
    assert change.request.votes == request.votes
    assert change.request.expires_at == T0 + minutes(45)
    assert Announce(level=1) in change.effects
    assert taken(change.request, policy, vote(CAT, entries=(BOARD,))).allowed


def test_silence_through_the_last_level_expires_and_is_never_a_denial() -> None:
    policy = make_policy()
    request = taken(taken(opened(policy), policy, asked(0, "U0ANN")), policy, Wake(), T0 + minutes(15))

    change = change_of(request, policy, Wake(), T0 + minutes(45))

    assert change.request.state is State.EXPIRED
    assert change.request.decision == Decision(state=State.EXPIRED, at=T0 + minutes(45), reason_code="nobody_acted")
    assert change.valid_from == T0 + minutes(45)


@pytest.mark.parametrize("people", [(), None])
def test_an_expiry_before_which_nobody_was_reached_is_no_silence_and_alarms(people: tuple[str, ...] | None) -> None:
    policy = make_policy(levels=[{"name": "a", "approvers": [{"usergroup": "@oncall"}], "timeout": "15m"}])
    request = opened(policy) if people is None else taken(opened(policy), policy, asked(0))

    change = change_of(request, policy, Wake(), T0 + minutes(15))

    assert change.request.decision is not None
    assert change.request.decision.reason_code == "nobody_asked"
    assert Alarm(what="nobody_asked") in change.effects


def test_silence_approves_only_where_an_unsafe_policy_says_so() -> None:
    levels = [{"name": "a", "approvers": [{"usergroup": "@oncall"}], "timeout": "15m"}]
    policy = make_policy(on_timeout="approve", unsafe=True, levels=levels)

    change = change_of(taken(opened(policy), policy, asked(0, "U0ANN")), policy, Wake(), T0 + minutes(15))

    assert change.request.state is State.APPROVED
    assert change.request.decision is not None
    assert change.request.decision.by_timeout
    assert change.request.decision.by == ()


@pytest.mark.parametrize(
    ("facts", "moves"),
    [
        ({}, []),
        ({}, [asked(0)]),
        ({"policy_error": "rule 3 could not be evaluated"}, [asked(0, "U0ANN")]),
        ({"actor_known": False}, [asked(0, "U0ANN")]),
        ({}, [asked(0, "U0ANN"), vote(ANN, "deny")]),
    ],
    ids=["nobody told", "nobody there", "policy in error", "actor unknown", "a denial stands"],
)
def test_silence_of_nobody_in_particular_approves_nothing(facts: dict[str, Any], moves: list[Move]) -> None:
    levels = [{"name": "a", "approvers": [{"usergroup": "@oncall"}], "timeout": "15m"}]
    policy = make_policy(request="gate", on_timeout="approve", unsafe=True, deny_quorum=2, levels=levels)
    request = opened(policy, **facts)
    for move in moves:
        request = taken(request, policy, move)

    assert taken(request, policy, Wake(), T0 + minutes(15)).state is State.EXPIRED


def test_a_level_that_reaches_nobody_opens_the_next_at_once() -> None:
    policy = make_policy()

    change = change_of(opened(policy), policy, LevelAsked(0, (), (ONCALL, LEADS)), T0 + minutes(1))

    assert change.request.level == 1
    assert change.request.due_at == T0 + minutes(31)
    assert [entry.what for entry in change.entries] == ["level_asked", "escalated"]
    assert any(isinstance(effect, Alarm) and effect.what == "level_unresolved" for effect in change.effects)


def test_a_last_level_that_reaches_nobody_stays_pending_until_it_expires() -> None:
    policy = make_policy(levels=[{"name": "a", "approvers": [{"usergroup": "@oncall"}], "timeout": "15m"}])

    request = taken(opened(policy), policy, asked())

    assert request.state is State.PENDING
    assert taken(request, policy, Wake(), T0 + minutes(15)).state is State.EXPIRED


def test_a_level_is_reported_once_however_often_it_was_announced() -> None:
    policy = make_policy()
    request = taken(opened(policy), policy, asked(0, "U0ANN"))

    assert change_of(request, policy, asked(0, "U0ANN")).is_nothing


def test_whoever_acted_does_not_take_back_the_review_of_it() -> None:
    review = make_policy(request="review")

    assert refusal(opened(review), review, Withdraw(EVE)).code == "not_yours"
    assert taken(opened(review), review, Withdraw()).state is State.WITHDRAWN


def test_only_the_requester_or_the_caller_withdraws() -> None:
    policy = make_policy(request="gate")

    assert refusal(opened(policy), policy, Withdraw(ANN)).code == "not_yours"
    assert taken(opened(policy), policy, Withdraw(EVE)).state is State.WITHDRAWN
    gone = taken(opened(policy), policy, Withdraw())
    assert gone.decision is not None
    assert gone.decision.reason_code == "caller_gone"


def test_a_settled_request_names_who_settled_it() -> None:
    policy = make_policy()
    request = taken(opened(policy), policy, vote(ANN))

    fault = refusal(request, policy, vote(BOB))

    assert fault.code == "already_decided"
    assert fault.text() == "Already acknowledged by Ann at 12:00 UTC. Nothing was changed."


def test_answers_go_to_the_source_and_to_the_policys_destinations() -> None:
    policy = make_policy(on_deny=[{"callback": {"to": "pager", "status": "incident"}}])
    request = opened(policy, callback="deployer")

    denied = change_of(request, policy, vote(ANN, "deny"))
    approved = change_of(request, policy, vote(ANN))

    assert [effect for effect in denied.effects if isinstance(effect, Answer)] == [
        Answer(to="deployer", event="request.denied"),
        Answer(to="pager", event="request.denied", status="incident", effect_index=0),
    ]
    assert [effect for effect in approved.effects if isinstance(effect, Answer)] == [
        Answer(to="deployer", event="request.approved")
    ]


def test_an_approved_wish_starts_a_grant_with_a_deadline_in_the_same_change() -> None:
    terms = make_entitlement()

    change = change_of(opened(terms), terms, vote(ANN))

    assert change.request.state is State.APPROVED
    assert change.request.grant == GrantState()
    assert change.request.due_at == T0 + minutes(15)
    assert StartGrant() in change.effects
    assert Tell(what="approved") not in change.effects
    assert Refresh() in change.effects


@pytest.mark.parametrize("settled", [None, "approve", "deny"])
def test_repeats_are_counted_once_and_leave_the_question_as_it_was(settled: str | None) -> None:
    policy = make_policy()
    request = opened(policy) if settled is None else taken(opened(policy), policy, vote(ANN, settled))

    change = change_of(request, policy, Repeated(3, T0 + minutes(1), ("a1", "b2", "c3")), T0 + minutes(2))
    more = change_of(change.request, policy, Repeated(5, T0 + minutes(3)), T0 + minutes(3))

    assert [(entry.what, dict(entry.detail)) for entry in (*change.entries, *more.entries)] == [
        ("repeated", {"new": "3", "total": "3", "events": "a1 b2 c3"}),
        ("repeated", {"new": "2", "total": "5"}),
    ]
    assert [effect.kind for effect in change.effects] == ["refresh", "note"]
    assert (change.request.repeats, change.request.repeated_at) == (3, T0 + minutes(1))
    untouched = {"content", "state", "due_at", "expires_at", "votes", "decision"}
    assert change.request.model_dump(include=untouched) == request.model_dump(include=untouched)
    assert step(more.request, policy, Repeated(5, T0 + minutes(3)), T0 + minutes(4)).is_nothing
    assert step(more.request, policy, Repeated(3, T0 + minutes(1)), T0 + minutes(4)).is_nothing
