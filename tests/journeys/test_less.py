"""Approving with less, from the card to the provider and the waiting service."""

from datetime import timedelta

import httpx
import pytest

from approvalbot.answers.receipts import verify
from approvalbot.request.request import State
from approvalbot.workspace.hands import Hands
from tests.bot import Bot
from tests.journeys.deciding import (
    accept_less,
    ask_four_hours,
    change,
    choose,
    less,
    offer_regions,
    offer_roles,
    open_less,
)
from tests.journeys.test_presses import card_of, told

SCOPE = "less.scope"


def answer(bot: Bot, name: str) -> dict[str, object]:
    body: dict[str, object] = bot.http.get(f"/v1/requests/{name}", headers=bot.bearer()).json()
    return body


def grants(hands: Hands, kind: str) -> list[dict[str, object]]:
    received = [one["body"] for one in hands.service()["received"] if f"grant.{kind}" in str(one)]
    return [dict(one["data"]) for one in received]


def test_access_is_given_shorter_and_narrower_and_ends_as_it_was_given(bot: Bot) -> None:
    offer_roles(bot)
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        asked = ask_four_hours(bot, eve)
        open_less(bot, dan, "#access-requests")
        assert dan.submit(less("3600", "read")).ok
        assert dan.modal() is None
        bot.settle()

        request = bot.request(asked)
        assert request.state is State.ACTIVE
        assert request.grant is not None
        assert request.grant.started_at is not None
        assert request.grant.ends_at == request.grant.started_at + timedelta(hours=1)
        (start,) = grants(eve, "start")
        assert start["duration_s"] == 3600
        assert dict(start["parameters"])["role"] == "reader"  # type: ignore[call-overload]
        card = card_of(bot, dan, "#access-requests").words
        assert "Approved with less by <@U0DAN>: 1 h instead of 4 h, read-only instead of writing." in card
        message = eve.direct_messages()[-1]
        assert "1 h instead of 4 h, read-only instead of writing" in message.words
        assert message.buttons["request.again"] == "Ask for more"

        bot.later(asked, timedelta(hours=1, minutes=1))
        (end,) = grants(eve, "end")

    assert dict(end["parameters"])["role"] == "reader"  # type: ignore[call-overload]
    assert bot.request(asked).state is State.ENDED


def test_more_is_asked_for_with_what_was_asked_and_stands_beside_what_was_given(bot: Bot) -> None:
    offer_roles(bot)
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        ask_four_hours(bot, eve)
        open_less(bot, dan, "#access-requests")
        dan.submit(less("3600", "read"))
        bot.settle()
        message = eve.direct_messages()[-1]
        assert eve.press(message.channel, message.ts, "request.again").ok
        form = eve.modal()
        assert form is not None
        assert form.title == "Request access"

        assert eve.submit({}).ok, "it is filled in as it was asked"
        (again,) = bot.names("ab:in:pending")
        wish = bot.request(again).wish
        assert wish is not None
        assert (wish.duration_s, wish.inputs, wish.reason) == (14400, {"database": "shop"}, "the stuck order queue")

        eve.press(message.channel, message.ts, "request.again")
        assert "You already asked" in eve.submit({}).errors["entitlement"]


def test_whoever_holds_all_of_it_asks_for_no_more(bot: Bot) -> None:
    offer_roles(bot)
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        ask_four_hours(bot, eve)
        card = card_of(bot, dan, "#access-requests")
        dan.press(card.channel, card.ts, "request.approve")
        bot.settle()
        assert "request.again" not in eve.direct_messages()[-1].buttons

        eve.command("/access", "request prod-database")
        refused = eve.submit({"input.database": {"database": "shop"}, "reason": {"reason": "the stuck order queue"}})

    assert "You already hold this" in refused.errors["entitlement"]


def test_a_choice_draws_the_line_that_says_what_it_gives(bot: Bot) -> None:
    offer_roles(bot)
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        ask_four_hours(bot, eve)
        open_less(bot, dan, "#access-requests")
        form = dan.modal()
        assert form is not None
        assert form.title == "Approve with less"
        assert list(form.inputs) == ["less.duration", "less.scope"]

        assert dan.press_modal("less.duration", value="900", values=less("900", "read")).ok
        drawn = dan.modal()

    assert drawn is not None
    assert "This gives" in drawn.words
    assert "until" in drawn.words
    assert "read-only" in drawn.words


def test_all_that_is_asked_is_no_less_and_the_form_says_so(bot: Bot) -> None:
    offer_roles(bot)
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        asked = ask_four_hours(bot, eve)
        open_less(bot, dan, "#access-requests")

        refused = dan.submit(less())

        assert "The policy does not offer that" in refused.errors[SCOPE]
        assert dan.modal() is not None
    assert bot.request(asked).state is State.PENDING


def test_a_gate_tells_its_caller_the_terms_and_signs_them(bot: Bot) -> None:
    offer_regions(bot)
    asked = bot.deploy().json()["id"]
    with bot.hands("BOB") as bob:
        open_less(bot, bob, "#deploys")
        assert bob.submit({SCOPE: {SCOPE: "canary"}}).ok
        bot.settle()
        said = card_of(bot, bob).words
        (callback,) = [one["body"] for one in bob.service()["received"] if "request.approved" in str(one)]

    told_terms = {
        "less": True,
        "scope": "canary",
        "label": "one canary",
        "with": {"regions": ["eu-1"], "percent": 5},
    }
    body = answer(bot, asked)
    assert (body["status"], body["allowed"], body["terms"]) == ("approved", True, told_terms)
    assert callback["data"]["terms"] == told_terms
    assert callback["data"]["allowed"] is True
    assert "Approved with less by <@U0BOB>" in said
    assert "one canary instead of every region" in said
    jwks = bot.http.get("/.well-known/jwks.json").json()
    claims = verify(str(body["receipt"]), jwks, bot.house.requests.now())
    assert claims["terms"] == told_terms
    assert bot.http.post(f"/v1/requests/{asked}/consume", headers=bot.bearer(), json={}).status_code == 200
    with httpx.stream(
        "GET", f"{bot.http.base_url}/v1/requests/{asked}/events", headers=bot.bearer(), timeout=5
    ) as stream:
        assert any('"scope":"canary"' in line for line in stream.iter_lines() if "voted" in line or "approved" in line)


