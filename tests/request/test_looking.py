"""Claims: somebody says that they look. It informs, ends by itself, and keeps nobody from deciding."""

from datetime import timedelta

import pytest

from approvalbot.request.effects import AskLooker, Note
from approvalbot.request.looking import MOST_TURNS
from approvalbot.request.moves import Claim, Release, Wake, Withdraw
from approvalbot.request.request import Delegated, Person, Request, State
from tests.request.makers import (
    ANN,
    BOARD,
    BOB,
    CAT,
    DAN,
    EVE,
    LEADS,
    T0,
    change_of,
    make_policy,
    minutes,
    opened,
    refusal,
    taken,
    vote,
)

POLICY = make_policy(quorum=2)


def look(by: Person, how: str = "look", entries: tuple[str, ...] = ("usergroup:@oncall",)) -> Claim:
    return Claim(vote(by, "deny", entries), how)  # type: ignore[arg-type]


def claimed(by: Person = ANN) -> Request:
    return taken(opened(POLICY), POLICY, look(by))


def test_a_claim_says_who_looks_and_until_when() -> None:
    change = change_of(opened(POLICY), POLICY, look(ANN), T0 + minutes(1))

    claim = change.request.claim
    assert claim is not None
    assert (claim.by, claim.at, claim.until) == (ANN, T0 + minutes(1), T0 + minutes(6))
    assert [entry.what for entry in change.entries] == ["claimed"]
    assert change.request.due_at == T0 + minutes(5), "the first reminder and the question whether she still looks"


def test_whoever_may_not_decide_may_not_claim() -> None:
    request = opened(POLICY)

    assert refusal(request, POLICY, look(EVE)).code == "self_approval"
    assert refusal(request, POLICY, look(CAT, entries=())).code == "not_an_approver"
    assert refusal(request, POLICY, look(CAT, entries=(BOARD,))).code == "not_an_approver"


def test_whoever_stands_in_for_somebody_away_may_look_too() -> None:
    place = (Delegated(by=BOB, entries=("usergroup:@oncall",)),)
    request = opened(POLICY)

    assert taken(request, POLICY, Claim(vote(DAN, "deny", (), delegated=place))).claim is not None
    own = Claim(vote(EVE, "deny", (), delegated=place))
    assert refusal(request, POLICY, own).code == "self_approval", "whoever asked for it takes nobody's place"


def test_somebody_else_is_told_who_looks_and_may_take_over() -> None:
    held = claimed()

    fault = refusal(held, POLICY, look(BOB), T0 + minutes(1))
    change = change_of(held, POLICY, look(BOB, "take_over"), T0 + minutes(1))

    assert fault.code == "claim_taken"
    assert fault.text() == "Ann is looking until 12:05 UTC. You may still decide."
    assert change.request.claim is not None
    assert change.request.claim.by == BOB
    assert change.entries[0].detail == {"until": (T0 + minutes(6)).isoformat(), "from": "ann"}
    assert [effect.detail["over"] for effect in change.effects if isinstance(effect, Note)] == ["Ann"]


def test_a_claim_of_ones_own_is_kept_and_not_taken_twice() -> None:
    held = claimed()

    for how in ("look", "take_over"):
        assert refusal(held, POLICY, look(ANN, how), T0 + minutes(1)).code == "already_looking"
    kept = taken(held, POLICY, look(ANN, "keep"), T0 + minutes(4))

    assert kept.claim is not None
    assert (kept.claim.at, kept.claim.until) == (T0, T0 + minutes(9))
    assert refusal(held, POLICY, look(BOB, "keep")).code == "not_looking"
    assert refusal(opened(POLICY), POLICY, look(BOB, "keep")).code == "not_looking"


def test_nobody_sits_on_a_request() -> None:
    request = claimed()
    for turn in range(1, MOST_TURNS):
        request = taken(request, POLICY, look(ANN, "keep"), T0 + timedelta(seconds=turn))

    assert refusal(request, POLICY, look(ANN, "keep"), T0 + minutes(1)).code == "claim_limit"
    free = taken(request, POLICY, Release(ANN), T0 + minutes(1))
    assert refusal(free, POLICY, look(ANN), T0 + minutes(1)).code == "claim_limit"
    assert taken(free, POLICY, look(BOB), T0 + minutes(1)).claim is not None


