"""Effects that nobody could perform: each is tried again on its schedule, told, and in nobody's way (threat 44)."""

import pytest

from approvalbot.request.request import State
from approvalbot.store import keys
from tests.bot import Bot
from tests.journeys.test_attacks_grants import drive_again, sent
from tests.journeys.test_presses import card_of


def test_a_callback_without_its_secret_is_told_and_sent_once_the_secret_is_back(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        monkeypatch.delenv("DEPLOY_TOOL_CALLBACK_SECRET")
        assert bob.press(card.channel, card.ts, "request.approve").ok
        bot.settle()

        assert bot.request(asked["id"]).state is State.APPROVED
        assert "Approved by" in card_of(bot, bob).words, "one broken effect held up the others"
        assert "answer_failed" in bot.steps(asked["id"])
        (waiting,) = bot.house.outbox.soonest(9)
        assert waiting.due_at > bot.house.requests.now()

        monkeypatch.setenv("DEPLOY_TOOL_CALLBACK_SECRET", bot.environment["DEPLOY_TOOL_CALLBACK_SECRET"])
        drive_again(bot)
        assert len(sent(bob, "request.approved")) == 1
    assert "answer_delivered" in bot.steps(asked["id"])


def test_a_callback_that_never_goes_out_becomes_a_dead_letter_and_the_thread_says_so(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        monkeypatch.setenv("DEPLOY_TOOL_CALLBACK_SECRET", "whsec_!")
        assert bob.press(card.channel, card.ts, "request.approve").ok
        bot.settle()
        (waiting,) = bot.house.outbox.soonest(9)
        bot.house.redis.hset(keys.TRIES, waiting.id, "9")
        drive_again(bot)

    assert "answer_given_up" in bot.steps(asked["id"])
    assert [one.id for one in bot.house.outbox.dead_letters()] == [waiting.id]
