"""Muting somebody changes what one person is told, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from approvalbot.request.request import State
from approvalbot.store.mutes import MuteStore
from approvalbot.store.trail import TrailStore
from tests.bot import Bot, running_bot
from tests.journeys.holding import FORM
from tests.passing import time_passes

BY_DM = {
    "prod-database": {
        "approval": {
            "levels": [
                {
                    "name": "owners",
                    "approvers": [{"usergroup": "@service-owners"}],
                    "notify": [{"channel": "#access-requests"}, {"dm": "approvers"}],
                    "timeout": "5m",
                }
            ]
        }
    }
}


@pytest.fixture
def bot(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=BY_DM) as running:
        yield running


def say(bot: Bot, name: str, text: str) -> str:
    with bot.hands(name) as hands:
        before = len(hands.only_you("#general"))
        assert hands.command("/access", text).ok
        return hands.wait_for(lambda: hands.only_you("#general")[before:])[-1].words


def ask(bot: Bot, database: str = "shop") -> str:
    with bot.hands("EVE") as eve:
        eve.command("/access", "request prod-database")
        assert eve.submit({**FORM, "input.database": {"database": database}}).ok
        bot.settle()
    return bot.names("ab:in:pending")[-1]


def told(bot: Bot, name: str) -> list[str]:
    with bot.hands(name) as hands:
        return [one.words for one in hands.direct_messages()]


def test_whoever_muted_the_requester_is_spared_the_direct_message_and_may_vote(bot: Bot) -> None:
    answer = say(bot, "BOB", "mute @eve for 2h")
    assert "Muted <@U0EVE> until" in answer
    assert "You have muted <@U0EVE> until" in say(bot, "BOB", "mute")
    name = ask(bot)

    assert told(bot, "BOB") == []
    assert len(told(bot, "DAN")) == 1
    asked = bot.request(name).asked[0]
    assert asked.people == ("U0BOB", "U0DAN"), "who is asked stays the same"
    with bot.hands("BOB") as bob:
        card = bob.messages("#access-requests")[-1]
        assert bob.press(card.channel, card.ts, "request.approve").ok
    assert bot.request(name).state is not State.PENDING


def test_a_mute_that_would_leave_nobody_to_be_told_does_not_hold(bot: Bot) -> None:
    say(bot, "BOB", "mute @eve")
    say(bot, "DAN", "mute @eve")

    ask(bot)

    for name in ("BOB", "DAN"):
        card, why = told(bot, name)
        assert "Production database" in card
        assert "You are told of" in why
        assert "all the same, since nobody else would be" in why


def test_a_mute_ends_by_itself_and_by_unmute(bot: Bot) -> None:
    say(bot, "BOB", "mute @eve for 1h")
    time_passes(bot.house.redis, 3700)
    ask(bot)
    assert len(told(bot, "BOB")) == 1

    say(bot, "BOB", "mute @eve for 1h")
    assert "You hear of them again" in say(bot, "BOB", "unmute @eve")
    ask(bot, "payments")
    assert len(told(bot, "BOB")) == 2
    records = (one.entry for one in TrailStore(bot.house.redis).records())
    chain = [(one["what"], one["by"]["key"], one["detail"]["whom"]) for one in records if one["request"] == "people"]
    assert chain == [("muted", "bob", "eve"), ("muted", "bob", "eve"), ("unmuted", "bob", "eve")]


def test_muting_one_person_spares_nothing_of_another(bot: Bot) -> None:
    say(bot, "BOB", "mute @ann")

    ask(bot)

    assert len(told(bot, "BOB")) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mute", "You have muted nobody."),
        ("mute @bob", "You cannot mute yourself"),
        ("mute @eve for 8d", "At most 7 days muted"),
        ("mute @eve for ever", "`ever` is not a length of time"),
        ("mute nobody", "`nobody` is no person whom Slack knows here"),
        ("mute @eve 2h", "I cannot read that."),
        ("unmute", "lets you hear of them again"),
        ("unmute @eve", "You had not muted them."),
        ("mut @eve", "Did you mean `mute`?"),
    ],
)
def test_what_cannot_be_muted_is_refused_with_the_way_to_say_it(bot: Bot, text: str, words: str) -> None:
    assert words in say(bot, "BOB", text)
    assert MuteStore(bot.house.redis).of(["U0BOB"]) == {}


def test_twenty_people_are_muted_at_most_and_a_new_time_replaces_the_old(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("approvalbot.flow.muting.MOST", 1)
    say(bot, "BOB", "mute @eve for 1h")

    assert "You have muted 1 people already" in say(bot, "BOB", "mute @ann")
    assert "Muted <@U0EVE>" in say(bot, "BOB", "mute @eve for 2h")
    assert len(MuteStore(bot.house.redis).of(["U0BOB"])["U0BOB"]) == 1
