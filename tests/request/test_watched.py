"""What a policy in monitor saw: shown once, counted, and moved by nobody."""

import pytest

from approvalbot.request.effects import Announce, Note, Refresh
from approvalbot.request.lifecycle import TABLE, is_due, open_watched, step
from approvalbot.request.moves import LevelAsked, Noted, Repeated, Wake, Withdraw
from approvalbot.request.request import YES, Request, State
from tests.request.makers import (
    ANN,
    EVE,
    T0,
    make_entitlement,
    make_policy,
    make_request,
    minutes,
    refusal,
    taken,
    vote,
)

POLICY = make_policy(on_deny=[{"action": "aws.detach_policy", "with": {"user": "x", "policy": "y"}}])


def watched(**fields: object) -> Request:
    return open_watched(make_request(POLICY, **fields), POLICY, T0, {"event": "e1"}).request


def test_it_is_born_settled_with_one_card_and_its_own_kind_of_entry() -> None:
    change = open_watched(make_request(POLICY, callback="deploy-tool"), POLICY, T0, {"event": "e1"})

    assert change.request.state is State.WATCHED
    assert change.effects == (Announce(level=0),)
    assert [entry.what for entry in change.entries] == ["watched"]
    assert change.entries[0].detail["event"] == "e1"
    assert change.request.due_at is None
    assert change.request.expires_at is None
    assert change.request.decision is None
    assert not is_due(change.request, T0 + minutes(10_000))


def test_it_is_never_a_yes_and_never_anything_that_people_decided() -> None:
    assert State.WATCHED not in YES
    assert not watched().allowed
    assert {move for state, move in TABLE if state is State.WATCHED} == {Repeated, Noted, LevelAsked}


@pytest.mark.parametrize("move", [vote(ANN), vote(ANN, "deny"), Withdraw(EVE), Withdraw(), Wake()])
def test_whatever_would_decide_it_is_refused_with_a_word_of_its_own(move: object) -> None:
    assert refusal(watched(), POLICY, move).code == "monitor_only"  # type: ignore[arg-type]


def test_the_same_seen_again_is_counted_and_nothing_else() -> None:
    change = step(watched(), POLICY, Repeated(3, T0 + minutes(2)), T0 + minutes(2))

    assert change.request.repeats == 3
    assert change.request.state is State.WATCHED
    assert {type(one) for one in change.effects} == {Refresh, Note}
    assert taken(change.request, POLICY, Repeated(3, T0 + minutes(2))) == change.request


def test_it_is_shown_in_the_first_channels_that_are_named_and_to_no_person() -> None:
    silent = {"name": "a", "approvers": [{"usergroup": "@x"}], "notify": [{"dm": "approvers"}], "timeout": "5m"}
    loud = {**silent, "name": "b", "notify": [{"channel": "#aws"}]}
    later, never = make_policy(levels=[silent, loud]), make_policy(levels=[silent])

    assert open_watched(make_request(later), later, T0, {}).effects == (Announce(level=1),)
    assert open_watched(make_request(never), never, T0, {}).effects == ()


def test_a_wish_is_watched_like_an_event() -> None:
    terms = make_entitlement()

    change = open_watched(make_request(terms), terms, T0, {})

    assert change.request.state is State.WATCHED
    assert change.request.grant is None
    assert change.effects == (), "the requester hears it where they asked, and nobody else does"
