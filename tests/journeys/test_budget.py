"""What Slack does not take now: who waits, what goes on meanwhile, and in which order it is said afterwards."""

from datetime import timedelta

from approvalbot.request.request import State
from approvalbot.store import keys
from approvalbot.workspace.hands import Hands
from tests.bot import Bot
from tests.journeys.test_messages import cards_in, drive
from tests.journeys.test_storms import limited, work
from tests.web.test_figures import samples

__all__ = ["limited"]

FOREVER = "120"


def thaw(bot: Bot) -> None:
    """Let Slack's wait be over: its end is kept by Redis' clock."""
    bot.house.redis.delete(keys.FROZEN, *bot.house.redis.keys("ab:budget:*"))


def calls(hands: Hands, method: str) -> int:
    return len(hands.traffic("call", what=method))


def test_a_429_freezes_its_channel_and_nothing_else(bot: Bot) -> None:
    with bot.hands("BOB") as bob, bot.hands("CAT") as cat:
        bob.fault("rate_limited", "chat.postMessage", times=1, retry_after=FOREVER)
        asked = bot.deploy().json()
        bot.settle()
        posts = calls(bob, "chat.postMessage")
        escalation = bot.aws_escalation()
        bot.deploy(id="deploy-2", sha="2")
        bot.settle()

        assert cards_in(bob) == []
        assert len(cards_in(bob, "#aws-approvals")) == 1
        assert calls(bob, "chat.postMessage") == posts + 1, "the frozen channel is not tried"
        card = cards_in(bob, "#aws-approvals")[0]
        bob.press("#aws-approvals", card.ts, "request.approve", confirmed=True)
        cat.press("#aws-approvals", card.ts, "request.approve", confirmed=True)
        assert bot.request(escalation).state is State.APPROVED
        assert samples(bot)["approvalbot_slack_frozen",] == 1
        assert samples(bot)["approvalbot_slack_budget_waits_total", "channel"] >= 1

        thaw(bot)
        drive(bot, lambda: len(cards_in(bob)) == 2)

    assert bot.request(asked["id"]).asked


def test_waiting_brings_no_effect_nearer_to_being_given_up(bot: Bot) -> None:
    bot.deploy()
    with bot.hands("BOB") as bob:
        bob.fault("rate_limited", "chat.postMessage", times=1, retry_after=FOREVER)
        bot.settle()
        for _ in range(30):
            bot.house.redis.delete(keys.HOLDS)
            bot.carrier.effects.extend(bot.names(keys.OUTBOX))
            bot.settle()

    (waiting,) = bot.house.outbox.soonest(10)
    assert waiting.attempts == 0
    assert waiting.effect.kind == "announce"


def test_a_decision_in_a_frozen_channel_stands_and_is_told_at_once(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        bot.settle()
        (card,) = cards_in(bob)
        bob.fault("rate_limited", "chat.update", times=1, retry_after=FOREVER)
        bob.press("#deploys", card.ts, "request.approve")
        bot.settle()

        assert bot.request(asked["id"]).state is State.APPROVED
        assert [one for one in bob.service()["received"] if asked["id"] in str(one)], "the caller does not wait"
        assert "request.approve" in cards_in(bob)[0].buttons

        thaw(bot)
        drive(bot, lambda: "request.approve" not in cards_in(bob)[0].buttons)


def test_many_changes_become_one_edit_of_the_newest(bot: Bot) -> None:
    asked = bot.aws_escalation()
    with bot.hands("BOB") as bob, bot.hands("CAT") as cat:
        bot.settle()
        (card,) = cards_in(bob, "#aws-approvals")
        before = calls(bob, "chat.update")
        bob.press("#aws-approvals", card.ts, "request.approve", confirmed=True)
        cat.press("#aws-approvals", card.ts, "request.approve", confirmed=True)
        bot.settle()

        assert calls(bob, "chat.update") == before + 1
        assert "Acknowledged by" in cards_in(bob, "#aws-approvals")[0].words
    assert bot.request(asked).state is State.APPROVED


def test_what_was_said_later_stays_behind_what_has_to_wait(bot: Bot) -> None:
    asked = bot.aws_escalation()
    with bot.hands("BOB") as bob, bot.hands("CAT") as cat:
        bot.settle()
        (card,) = cards_in(bob, "#aws-approvals")
        bob.press("#aws-approvals", card.ts, "request.approve", confirmed=True)
        bob.fault("rate_limited", "chat.postMessage", times=1, retry_after=FOREVER)
        bot.settle()
        cat.press("#aws-approvals", card.ts, "request.approve", confirmed=True)
        thaw(bot)
        # The second note comes first, and its turn is not come.
        bot.settle()
        assert bob.thread("#aws-approvals", card.ts) == []

        drive(bot, lambda: len(bob.thread("#aws-approvals", card.ts)) == 2)

        lines = [one.words for one in bob.thread("#aws-approvals", card.ts)]
    assert lines[0].startswith("<@U0BOB>: acknowledged.")
    assert "Acknowledged by" in lines[1]
    assert bot.request(asked).state is State.APPROVED


def test_a_line_that_comes_before_its_card_waits_for_it(bot: Bot) -> None:
    asked = bot.aws_escalation()
    with bot.hands("BOB") as bob:
        bob.fault("rate_limited", "chat.postMessage", times=1, retry_after=FOREVER)
        bot.settle()
        bot.later(asked, timedelta(minutes=6))
        assert cards_in(bob, "#aws-approvals") == []

        thaw(bot)
        drive(bot, lambda: bool(cards_in(bob, "#aws-approvals")))

        (card,) = cards_in(bob, "#aws-approvals")
        drive(bot, lambda: bool(bob.thread("#aws-approvals", card.ts)))
    assert "posted 6 min late" in card.words


def test_reminders_leave_room_for_what_people_wait_for(limited: Bot) -> None:
    """A channel that took eight messages has two left, and none of them for a reminder."""
    with limited.hands("BOB") as bob:
        ids = [limited.deploy(id=f"d-{n}", sha=f"s{n}").json()["id"] for n in range(8)]
        limited.settle()
        assert len(cards_in(bob)) == 8
        (card, *_) = cards_in(bob)
        first = next(one for one in ids if one[:6] in card.words)

        bob.press("#deploys", card.ts, "request.approve")
        limited.settle()

        assert bob.thread("#deploys", card.ts) == [], "the line of the timeline waits"
        assert "Approved by" in cards_in(bob)[0].words, "the decision is shown at once"
        work(limited, lambda: len(bob.thread("#deploys", card.ts)) == 1)
    assert limited.request(first).state is State.APPROVED


def test_the_home_tab_says_that_posts_are_limited(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        bob.fault("rate_limited", "chat.postMessage", times=1, retry_after=FOREVER)
        bot.deploy()
        bot.settle()

        bob.open_home()

        bob.wait_for(lambda: "Slack is limiting posts" in str(bob.home()))
        thaw(bot)
        bob.open_home()
        bob.wait_for(lambda: "Slack is limiting posts" not in str(bob.home()))
