"""A delegate fills the seat of somebody who is away, and never more: each way to get more out of it is tried."""

from typing import Any

from approvalbot.request.moves import CastVote, Hindered
from approvalbot.request.request import Delegated, Person, Request, State, Vote
from tests.request.makers import (
    ANN,
    BOARD,
    BOB,
    CAT,
    DAN,
    EVE,
    LEADS,
    ONCALL,
    change_of,
    make_policy,
    opened,
    refusal,
    taken,
    today,
    vote,
)


def left_by(*people: Person, entry: str = ONCALL) -> tuple[Delegated, ...]:
    return tuple(Delegated(by=one, entries=(entry,)) for one in people)


def for_bob(by: Person, *, own: tuple[str, ...] = (BOARD,), choice: str = "approve", **facts: Any) -> CastVote:
    """A press of somebody who is no approver of the open level and stands in for Bob, who is."""
    return vote(by, choice, own, **{"delegated": left_by(BOB), **facts})


def names(request: Request) -> list[str]:
    return [one.by.name for one in request.votes]


def test_a_delegate_fills_the_seat_and_the_trail_says_for_whom() -> None:
    policy = make_policy()

    change = change_of(opened(policy), policy, for_bob(DAN))

    assert change.request.state is State.APPROVED
    assert change.request.votes[0].entries == (BOARD,)
    assert change.request.votes[0].delegated == left_by(BOB)
    assert change.entries[0].detail["for"] == "Bob (bob)"


def test_without_a_seat_left_to_them_nothing_is_counted() -> None:
    policy = make_policy()

    fault = refusal(opened(policy), policy, vote(DAN, entries=(BOARD,)))

    assert fault.code == "not_an_approver"


def test_whoever_is_barred_leaves_no_seat() -> None:
    policy = make_policy()

    fault = refusal(opened(policy), policy, for_bob(DAN, bars={BOB.key: "requester"}))

    assert fault.code == "not_an_approver"
    assert "You stand in for Bob, who may not decide this one either." in fault.text()


def test_whoever_is_barred_takes_no_seat() -> None:
    policy = make_policy()

    fault = refusal(opened(policy), policy, for_bob(EVE))

    assert fault.code == "self_approval"


def test_where_self_approval_is_allowed_the_requester_takes_no_seat_of_others() -> None:
    policy = make_policy(self_approval=True)

    fault = refusal(opened(policy), policy, for_bob(EVE))

    assert fault.code == "not_an_approver"


def test_an_excluded_person_leaves_and_takes_no_seat() -> None:
    policy = make_policy(self_approval=True)

    assert refusal(opened(policy), policy, for_bob(DAN, bars={BOB.key: "excluded"})).code == "not_an_approver"
    assert refusal(opened(policy), policy, for_bob(DAN, bars={DAN.key: "excluded"})).code == "excluded"


def test_another_account_of_the_absent_person_takes_no_seat() -> None:
    policy = make_policy()
    second = BOB.model_copy(update={"slack": "U0BOB2"})

    assert refusal(opened(policy), policy, for_bob(second)).code == "not_an_approver"


def test_a_delegate_who_votes_for_themselves_and_for_another_is_one_person() -> None:
    policy = make_policy(quorum=2)

    request = taken(opened(policy), policy, vote(ANN, delegated=left_by(BOB)))

    assert request.state is State.PENDING
    assert request.votes[0].delegated == (), "who may vote anyway votes as themselves"
    assert refusal(request, policy, vote(ANN, delegated=left_by(BOB))).code == "already_counted"


def test_standing_in_for_two_people_of_two_groups_is_still_one_person() -> None:
    policy = make_policy(quorum=2, from_distinct_groups=True)
    seats = (*left_by(BOB), *left_by(CAT, entry=LEADS))

    request = taken(opened(policy), policy, for_bob(DAN, delegated=seats))

    assert request.state is State.PENDING
    assert taken(request, policy, vote(ANN, entries=(LEADS,))).state is State.APPROVED


def test_a_seat_of_another_group_lets_a_delegate_press_once_more() -> None:
    policy = make_policy(quorum=2, from_distinct_groups=True)
    request = taken(opened(policy), policy, vote(DAN, entries=(LEADS,)))
    request = taken(request, policy, vote(CAT, entries=(LEADS,)))
    assert request.state is State.PENDING

    request = taken(request, policy, vote(DAN, entries=(LEADS,), delegated=left_by(BOB)))

    assert request.state is State.APPROVED


def test_the_absent_person_replaces_their_delegate() -> None:
    policy = make_policy(quorum=2)
    request = taken(opened(policy), policy, for_bob(DAN))

    change = change_of(request, policy, vote(BOB))

    assert names(change.request) == ["Bob"]
    assert change.request.state is State.PENDING
    assert [entry.what for entry in change.entries] == ["vote_dropped", "voted"]


