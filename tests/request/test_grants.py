from datetime import timedelta

import pytest

from approvalbot.request.effects import Alarm, Answer, EndGrant, Page, Refresh, Tell
from approvalbot.request.grants import PAGE_AFTER
from approvalbot.request.held import warn_at
from approvalbot.request.moves import End, Move, Wake
from approvalbot.request.reports import (
    EndFailed,
    ExtensionGiven,
    ExtensionRefused,
    GrantEnded,
    GrantRefused,
    GrantStarted,
)
from approvalbot.request.request import GrantState, State
from tests.request.makers import (
    ANN,
    BOB,
    EVE,
    T0,
    active,
    change_of,
    make_entitlement,
    make_policy,
    minutes,
    opened,
    refusal,
    taken,
    vote,
)


def test_the_clock_of_a_grant_starts_when_access_starts() -> None:
    request = active(make_entitlement())

    assert request.state is State.ACTIVE
    assert request.grant is not None
    assert request.grant.ends_at == T0 + minutes(61)
    assert request.due_at == T0 + minutes(51)


def test_the_warning_comes_ten_minutes_before_the_end_or_at_a_third_of_a_short_grant() -> None:
    long = GrantState(started_at=T0, ends_at=T0 + minutes(60))
    short = GrantState(started_at=T0, ends_at=T0 + minutes(15))

    assert warn_at(long) == T0 + minutes(50)
    assert warn_at(short) == T0 + minutes(10)


def test_access_ends_by_itself_and_only_the_providers_word_makes_it_ended() -> None:
    terms = make_entitlement()
    request = active(terms)
    warned = change_of(request, terms, Wake(), T0 + minutes(51))
    assert warned.effects == (Tell(what="ending"),)

    ending = change_of(warned.request, terms, Wake(), T0 + minutes(61))
    assert ending.request.state is State.ACTIVE
    assert ending.effects == (EndGrant(attempt=1), Refresh())

    ended = change_of(ending.request, terms, GrantEnded(), T0 + minutes(61))
    assert ended.request.state is State.ENDED
    assert not ended.request.allowed
    assert ended.request.due_at is None


def test_ending_that_fails_keeps_trying_and_pages_the_owner() -> None:
    terms = make_entitlement()
    request = taken(active(terms), terms, Wake(), T0 + minutes(61))
    request = taken(request, terms, Wake(), T0 + minutes(61)) if request.grant and not request.grant.ending else request
    alarms = []

    at = T0 + minutes(62)
    for _ in range(PAGE_AFTER):
        failed = change_of(request, terms, EndFailed("down"), at)
        alarms += [effect for effect in failed.effects if isinstance(effect, Alarm)]
        assert failed.request.state is State.ACTIVE
        assert failed.request.due_at is not None
        assert change_of(failed.request, terms, Wake(), failed.request.due_at).effects[0].kind == "end_grant"
        request = taken(failed.request, terms, Wake(), failed.request.due_at)

    assert [alarm.what for alarm in alarms] == ["end_failed"]


def test_access_that_cannot_be_ended_in_its_time_is_failed_and_said_aloud() -> None:
    terms = make_entitlement(grant={"on_end_failure": {"retry_for": "10m"}})
    request = taken(taken(active(terms), terms, Wake(), T0 + minutes(61)), terms, Wake(), T0 + minutes(61))
    request = taken(request, terms, EndFailed("down"), T0 + minutes(62))

    given_up = change_of(request, terms, Wake(), T0 + minutes(80))

    assert given_up.request.state is State.FAILED
    assert any(isinstance(effect, Alarm) and effect.what == "still_open" for effect in given_up.effects)


def test_access_that_did_not_start_in_time_fails_and_is_ended_all_the_same() -> None:
    terms = make_entitlement()
    approved = taken(opened(terms), terms, vote(ANN))
    assert change_of(approved, terms, Wake(), T0 + minutes(14)).is_nothing

    failed = change_of(approved, terms, Wake(), T0 + minutes(15))

    assert failed.request.state is State.FAILED
    assert EndGrant(attempt=1) in failed.effects
    late = change_of(failed.request, terms, GrantStarted("late"), T0 + minutes(16))
    assert late.request.state is State.FAILED
    assert late.effects == (EndGrant(attempt=1, round=1),), "the provider must not take it for the end it has seen"
    assert late.request.due_at is not None


def test_a_provider_that_refuses_fails_the_grant_with_its_reason() -> None:
    terms = make_entitlement()
    approved = taken(opened(terms), terms, vote(ANN))

    failed = change_of(approved, terms, GrantRefused("no such account"), T0 + minutes(1))

    assert failed.request.state is State.FAILED
    assert failed.request.grant is not None
    assert failed.request.grant.fault == "no such account"
    assert EndGrant(attempt=1) not in failed.effects


