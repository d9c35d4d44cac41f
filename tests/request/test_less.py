"""Approving with less: what is offered, and what several approvers grant together."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.answer import answer_of, decision_names, terms_together
from approvalbot.request.less import NONE, choices_of, granted_s, granted_scope, less_in_words, settled_less
from approvalbot.request.moves import CastVote
from approvalbot.request.reports import GrantStarted
from approvalbot.request.request import Less, Request, State, Vote
from tests.request.makers import (
    ANN,
    BOB,
    CAT,
    T0,
    make_entitlement,
    make_policy,
    make_request,
    minutes,
    opened,
    refusal,
    taken,
    vote,
)

SCOPES = [
    {"id": "write", "label": "writing", "with": {"role": "writer"}},
    {"id": "read", "label": "read-only", "with": {"role": "reader"}},
]
NARROWER = {"asked": "admin", "scopes": SCOPES}


def an_entitlement(**changes: Any) -> Entitlement:
    document = {**make_entitlement(**changes).document, "narrower": NARROWER}
    document["duration"] = {"default": "4h", "max": "8h", "choices": ["30m", "1h", "2h"]}
    return Entitlement.model_validate(document)


def a_gate(**changes: Any) -> Policy:
    return Policy.model_validate({**make_policy(request="gate", **changes).document, "narrower": NARROWER})


def wishing(terms: Entitlement, hours: int = 4, **fields: Any) -> Request:
    request = opened(terms, **fields)
    assert request.wish is not None
    return request.model_copy(update={"wish": request.wish.model_copy(update={"duration_s": hours * 3600})})


def less(by: Any, duration_s: int = 0, scope: str = "", **facts: Any) -> CastVote:
    return vote(by, less=Less(duration_s=duration_s, scope=scope), offered=True, **facts)


def test_only_what_is_shorter_than_asked_and_narrower_is_offered() -> None:
    terms = an_entitlement()

    choices = choices_of(wishing(terms, hours=2), terms)

    assert choices.durations_s == (1800, 3600)
    assert [one.id for one in choices.scopes] == ["write", "read"]
    assert choices.asked == "admin"


def test_a_review_offers_nothing_and_a_gate_its_scopes_alone() -> None:
    gate, review = a_gate(), make_policy(request="review")

    assert choices_of(opened(review), review) == NONE
    assert choices_of(opened(gate, accepts_less=True), gate).durations_s == ()
    assert choices_of(opened(gate), gate) == NONE, "whoever waits has not said that they accept less"
    assert len(choices_of(opened(gate, accepts_less=True), gate).scopes) == 2


def test_more_time_for_a_grant_can_be_shorter_and_keeps_its_scope() -> None:
    terms = an_entitlement()

    choices = choices_of(wishing(terms, hours=1, extends="HELD"), terms)

    assert choices.durations_s == (900, 1800)
    assert choices.scopes == ()


def test_an_approval_with_less_settles_as_one_and_the_grant_is_shorter() -> None:
    terms = an_entitlement()

    approved = taken(wishing(terms), terms, less(ANN, 3600, "read"))
    active = taken(approved, terms, GrantStarted("g"), T0 + minutes(1))

    assert approved.state is State.APPROVED
    assert approved.decision is not None
    assert approved.decision.less == Less(duration_s=3600, scope="read", label="read-only")
    assert active.grant is not None
    assert active.grant.ends_at == T0 + minutes(61)
    scope = granted_scope(active, terms)
    assert scope is not None
    assert scope.with_ == {"role": "reader"}
    assert less_in_words(active, terms, approved.decision.less) == "1 h instead of 4 h, read-only instead of admin"


def test_the_whole_beside_less_is_less() -> None:
    terms = an_entitlement(quorum=2)

    for first, second in permutations([vote(ANN), less(BOB, 3600)]):
        request = taken(taken(wishing(terms), terms, first), terms, second)
        assert granted_s(request) == 3600


@pytest.mark.parametrize(
    "asked",
    [
        Less(),
        Less(duration_s=4 * 3600),
        Less(duration_s=5 * 3600),
        Less(duration_s=1),
        Less(duration_s=-3600),
        Less(scope="root"),
        Less(duration_s=3600, scope="root"),
    ],
)
def test_what_is_not_on_the_list_is_refused_and_changes_nothing(asked: Less) -> None:
    terms = an_entitlement()

    assert refusal(wishing(terms), terms, vote(ANN, less=asked, offered=True)).code == "less_not_offered"


def test_what_today_does_not_offer_is_refused_although_the_request_was_opened_with_it() -> None:
    terms = an_entitlement()

    assert refusal(wishing(terms), terms, vote(ANN, less=Less(scope="read"))).code == "less_not_offered"


def test_a_denial_with_less_is_no_denial() -> None:
    terms = an_entitlement()

    denial = vote(ANN, "deny", less=Less(scope="read"), offered=True)

    assert refusal(wishing(terms), terms, denial).code == "less_not_offered"


def test_a_passkey_is_asked_for_as_for_the_whole() -> None:
    terms = an_entitlement(assurance="step_up")

    assert refusal(wishing(terms), terms, less(ANN, 3600)).code == "step_up_required"
    assert taken(wishing(terms), terms, less(ANN, 3600, confirmed="passkey 1")).state is State.APPROVED


def test_the_answer_of_a_gate_carries_its_terms_and_no_yes_for_whoever_does_not_know_them() -> None:
    terms = a_gate()

    request = taken(opened(terms, accepts_less=True), terms, less(ANN, scope="read"))

    told = answer_of(request)
    assert told["allowed"] is True
    assert told["terms"] == {"less": True, "scope": "read", "label": "read-only", "with": {"role": "reader"}}
    unaware = answer_of(request, accepts_less=False)
    assert (unaware["status"], unaware["allowed"], unaware["terms"]) == ("approved", False, told["terms"])
    assert decision_names(request)["summary"] == "Approved with less (read-only) by Ann"


def test_an_approval_of_the_whole_has_no_terms() -> None:
    terms = a_gate()

    told = answer_of(taken(opened(terms), terms, vote(ANN)), accepts_less=False)

    assert told["allowed"] is True
    assert "terms" not in told


def test_terms_of_several_requests_stand_side_by_side() -> None:
    terms = a_gate()
    read, write = (
        taken(opened(terms, accepts_less=True), terms, less(ANN, scope=scope)) for scope in ("read", "write")
    )
    whole = taken(opened(terms), terms, vote(ANN))

    assert terms_together([whole]) == {}
    assert terms_together([whole, read])["scope"] == "read"
    assert [one["scope"] for one in terms_together([write, read])["each"]] == ["write", "read"]


def test_the_trail_says_what_was_granted() -> None:
    terms = an_entitlement()
    asked = wishing(terms)

    from approvalbot.request.lifecycle import step  # noqa: PLC0415 - the entries, which `taken` leaves out

    entries = step(asked, terms, less(ANN, 3600, "read"), T0).entries

    assert [(one.what, one.detail.get("less_s"), one.detail.get("less_scope")) for one in entries] == [
        ("voted", "3600", "read"),
        ("approved", "3600", "read"),
    ]


GRANTS = st.one_of(
    st.none(),
    st.builds(Less, duration_s=st.sampled_from([0, 1800, 3600, 7200]), scope=st.sampled_from(["", "write", "read"])),
)


@given(st.lists(GRANTS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_what_votes_grant_together_is_the_narrowest_of_each_in_any_order(
    granted: list[Less | None], random: Any
) -> None:
    terms = an_entitlement()
    request = make_request(terms)
    people = [ANN, BOB, CAT]
    votes = [Vote(by=people[n % 3], choice="approve", at=T0, less=one) for n, one in enumerate(granted)]
    shuffled = random.sample(votes, len(votes))

    settled = settled_less(request, terms, votes)

    assert settled == settled_less(request, terms, shuffled)
    wide = {"": 0, "write": 1, "read": 2}
    for one in granted:
        if one is not None and settled is not None:
            assert wide[settled.scope] >= wide[one.scope], "never wider than any vote"
            assert not one.duration_s or 0 < settled.duration_s <= one.duration_s, "never longer than any vote"
    assert (settled is None) == all(one is None for one in granted)


@given(GRANTS, GRANTS, st.integers(min_value=1, max_value=8))
def test_access_is_never_longer_than_asked(first: Less | None, second: Less | None, hours: int) -> None:
    terms = an_entitlement(quorum=2)
    request = wishing(terms, hours)
    offered = choices_of(request, terms)
    for by, one in ((ANN, first), (BOB, second)):
        chosen = one if one is not None and offered.hold(one) else None
        request = taken(request, terms, vote(by, less=chosen, offered=True))

    assert request.state is State.APPROVED
    assert 0 < granted_s(request) <= hours * 3600
