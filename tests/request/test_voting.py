import pytest

from approvalbot.request.request import State
from tests.request.makers import (
    ANN,
    BOARD,
    BOB,
    CAT,
    EVE,
    LEADS,
    T0,
    change_of,
    make_policy,
    minutes,
    opened,
    refusal,
    taken,
    today,
    vote,
)


def test_one_approval_settles_a_quorum_of_one() -> None:
    policy = make_policy()

    change = change_of(opened(policy), policy, vote(ANN, reason="planned"))

    assert change.request.state is State.APPROVED
    assert change.request.allowed
    assert change.request.decision is not None
    assert change.request.decision.by == (ANN,)
    assert change.request.decision.reason == "planned"
    assert change.request.due_at is None
    assert [entry.what for entry in change.entries] == ["voted", "approved"]
    assert change.valid_until == T0 + minutes(5)


def test_two_people_are_needed_for_a_quorum_of_two() -> None:
    policy = make_policy(quorum=2)
    request = taken(opened(policy), policy, vote(ANN))
    assert request.state is State.PENDING

    change = change_of(request, policy, vote(BOB))

    assert change.request.state is State.APPROVED
    assert change.request.decision is not None
    assert change.request.decision.by == (ANN, BOB)


def test_the_same_person_under_another_key_still_counts_once() -> None:
    policy = make_policy(quorum=2)
    stranger = ANN.model_copy(update={"key": "slack:T0ACME/U0ANN"})
    request = taken(opened(policy), policy, vote(stranger))

    assert refusal(request, policy, vote(ANN)).code == "already_counted"


def test_a_second_press_replaces_the_first_while_pending() -> None:
    policy = make_policy(quorum=2, deny_quorum=2)
    request = taken(opened(policy), policy, vote(ANN))

    changed = taken(request, policy, vote(ANN, "deny"))

    assert [(cast.by, cast.choice) for cast in changed.votes] == [(ANN, "deny")]


def test_one_denial_settles_even_after_approvals() -> None:
    policy = make_policy(quorum=2)
    request = taken(opened(policy), policy, vote(ANN))

    denied = taken(request, policy, vote(BOB, "deny", reason="not known", reason_code="suspicious"))

    assert denied.state is State.DENIED
    assert not denied.allowed
    assert denied.decision is not None
    assert (denied.decision.reason, denied.decision.reason_code) == ("not known", "suspicious")


def test_a_requester_cannot_decide_their_own_request() -> None:
    policy = make_policy()

    assert refusal(opened(policy), policy, vote(EVE)).code == "self_approval"
    assert refusal(opened(policy), policy, vote(EVE, "deny")).code == "self_approval"


def test_somebody_linked_to_the_requester_is_told_to_whom() -> None:
    policy = make_policy()

    fault = refusal(opened(policy), policy, vote(ANN, bars={"ann": "requester"}, linked=True))

    assert fault.code == "self_approval"
    assert "linked to Eve" in fault.text()


def test_self_approval_counts_where_the_policy_allows_it() -> None:
    policy = make_policy(self_approval=True)

    assert taken(opened(policy), policy, vote(EVE)).state is State.APPROVED


def test_an_excluded_person_is_barred_even_where_self_approval_is_allowed() -> None:
    policy = make_policy(self_approval=True)

    assert refusal(opened(policy), policy, vote(ANN, bars={"ann": "excluded"})).code == "excluded"


def test_somebody_outside_the_groups_is_told_who_is_needed() -> None:
    policy = make_policy()

    fault = refusal(opened(policy), policy, vote(CAT, entries=()))

    assert fault.code == "not_an_approver"
    assert "@oncall or @leads" in fault.text()


def test_a_later_level_cannot_vote_yet_and_is_told_from_when() -> None:
    policy = make_policy()

    fault = refusal(opened(policy), policy, vote(CAT, entries=(BOARD,)))

    assert fault.code == "not_an_approver"
    assert fault.text() == "Your group is asked from 12:15 UTC if nobody acts. You cannot vote yet."


def test_a_press_on_an_older_card_is_refused() -> None:
    policy = make_policy()
    request = opened(policy).model_copy(update={"content": 2})

    assert refusal(request, policy, vote(ANN, content=1)).code == "stale_card"


def test_a_missing_reason_is_refused_where_one_is_required() -> None:
    policy = make_policy(reason={"deny": "required"})

    assert refusal(opened(policy), policy, vote(ANN, "deny", reason="  ")).code == "reason_required"
    assert taken(opened(policy), policy, vote(ANN, "deny", reason_code="not_now")).state is State.DENIED


def test_a_press_alone_never_approves_what_needs_a_passkey() -> None:
    policy = make_policy(assurance="step_up")

    assert refusal(opened(policy), policy, vote(ANN)).code == "step_up_required"
    assert taken(opened(policy), policy, vote(ANN, "deny")).state is State.DENIED


@pytest.mark.parametrize(("request_kind", "outcome"), [("gate", "actor_unknown"), ("review", "pending")])
def test_an_unknown_actor_blocks_a_gate_and_asks_one_more_vote_of_a_review(request_kind: str, outcome: str) -> None:
    policy = make_policy(request=request_kind)
    request = opened(policy, actor_known=False, requester=None)
    press = vote(ANN, bars={}, actor_known=False)

    if outcome == "pending":
        assert taken(request, policy, press).state is State.PENDING
        assert taken(taken(request, policy, press), policy, vote(BOB, bars={}, actor_known=False)).allowed
    else:
        assert refusal(request, policy, press).code == outcome
        assert taken(request, policy, vote(ANN, bars={}, actor_known=True)).allowed


def test_two_votes_of_one_group_fill_one_seat_where_groups_must_differ() -> None:
    policy = make_policy(quorum=2, from_distinct_groups=True)
    request = taken(opened(policy), policy, vote(ANN))

    second = change_of(request, policy, vote(BOB))

    assert second.request.state is State.PENDING
    assert second.tally is not None
    assert (second.tally.approvals, second.tally.needed) == (1, 2)
    assert taken(second.request, policy, vote(CAT, entries=(LEADS,))).allowed


def test_removing_an_approver_from_the_current_policy_drops_their_earlier_vote() -> None:
    policy = make_policy(quorum=2)
    request = taken(opened(policy), policy, vote(CAT, entries=(LEADS,)))
    tighter = make_policy(quorum=2, levels=[{"name": "a", "approvers": [{"usergroup": "@oncall"}], "timeout": "15m"}])

    change = change_of(request, policy, vote(ANN, today=today(tighter)))

    assert change.request.state is State.PENDING
    assert [cast.by for cast in change.request.votes] == [ANN]
    assert [entry.what for entry in change.entries] == ["vote_dropped", "voted"]


def test_loosening_the_current_policy_changes_nothing_for_an_open_request() -> None:
    policy = make_policy(quorum=2)

    change = change_of(opened(policy), policy, vote(ANN, today=today(make_policy(quorum=1, self_approval=True))))

    assert change.request.state is State.PENDING


def test_raising_the_quorum_applies_at_once() -> None:
    policy = make_policy(quorum=1)

    change = change_of(opened(policy), policy, vote(ANN, today=today(make_policy(quorum=2))))

    assert change.request.state is State.PENDING


def test_a_deactivated_voters_earlier_vote_no_longer_counts() -> None:
    policy = make_policy(quorum=2)
    request = taken(opened(policy), policy, vote(ANN))

    assert taken(request, policy, vote(BOB, gone=frozenset({"ann"}))).state is State.PENDING