def test_the_requester_or_an_owner_ends_access_early_and_nobody_else() -> None:
    terms = make_entitlement()

    assert refusal(active(terms), terms, End(BOB), T0 + minutes(5)).code == "not_yours"
    by_owner = change_of(active(terms), terms, End(BOB, "incident over", owner=True), T0 + minutes(5))
    by_requester = change_of(active(terms), terms, End(EVE), T0 + minutes(5))

    assert by_owner.effects == by_requester.effects == (EndGrant(attempt=1), Refresh())
    assert by_owner.entries[-1].detail == {"because": "owner", "reason": "incident over"}
    assert change_of(by_owner.request, terms, End(EVE), T0 + minutes(6)).is_nothing


def test_an_end_that_fails_pages_whom_the_entitlement_names_and_again_when_it_is_given_up() -> None:
    terms = make_entitlement(grant={"on_end_failure": {"retry_for": "1m", "page": "#sec-incidents"}})
    request = taken(active(terms), terms, End(EVE), T0 + minutes(5))
    pages = []
    for _ in range(PAGE_AFTER):
        failed = change_of(request, terms, EndFailed("down"), T0 + minutes(5.2))
        pages += [effect for effect in failed.effects if isinstance(effect, Page)]
        request = failed.request

    assert [(page.to, page.urgent) for page in pages] == [("#sec-incidents", False)]
    assert request.due_at == T0 + minutes(5.2) + timedelta(seconds=20)
    request = taken(request, terms, EndFailed("down"), T0 + minutes(5.9))
    assert request.due_at == T0 + minutes(6), "retry_for ends when it says"
    given_up = change_of(request, terms, Wake(), T0 + minutes(6))
    assert given_up.request.state is State.FAILED
    assert [effect.urgent for effect in given_up.effects if isinstance(effect, Page)] == [True]


def test_what_was_given_up_is_ended_once_more_by_whoever_mended_it() -> None:
    terms = make_entitlement(grant={"on_end_failure": {"retry_for": "1m"}})
    request = taken(active(terms), terms, End(EVE), T0 + minutes(5))
    request = taken(request, terms, Wake(), T0 + minutes(7))
    assert request.state is State.FAILED

    assert refusal(request, terms, End(BOB), T0 + minutes(8)).code == "not_yours"
    again = change_of(request, terms, End(BOB, "mended", owner=True), T0 + minutes(8))
    assert EndGrant(attempt=1) in again.effects
    still = taken(again.request, terms, EndFailed("down"), T0 + minutes(8))
    assert still.due_at is None, "what was given up begins no new round of attempts"
    gone = taken(still, terms, GrantEnded(), T0 + minutes(9))
    assert gone.grant is not None
    assert gone.grant.closed
    assert refusal(gone, terms, End(EVE), T0 + minutes(9)).code == "wrong_state"


def test_access_that_is_held_to_its_time_is_ended_early_by_owners_only() -> None:
    terms = make_entitlement(grant={"end_on": ["duration"]})

    fault = refusal(active(terms), terms, End(EVE), T0 + minutes(5))

    assert fault.code == "not_yours"
    assert (
        fault.text()
        == "Production administrator ends at 13:01 UTC. Only its owner can end it before. Nothing was changed."
    )
    assert change_of(active(terms), terms, End(BOB, owner=True), T0 + minutes(5)).effects[0] == EndGrant(attempt=1)
    assert change_of(active(terms), terms, End(EVE, owner=True), T0 + minutes(5)).effects[0] == EndGrant(attempt=1)


def test_an_end_that_confirms_what_was_before_a_late_start_confirms_nothing() -> None:
    terms = make_entitlement()
    approved = taken(opened(terms), terms, vote(ANN))
    failed = taken(approved, terms, Wake(), T0 + minutes(15))
    late = taken(failed, terms, GrantStarted("late"), T0 + minutes(16))

    assert change_of(late, terms, GrantEnded(round=0), T0 + minutes(16)).is_nothing
    assert change_of(late, terms, GrantEnded(round=1), T0 + minutes(16)).entries[-1].what == "grant_end_confirmed"


def test_what_an_entitlement_approves_is_told_when_access_is_there() -> None:
    terms = make_entitlement(on_approve=[{"callback": {"to": "pager", "status": "held"}}])
    approved = change_of(opened(terms), terms, vote(ANN))

    started = change_of(approved.request, terms, GrantStarted("g-1"), T0 + minutes(1))

    assert not any(isinstance(effect, Answer) for effect in approved.effects)
    told = [effect for effect in started.effects if isinstance(effect, Answer)]
    assert told == [Answer(to="pager", event="request.active", status="held", effect_index=0)]


@pytest.mark.parametrize("kind", ["gate", "review"])
@pytest.mark.parametrize(
    "move", [GrantStarted("g-1"), GrantRefused("no"), ExtensionGiven(T0 + minutes(60)), ExtensionRefused("no")]
)
def test_what_gives_no_access_takes_no_report_of_a_grant(kind: str, move: Move) -> None:
    policy = make_policy(request=kind)
    approved = taken(opened(policy), policy, vote(ANN))

    fault = refusal(approved, policy, move, T0 + minutes(1))

    assert fault.code == "wrong_state"
    assert approved.state is State.APPROVED
