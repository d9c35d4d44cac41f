"""Where a card goes when its channel is not there for us, and what is said when it reached nobody at all."""

from datetime import timedelta

import pytest

from approvalbot.request.request import State
from approvalbot.workspace.hands import Hands, Message
from tests.bot import Bot
from tests.journeys.test_messages import cards_in, drive

WITH_PLACE = "It stands in"


def alarms(hands: Hands) -> list[str]:
    return [one.words for one in hands.messages("#general") if "could not be posted" in one.words]


def fallen(hands: Hands, channel: str) -> list[Message]:
    return [one for one in cards_in(hands, channel) if "request.approve" in one.buttons]


@pytest.mark.parametrize("gone", ["archived", "deleted"])
def test_the_card_of_a_channel_that_is_gone_goes_to_the_next_the_policy_names(bot: Bot, gone: str) -> None:
    with bot.hands("BOB") as bob:
        bob.change_channel("#aws-approvals", **{gone: True})
        bot.house.people.forget("channels")
        asked = bot.aws_escalation()
        bot.settle()

        (card,) = fallen(bob, "#sec-incidents")
        (alarm,) = alarms(bob)
        assert "#aws-approvals: channel_not_found" in alarm
        assert f"{WITH_PLACE} #sec-incidents instead" in alarm
        assert "Owner: team-security" in alarm
        bob.press("#sec-incidents", card.ts, "request.approve", confirmed=True)
    assert len(bot.request(asked).votes) == 1


def test_without_another_channel_the_card_goes_to_the_alarm_channel(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        bob.change_channel("#deploys", archived=True)
        bot.house.people.forget("channels")
        asked = bot.deploy().json()
        bot.settle()

        (card,) = fallen(bob, "#general")
        assert f"{WITH_PLACE} #general instead" in alarms(bob)[0]
        bob.press("#general", card.ts, "request.approve")
        bot.settle()
        assert "Approved by" in next(one.words for one in cards_in(bob, "#general") if one.ts == card.ts)
    assert bot.request(asked["id"]).allowed


def test_a_channel_that_the_bot_is_not_in_is_said_with_what_to_do(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        bot.house.people.channel_id("#deploys")
        bob.fault("error", "chat.postMessage", times=1, error="not_in_channel")
        bot.deploy()
        bot.settle()

        (alarm,) = alarms(bob)
    assert "not_in_channel" in alarm
    assert "/invite @approvalbot" in alarm


def test_a_storm_for_a_channel_that_is_gone_is_one_alarm(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        bob.change_channel("#deploys", archived=True)
        bot.house.people.forget("channels")
        for n in range(5):
            bot.deploy(id=f"d-{n}", sha=f"s{n}")
        bot.settle(most=500)

        assert len(alarms(bob)) == 1
        assert len(fallen(bob, "#general")) == 5


def test_a_card_whose_channel_is_archived_later_stands_elsewhere_when_it_changes(bot: Bot) -> None:
    with bot.hands("BOB") as bob, bot.hands("CAT") as cat:
        asked = bot.aws_escalation()
        bot.settle()
        (card,) = fallen(bob, "#aws-approvals")
        bob.press("#aws-approvals", card.ts, "request.approve", confirmed=True)
        bob.change_channel("#aws-approvals", archived=True)
        bot.settle()

        (moved,) = fallen(bob, "#sec-incidents")
        assert "1 of 2" in moved.words
        assert f"{WITH_PLACE} #sec-incidents instead" in alarms(bob)[0]
        cat.press("#sec-incidents", moved.ts, "request.approve", confirmed=True)
    assert bot.request(asked).state is State.APPROVED


def test_a_request_whose_card_reached_nobody_in_time_says_so_and_alarms(bot: Bot) -> None:
    asked = bot.deploy().json()["id"]
    with bot.hands("BOB") as bob:
        bob.fault("http_error", "*", times=None, status=503)
        bot.settle()
        bot.later(asked, timedelta(minutes=6))
        request = bot.request(asked)
        assert request.state is State.EXPIRED
        assert request.decision is not None
        assert request.decision.reason_code == "nobody_asked"

        bob.clear_faults()
        drive(bot, lambda: bool(cards_in(bob)) and bot.house.outbox.waiting() == 0)

        (card,) = [one for one in cards_in(bob) if "posted 6 min late" in one.words]
        assert "Expired, nobody could be asked" in card.words
        assert not {"request.approve", "request.deny"} & set(card.buttons)
        assert [one for one in bob.messages("#general") if "its card reached nobody in time" in one.words]
    answer = bot.http.get(f"/v1/requests/{asked}", headers=bot.bearer()).json()
    assert (answer["status"], answer["allowed"], answer["reason_code"]) == ("expired", False, "nobody_asked")
