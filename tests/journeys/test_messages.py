"""What is said in Slack, and what happens when Slack does not take it."""

import time
from collections.abc import Callable

import pytest

from approvalbot.flow.perform import LOOK_UPS
from approvalbot.request.effects import effect_id
from approvalbot.store import keys
from approvalbot.workspace.hands import Hands, Message
from tests.bot import Bot
from tests.journeys.test_presses import card_of


def make_everything_due(bot: Bot) -> None:
    """Let the outbox's waiting effects be taken now: the clock of the outbox is Redis', so its marks are moved."""
    bot.house.redis.delete(keys.HOLDS)
    bot.carrier.effects.extend(bot.names(keys.OUTBOX))


def drive(bot: Bot, done: Callable[[], bool], *, within_s: float = 10) -> None:
    """Work as the workers do, until it is done: what the outbox holds is tried again and again."""
    ends = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < ends, "not done in time"
        make_everything_due(bot)
        bot.settle(most=2000)


def cards_in(hands: Hands, channel: str = "#deploys") -> list[Message]:
    return [one for one in hands.messages(channel) if not one.only_you]


def test_a_busy_slack_is_asked_again_and_the_card_comes_once(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        bob.fault("rate_limited", "chat.postMessage", times=2, retry_after="0.4")
        bot.settle()
        assert not cards_in(bob)

        drive(bot, lambda: bool(cards_in(bob)))

        assert len(cards_in(bob)) == 1
    assert bot.request(asked["id"]).asked


def test_a_post_whose_outcome_nobody_knows_is_repeated_once_and_marked(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        bob.fault("drop", "chat.postMessage", times=1)
        bot.settle()
        make_everything_due(bot)
        bot.settle()
        first, second = [one for one in bob.messages("#deploys") if not one.only_you]

        assert "delivery was uncertain" in second.words
        assert "delivery was uncertain" not in first.words
        assert bob.press(first.channel, first.ts, "request.approve").ok
        said = bob.wait_for(lambda: bob.only_you("#deploys"))[-1].words
        link = f"/archives/{second.channel}/p{second.ts.replace('.', '')}|this one>"
        assert "This is not the current card. Use <" in said
        assert link in said
        # The orphan was known nowhere; from now on it says itself where to go, and holds nothing to press.
        orphan = bob.wait_for(
            lambda: [one for one in bob.messages("#deploys") if one.ts == first.ts and not one.buttons]
        )
        assert link in orphan[0].words
        assert "press_refused" in bot.steps(asked["id"])
        assert bob.press(second.channel, second.ts, "request.approve").ok

    assert bot.request(asked["id"]).allowed


@pytest.mark.parametrize("fault", ["archived", "unknown"])
def test_a_channel_that_is_gone_is_an_alarm_and_the_people_are_told_one_by_one(bot: Bot, fault: str) -> None:
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        if fault == "archived":
            bob.change_channel("#deploys", archived=True)
        else:
            bob.change_channel("#deploys", deleted=True)
        bot.house.people.forget("channels")
        asked = bot.deploy().json()
        bot.settle()

        alarm = [one for one in bob.messages("#general") if "could not be posted" in one.words]
        assert len(alarm) == 1
        (card,) = [one for one in dan.direct_messages() if "request.approve" in one.buttons]
        assert dan.press(card.channel, card.ts, "request.approve").ok

    assert bot.request(asked["id"]).allowed


def test_the_card_shows_the_newest_state_however_late_it_is_drawn(bot: Bot) -> None:
    asked = bot.aws_escalation()
    with bot.hands("BOB") as bob, bot.hands("CAT") as cat:
        card = card_of(bot, bob, "#aws-approvals")
        bob.press(card.channel, card.ts, "request.approve", confirmed=True)
        cat.press(card.channel, card.ts, "request.approve", confirmed=True)
        late = list(reversed(bot.carrier.effects))
        bot.carrier.effects[:] = late
        bot.settle()

        assert "Acknowledged by <@U0BOB> and <@U0CAT>" in card_of(bot, bob, "#aws-approvals").words
    assert bot.request(asked).allowed


def test_every_effect_may_run_twice_and_says_everything_once(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.approve")
        effects = list(bot.carrier.effects)
        bodies = {name: bot.house.redis.hget(keys.EFFECTS, name) for name in effects}
        bot.settle()
        before = (len(bob.messages("#deploys")), len(bob.thread(card.channel, card.ts)))

        for name, body in bodies.items():
            assert body is not None
            bot.house.redis.hset(keys.EFFECTS, name, body)
        bot.carrier.effects.extend(effects)
        bot.settle()

        assert (len(bob.messages("#deploys")), len(bob.thread(card.channel, card.ts))) == before
        received = [one for one in bob.service()["received"] if asked["id"] in str(one)]
        assert len({str(one["webhook_id"]) for one in received}) == 1, "a repeat carries the same webhook-id"


def test_the_thread_holds_the_timeline(bot: Bot) -> None:
    bot.aws_escalation()
    with bot.hands("BOB") as bob, bot.hands("CAT") as cat:
        card = card_of(bot, bob, "#aws-approvals")
        bob.press(card.channel, card.ts, "request.approve", confirmed=True)
        bot.settle()
        cat.press(card.channel, card.ts, "request.approve", confirmed=True)
        bot.settle()

        lines = [one.words for one in bob.thread(card.channel, card.ts)]
    assert "acknowledged. 1 of 2." in lines[0]
    assert "Acknowledged by" in lines[1]


def test_a_callback_that_fails_is_tried_again_and_then_becomes_a_dead_letter(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        bob.service_answers("callbacks", status=500, times=2)
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.approve")
        bot.settle()
        for _ in range(3):
            make_everything_due(bot)
            bot.settle()
        assert "answer_delivered" in bot.steps(asked["id"])
        assert bot.steps(asked["id"]).count("answer_failed") == 1

        bob.service_answers("callbacks", status=410, times=1)
        gone = bot.deploy(id="run-gone", sha="1").json()
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.approve")
        bot.settle()

        (letter,) = bot.house.outbox.dead_letters()
        assert letter.id.startswith(gone["id"])
        assert "answer_given_up" in bot.steps(gone["id"])
        assert bot.house.outbox.revive(letter.id)
        bot.carrier.effects.append(letter.id)
        bot.settle()
    assert bot.steps(gone["id"])[-1] == "answer_delivered"
    assert bot.house.outbox.dead_letters() == []


def test_an_empty_group_is_never_anybody(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        bob.set_group("S0SERVICEOWNERS", [])
        asked = bot.deploy().json()
        bot.settle()

        alarm = [one for one in bob.messages("#general") if "nobody of step 1" in one.words]
        assert len(alarm) == 1
        card = card_of(bot, bob)
        assert "nobody of this step could be found" in card.words
        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert "not decide it" in bob.wait_for(lambda: bob.only_you("#deploys"))[-1].words
    assert not bot.request(asked["id"]).allowed


def test_a_group_that_nobody_answers_for_counts_as_empty_after_a_while(bot: Bot) -> None:
    asked = bot.deploy(target={"environment": "prod-silent"}).json()
    with bot.hands("BOB") as bob:
        bob.fault("error", "usergroups.users.list", times=LOOK_UPS, error="internal_error")
        for _ in range(LOOK_UPS - 1):
            bot.settle()
            assert bot.request(asked["id"]).asked == ()
            make_everything_due(bot)
        bot.settle()

        assert any("nobody of step 1 could be found" in one.words for one in bob.messages("#general"))
    request = bot.request(asked["id"])
    assert request.asked[0].unresolved == ("usergroup:@service-owners",)
    assert request.level == 1
    assert request.asked[1].people == ("U0BOB", "U0CAT")


def test_effects_are_named_by_the_commit_that_caused_them() -> None:
    assert effect_id("R", 3, 1) == "R:3:1"
