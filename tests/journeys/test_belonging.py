"""Access that its holder keeps only while they belong to the groups that may ask for it."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from redis import Redis

from approvalbot.request.held import grant_of
from approvalbot.request.request import State
from approvalbot.store import keys
from tests.bot import Bot, running_bot
from tests.journeys.holding import card_with, grant, held, sent, told

ENGINEERS = "S0ENGINEERS"


@pytest.fixture
def bot(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    end_on = ["duration", "withdraw", "requester_leaves_group"]
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=grant(end_on=end_on)) as running:
        yield running


def handed_on(bot: Bot) -> None:
    """Wait until the bot has acted on what Slack told it. The workspace does not change by that, so it tells nobody."""
    until = time.monotonic() + 10
    while not bot.carrier.effects:
        assert time.monotonic() < until, "the bot handed nothing on"
        Event().wait(0.01)


def heard(bot: Bot) -> None:
    handed_on(bot)
    bot.settle()


def test_leaving_the_group_ends_the_access_at_once_and_says_why(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)

        dan.set_group(ENGINEERS, ["U0ANN", "U0BOB"])
        heard(bot)

        assert bot.request(name).state is State.ENDED
        assert "its holder left the groups that may ask for it" in card_with(dan, name).words
        assert "left the groups" in told(eve).words
        assert len(sent(eve, "grant.end")) == 1


def test_a_deactivated_account_counts_as_leaving(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)

        dan.set_active("U0EVE", active=False)
        heard(bot)

        assert bot.request(name).state is State.ENDED
        assert "the account of its holder was deactivated" in card_with(dan, name).words


def test_what_slack_did_not_report_is_found_a_few_minutes_later(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        bot.later(name, timedelta(minutes=6))
        assert bot.request(name).state is State.ACTIVE

        dan.set_group(ENGINEERS, ["U0ANN", "U0BOB"])
        handed_on(bot)
        # As if Slack had not reported it: the look that followed the report is lost.
        bot.carrier.effects.clear()
        bot.house.redis.delete(keys.OUTBOX, keys.EFFECTS)
        forget(bot)
        bot.later(name, timedelta(minutes=6))

        assert bot.request(name).state is State.ENDED


def test_somebody_elses_leaving_ends_nothing(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)

        dan.set_group(ENGINEERS, ["U0BOB", "U0EVE"])
        forget(bot)
        bot.later(name, timedelta(minutes=6))

        assert bot.request(name).state is State.ACTIVE


def test_membership_that_cannot_be_read_ends_nothing_and_is_said_aloud_after_a_while(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        dan.fault("error", "usergroups.users.list", times=None, error="internal_error")
        for _ in range(3):
            forget(bot)
            bot.later(name, timedelta(minutes=1) if grant_of(bot.request(name)).unread else timedelta(minutes=5))

        assert bot.request(name).state is State.ACTIVE
        assert grant_of(bot.request(name)).unread == 3
        assert bot.steps(name).count("membership_unread") == 1
        dan.clear_faults()
        bot.later(name, timedelta(minutes=1))
        assert grant_of(bot.request(name)).unread == 0
        assert "membership_read" in bot.steps(name)


def test_a_group_that_is_gone_is_a_fault_of_the_policy_and_nobody_has_left_it(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        dan.fault("error", "usergroups.users.list", times=None, error="no_such_subteam")
        forget(bot)

        bot.later(name, timedelta(minutes=6))

        assert bot.request(name).state is State.ACTIVE
        assert grant_of(bot.request(name)).unread == 1


def forget(bot: Bot) -> None:
    """A minute has passed: nothing of what Slack said before is believed any more."""
    for key in bot.house.redis.scan_iter("ab:people:*"):
        bot.house.redis.delete(key)