def test_the_delegate_does_not_replace_the_absent_person() -> None:
    policy = make_policy(quorum=2)
    request = taken(opened(policy), policy, vote(BOB))

    fault = refusal(request, policy, for_bob(DAN))

    assert fault.code == "not_an_approver"
    assert "You stand in for Bob, who has voted themselves." in fault.text()


def test_a_seat_is_filled_once_whoever_it_is_left_to_one_after_the_other() -> None:
    policy = make_policy(quorum=2)
    request = taken(opened(policy), policy, for_bob(DAN))

    request = taken(request, policy, for_bob(CAT))

    assert names(request) == ["Cat"]
    assert request.state is State.PENDING


def test_a_delegate_of_an_approving_seat_keeps_their_own_vote_when_the_absent_person_votes() -> None:
    policy = make_policy(quorum=3, from_distinct_groups=True, levels=THREE)
    request = taken(opened(policy), policy, vote(DAN, entries=(LEADS,), delegated=left_by(BOB)))

    request = taken(request, policy, vote(BOB))

    assert names(request) == ["Dan", "Bob"]
    assert request.votes[0].delegated == ()


THREE = [
    {
        "name": "all",
        "approvers": [{"usergroup": "@oncall"}, {"usergroup": "@leads"}, {"usergroup": "@board"}],
        "notify": [{"channel": "#aws"}],
        "timeout": "15m",
    }
]


def test_an_absent_person_who_is_deactivated_takes_the_seat_with_them() -> None:
    policy = make_policy(quorum=2)
    request = taken(opened(policy), policy, for_bob(DAN))

    request = taken(request, policy, vote(ANN, gone=frozenset({BOB.key})))

    assert names(request) == ["Ann"]


def test_an_absent_person_who_turns_out_to_be_the_requester_takes_the_seat_with_them() -> None:
    policy = make_policy(quorum=2)
    request = taken(opened(policy), policy, for_bob(DAN))

    request = taken(request, policy, vote(ANN, bars={BOB.key: "actor"}))

    assert names(request) == ["Ann"]


def test_a_policy_that_takes_no_delegates_any_more_drops_their_votes() -> None:
    policy, tighter = make_policy(quorum=2), make_policy(quorum=2, delegation={"allow": "none"})
    request = taken(opened(policy), policy, for_bob(DAN))

    request = taken(request, policy, vote(ANN, today=today(tighter)))

    assert names(request) == ["Ann"]
    assert request.state is State.PENDING


def test_a_passkey_is_wanted_of_the_delegate_too() -> None:
    policy = make_policy(assurance="step_up")

    assert refusal(opened(policy), policy, for_bob(DAN)).code == "step_up_required"
    assert taken(opened(policy), policy, for_bob(DAN, confirmed="passkey")).state is State.APPROVED


def test_a_seat_of_a_later_step_is_not_filled_before_its_time() -> None:
    policy = make_policy()

    fault = refusal(opened(policy), policy, vote(DAN, entries=(), delegated=left_by(CAT, entry=BOARD)))

    assert fault.code == "not_an_approver"


def test_only_the_owner_approves_where_the_policy_could_not_be_evaluated_and_nobody_in_their_place() -> None:
    policy = make_policy()
    request = opened(policy, policy_error="it broke", owner="role:owners")

    fault = refusal(request, policy, for_bob(DAN, owner="role:owners"))

    assert fault.code == "not_an_approver"


def test_a_delegate_may_deny() -> None:
    policy = make_policy()

    assert taken(opened(policy), policy, for_bob(DAN, choice="deny")).state is State.DENIED


def test_why_a_seat_is_not_left_is_said() -> None:
    policy = make_policy()
    press = vote(DAN, entries=(BOARD,), hindered=Hindered("policy", BOB))

    assert "this policy does not take your vote in their place" in refusal(opened(policy), policy, press).text()


def test_votes_of_before_delegation_are_read_and_written_as_they_were() -> None:
    held = '{"by":{"key":"ann","name":"Ann"},"choice":"approve","at":"2026-03-03T12:00:00Z","entries":["usergroup:@a"]}'

    read = Vote.model_validate_json(held)

    assert read.seats == {"usergroup:@a"}
    assert read.model_dump_json(exclude_defaults=True) == held


def test_a_key_that_the_identities_learn_meanwhile_is_the_absent_person_s_too() -> None:
    policy = make_policy(quorum=2)
    stranger = BOB.model_copy(update={"key": "slack:T0ACME/U0BOB"})
    request = taken(opened(policy), policy, for_bob(DAN, delegated=left_by(stranger)))

    now_known = {"slack:T0ACME/U0BOB": "bob"}
    request = taken(request, policy, vote(ANN, bars={"bob": "actor"}, known_as=now_known))

    assert names(request) == ["Ann"]