def test_it_is_released_by_whoever_looks_and_by_nobody_else() -> None:
    held = claimed()

    change = change_of(held, POLICY, Release(ANN), T0 + minutes(1))

    assert change.request.claim is None
    assert [entry.what for entry in change.entries] == ["claim_released"]
    assert refusal(held, POLICY, Release(BOB)).code == "not_looking"


def test_a_minute_before_its_end_the_claimer_is_asked_once_and_then_it_lapses() -> None:
    held = claimed()

    assert change_of(held, POLICY, Wake(), T0 + minutes(3.9)).is_nothing
    asked = change_of(held, POLICY, Wake(), T0 + minutes(4))
    assert asked.effects == (AskLooker(person="U0ANN", until=T0 + minutes(5)),)
    assert not asked.entries
    assert change_of(asked.request, POLICY, Wake(), T0 + minutes(4.9)).is_nothing
    lapsed = change_of(asked.request, POLICY, Wake(), T0 + minutes(5))

    assert lapsed.request.claim is None
    assert [entry.what for entry in lapsed.entries] == ["claim_lapsed"]
    reminded = change_of(lapsed.request, POLICY, Wake(), T0 + minutes(5))
    assert [entry.what for entry in reminded.entries] == ["reminded"], "what was due at the same moment comes next"


def test_a_kept_claim_is_asked_about_again() -> None:
    first = taken(claimed(), POLICY, Wake(), T0 + minutes(4))

    kept = taken(first, POLICY, look(ANN, "keep"), T0 + minutes(4.5))

    assert change_of(kept, POLICY, Wake(), T0 + minutes(5)).entries[0].what == "reminded", "and nothing of the claim"
    asked = change_of(kept, POLICY, Wake(), T0 + minutes(8.5))
    assert asked.effects == (AskLooker(person="U0ANN", until=T0 + minutes(9.5)),)


def test_a_claim_blocks_no_vote_and_ends_with_the_claimers_own() -> None:
    held = claimed()

    others = taken(held, POLICY, vote(BOB), T0 + minutes(1))
    own = taken(held, POLICY, vote(ANN), T0 + minutes(1))

    assert others.claim is not None, "two are needed, and Ann is still at it"
    assert own.claim is None
    settled = taken(others, POLICY, vote(CAT, entries=(LEADS,)), T0 + minutes(2))
    assert (settled.state, settled.claim) == (State.APPROVED, None)


@pytest.mark.parametrize(("at", "state"), [(15, State.PENDING), (45, State.EXPIRED)])
def test_a_claim_delays_no_level_and_no_end(at: float, state: State) -> None:
    request = taken(opened(POLICY), POLICY, look(ANN), T0 + minutes(14))

    request = taken(request, POLICY, Wake(), T0 + minutes(15))
    assert request.level == 1
    request = taken(request, POLICY, look(ANN, "keep"), T0 + minutes(15))
    for _ in range(5):
        request = taken(request, POLICY, Wake(), T0 + minutes(at)) if request.state is State.PENDING else request

    assert request.state is state


def test_a_claim_ends_with_the_request_at_the_latest() -> None:
    request = opened(POLICY)
    request = taken(request, POLICY, Wake(), T0 + minutes(15))

    late = taken(request, POLICY, look(ANN), T0 + minutes(44.5))

    assert late.claim is not None
    assert late.claim.until == T0 + minutes(45)
    assert late.claim.warned, "there is no minute left to ask in"


def test_a_policy_may_know_no_claims_or_longer_ones() -> None:
    off, long = make_policy(claim="off"), make_policy(claim="20m")

    assert refusal(opened(off), off, look(ANN)).code == "claim_off"
    claim = taken(opened(long), long, look(ANN)).claim
    assert claim is not None
    assert claim.until == T0 + minutes(20)


def test_whoever_comes_after_the_decision_is_told_of_it() -> None:
    settled = taken(opened(POLICY), POLICY, vote(ANN, "deny", reason="no"))

    fault = refusal(settled, POLICY, look(BOB))

    told = "Already objected to by Ann at 12:00 UTC. Nothing was changed."
    assert (fault.code, fault.text()) == ("already_decided", told)
    assert taken(claimed(), POLICY, Withdraw()).claim is None
