"""Typing what one approves: what has to be typed, and that no vote counts without it."""

import pytest

from approvalbot.request.about import About
from approvalbot.request.moves import CastVote
from approvalbot.request.request import State
from approvalbot.request.typed import TYPED_MOST, can_be_typed, is_typed, to_type
from tests.request.makers import (
    ANN,
    BOB,
    make_entitlement,
    make_policy,
    make_request,
    opened,
    refusal,
    taken,
    today,
    vote,
)

TYPED = make_policy(request="gate", confirm={"type": "resource"})
PLAIN = make_policy(request="gate")


def typing(by: object, typed: str) -> CastVote:
    return vote(by, typed=typed, to_type="acme/shop")  # type: ignore[arg-type]


def test_an_approval_without_the_name_is_refused_and_says_what_is_wanted() -> None:
    fault = refusal(opened(TYPED), TYPED, typing(ANN, "  "))

    assert fault.code == "confirmation_required"
    assert "acme/shop" in fault.text()


@pytest.mark.parametrize("typed", ["acme/Shop", "acme/sho", "acme/shop2", "acme shop", "ACME/SHOP"])
def test_every_letter_counts(typed: str) -> None:
    assert refusal(opened(TYPED), TYPED, typing(ANN, typed)).code == "confirmation_wrong"


def test_space_around_the_name_does_not_count() -> None:
    assert taken(opened(TYPED), TYPED, typing(ANN, "  acme/shop\n")).state is State.APPROVED


def test_a_surface_that_gives_no_fact_approves_nothing() -> None:
    assert refusal(opened(TYPED), TYPED, vote(ANN)).code == "confirmation_required"
    assert refusal(opened(TYPED), TYPED, vote(ANN, typed="x")).code == "confirmation_wrong"


def test_denying_needs_no_typing() -> None:
    assert taken(opened(TYPED), TYPED, vote(ANN, "deny")).state is State.DENIED


def test_a_policy_that_wants_it_by_now_drops_the_votes_that_came_without() -> None:
    two = make_policy(request="gate", quorum=2)
    once = taken(opened(two), two, vote(ANN))
    stricter = today(make_policy(request="gate", quorum=2, confirm={"type": "resource"}))

    again = taken(once, two, vote(BOB, typed="acme/shop", to_type="acme/shop", today=stricter))

    assert again.state is State.PENDING
    assert [one.by for one in again.votes] == [BOB]


def test_something_else_that_was_typed_before_it_was_wanted_is_no_name_either() -> None:
    two = make_policy(request="gate", quorum=2)
    once = taken(opened(two), two, vote(ANN, typed="whatever", to_type="acme/shop"))
    stricter = today(make_policy(request="gate", quorum=2, confirm={"type": "resource"}))

    again = taken(once, two, vote(BOB, typed="acme/shop", to_type="acme/shop", today=stricter))

    assert again.state is State.PENDING
    assert [one.by for one in again.votes] == [BOB]


def about(resource: str, title: str = "Production deploy") -> About:
    return About(title=title, severity="high", resource=resource)


def test_the_name_is_the_resource_and_of_access_its_title() -> None:
    access = make_entitlement()

    assert to_type(make_request(TYPED), about("acme/shop")) == "acme/shop"
    assert to_type(make_request(access), about("", "Production administrator")) == "Production administrator"


@pytest.mark.parametrize(
    "resource",
    [
        "",
        " ",
        "x" * (TYPED_MOST + 1),
        "acme/shop… (12 characters cut)",
        "shop\\u202egnp",
        "shop ⏎ pay",
        "shop\u200bpay",
        "shop\u00a0pay",
        "shop\u202epay",
        "(hidden)",
        "acme/'shop'",
        "acme--shop",
        "acme/sh\u043ep",
        "\uff21cme",
        "cafe\u0301",
        "shop  pay",
        "shop\u3164",
    ],
)
def test_what_nobody_can_type_gives_way_to_the_short_id(resource: str) -> None:
    request = make_request(TYPED)

    assert to_type(request, about(resource)) == request.short_id


@pytest.mark.parametrize(
    "name",
    [
        "acme/shop",
        "arn:aws:iam::111122223333:role/prod-admin",
        "Café Zürich",
        "配置",
        "prod db (eu)",
        "a+b@example.com",
        "x_y.z",
    ],
)
def test_ordinary_names_can_be_typed(name: str) -> None:
    assert can_be_typed(name)


def test_letters_that_a_keyboard_composes_are_the_same_letters() -> None:
    assert is_typed("Cafe\u0301", "Café")
    assert not is_typed("", "")