def test_a_receiver_that_cannot_say_that_it_understands_less_is_never_told_allowed(bot: Bot) -> None:
    offer_regions(bot)
    change(bot, prod_deploy_gate={"on_approve": [{"callback": {"to": "grants"}}]})
    bot.deploy()
    with bot.hands("BOB") as bob:
        open_less(bot, bob, "#deploys")
        assert bob.submit({SCOPE: {SCOPE: "canary"}}).ok
        bot.settle()
        told = [dict(one["body"]["data"]) for one in bob.service()["received"] if "request.approved" in str(one)]

    # The source's own destination, and the policy's.
    assert sorted((one["status"], one["allowed"], one["terms"]["scope"]) for one in told) == [
        ("approved", False, "canary"),
        ("approved", True, "canary"),
    ]


def test_a_caller_that_does_not_say_so_is_offered_nothing(bot: Bot) -> None:
    offer_regions(bot)
    accept_less(bot, accepts=False)
    bot.deploy()
    with bot.hands("BOB") as bob:
        assert "Approve with less…" not in card_of(bot, bob).menu


def test_a_caller_that_says_it_no_more_stops_the_choice_and_every_yes_with_less(bot: Bot) -> None:
    offer_regions(bot)
    first, second = (str(bot.deploy(id=name).json()["id"]) for name in ("one", "two"))
    with bot.hands("BOB") as bob:
        bot.settle()
        cards = [one for one in bob.messages("#deploys") if not one.only_you]
        assert choose(bob, cards[0], "Approve with less…")
        assert bob.submit({SCOPE: {SCOPE: "europe"}}).ok
        assert choose(bob, cards[1], "Approve with less…")
        accept_less(bot, accepts=False)

        assert "The policy does not offer that" in bob.submit({SCOPE: {SCOPE: "europe"}}).errors[SCOPE]

    assert bot.request(second).state is State.PENDING
    body = answer(bot, first)
    assert (body["status"], body["allowed"]) == ("approved", False)
    consumed = bot.http.post(f"/v1/requests/{first}/consume", headers=bot.bearer(), json={})
    assert (consumed.status_code, consumed.json()["code"]) == (409, "not_approved")


@pytest.mark.parametrize(
    "now", [{"asked": "all", "scopes": [{"id": "europe", "label": "Europe", "with": {"regions": ["us-1"]}}]}, None]
)
def test_a_choice_that_todays_policy_does_not_offer_or_means_otherwise_is_refused(
    bot: Bot, now: dict[str, object] | None
) -> None:
    offer_regions(bot)
    asked = bot.deploy().json()["id"]
    with bot.hands("BOB") as bob:
        open_less(bot, bob, "#deploys")
        change(bot, prod_deploy_gate={"narrower": None})
        change(bot, prod_deploy_gate={"narrower": now} if now else {})

        refused = bob.submit({SCOPE: {SCOPE: "europe"}})

    assert "The policy does not offer that any more" in refused.errors[SCOPE]
    assert bot.request(asked).state is State.PENDING


def test_two_approvers_grant_the_narrowest_of_both_and_the_card_says_who_gave_what(bot: Bot) -> None:
    offer_roles(bot, approval={"quorum": 2})
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan, bot.hands("BOB") as bob:
        asked = ask_four_hours(bot, eve)
        open_less(bot, dan, "#access-requests")
        dan.submit(less("3600"))
        card = card_of(bot, bob, "#access-requests")
        assert "<@U0DAN> approved (1 h)" in card.words
        open_less(bot, bob, "#access-requests")
        bob.submit(less(scope="read"))
        bot.settle()

    decision = bot.request(asked).decision
    assert decision is not None
    assert decision.less is not None
    assert (decision.less.duration_s, decision.less.scope) == (3600, "read")


def test_a_passkey_is_wanted_for_less_too(bot: Bot) -> None:
    offer_roles(bot, approval={"assurance": "step_up"})
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        asked = ask_four_hours(bot, eve)
        card = open_less(bot, dan, "#access-requests")
        assert dan.modal() is None
        assert f"/requests/{asked}|Approve with passkey" in told(dan, card.channel)


def test_more_time_after_a_shorter_grant_asks_people_although_the_policy_asks_nobody(bot: Bot) -> None:
    offer_roles(bot, grant={"extend": {"by": "1h", "approval": "none"}})
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        held = ask_four_hours(bot, eve)
        open_less(bot, dan, "#access-requests")
        dan.submit(less("3600"))
        bot.settle()
        message = eve.direct_messages()[-1]
        eve.press(message.channel, message.ts, "grant.extend")
        assert eve.submit({"reason": {"reason": "the queue is stuck still"}}).ok
        bot.settle()

        (asked,) = bot.names("ab:in:pending")
        assert bot.request(asked).extends == held
        open_less(bot, dan, "#access-requests")
        form = dan.modal()
        assert form is not None
        assert list(form.inputs) == ["less.duration"]
        assert dan.submit({"less.duration": {"less.duration": "1800"}}).ok
        bot.settle()

    grant = bot.request(held).grant
    assert grant is not None
    assert grant.started_at is not None
    assert grant.ends_at == grant.started_at + timedelta(minutes=90)
