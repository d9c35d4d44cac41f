"""Access that would outlive its approval (threat 63): whatever is lost, refused or renamed on the way, it is ended."""

from typing import Any

from approvalbot.flow.advance import advance
from approvalbot.request.effects import StartGrant
from approvalbot.request.reports import GrantStarted
from approvalbot.request.request import State
from approvalbot.store import keys
from approvalbot.workspace.hands import Hands
from tests.bot import Bot
from tests.journeys.test_access import ask
from tests.journeys.test_attacks_identity import learn
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


def test_whoever_left_the_identities_loses_the_access_under_the_name_it_was_given_to(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        asked = ask(bot, eve)
        approve(bot, dan)
        message = eve.direct_messages()[-1]
        learn(bot, {"id": "dan", "name": "Dan Dean", "slack": "U0DAN", "emails": ["dan@example.com"]})

        assert eve.press(message.channel, message.ts, "grant.end").ok
        bot.settle()

        (ended,) = sent(eve, "grant.end")
        assert "eve@example.com" in str(ended)
        assert bot.request(asked).state is not State.ACTIVE


def test_a_start_that_comes_after_the_end_is_ended_until_the_provider_confirms(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        asked = ask(bot, eve)
        approve(bot, dan)
        message = eve.direct_messages()[-1]
        assert eve.press(message.channel, message.ts, "grant.end").ok
        bot.settle()
        assert bot.request(asked).state is State.ENDED

        # A worker that was held up reports its start only now.
        advance(bot.house.journey, asked, GrantStarted("late"))
        eve.service_answers("grants", status=503, times=1)
        bot.settle()
        before = len(sent(eve, "grant.end"))
        assert bot.house.outbox.waiting(), "the failed end was forgotten, and the late access stays open"

        drive_again(bot)
        assert len(sent(eve, "grant.end")) == before + 1
        assert not bot.house.outbox.waiting()
