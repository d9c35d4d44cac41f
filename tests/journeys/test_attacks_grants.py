"""Access that would outlive its approval (threat 63): whatever is lost, refused or renamed on the way, it is ended."""

from typing import Any

from approvalbot.request.effects import StartGrant
from approvalbot.request.request import State
from approvalbot.store import keys
from approvalbot.workspace.hands import Hands
from tests.bot import Bot
from tests.journeys.test_access import ask
from tests.journeys.test_presses import card_of


def approve(bot: Bot, dan: Hands) -> None:
    card = card_of(bot, dan, "#access-requests")
    assert dan.press(card.channel, card.ts, "request.approve").ok
    bot.settle()


def drive_again(bot: Bot) -> list[str]:
    """What was put back is due now."""
    bot.house.redis.delete(keys.HOLDS)
    bot.carrier.send([one.id for one in bot.house.outbox.soonest(50)])
    return bot.settle()


def sent(hands: Hands, kind: str) -> list[dict[str, Any]]:
    return [one for one in hands.service()["received"] if kind in str(one)]


def test_a_start_that_got_no_answer_and_then_a_refusal_is_ended_all_the_same(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        asked = ask(bot, eve)
        eve.service_answers("grants", status=503, times=1)
        approve(bot, dan)
        assert bot.request(asked).state is State.APPROVED
        assert [one.effect for one in bot.house.outbox.soonest(50)] == [StartGrant()]

        eve.service_answers("grants", status=409, times=1)
        drive_again(bot)

        assert bot.request(asked).state is State.FAILED
        assert sent(eve, "grant.end"), "the first start may have opened the access, and nobody closes it"
        assert "grant_end_confirmed" in bot.steps(asked)


def test_a_refusal_at_once_ends_nothing(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        asked = ask(bot, eve)
        eve.service_answers("grants", status=403, times=1)
        approve(bot, dan)

        assert bot.request(asked).state is State.FAILED
        assert sent(eve, "grant.end") == []
