"""Who is called while somebody is away: one by one, in their place, and on requests that are open already."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from approvalbot.store.absences import AbsenceStore
from tests.bot import Bot, running_bot
from tests.journeys.holding import FORM, private
from tests.journeys.test_away import DM, LEVELS, asked, away, gate
from tests.journeys.test_presses import card_of
from tests.passing import time_passes


@pytest.fixture
def changes() -> dict[str, Any]:
    return gate()


@pytest.fixture
def bot(
    redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> Iterator[Bot]:
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=changes) as running:
        yield running


@pytest.mark.parametrize("changes", [{"prod-database": {"approval": {"levels": [{**LEVELS[0], "notify": DM}]}}}])
def test_whoever_is_away_is_not_told_one_by_one_unless_nobody_else_would_be(bot: Bot) -> None:
    away(bot, "DAN", "until 2h")
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan, bot.hands("BOB") as bob:
        eve.command("/access", "request prod-database")
        assert eve.submit(FORM).ok
        bot.settle()
        assert len(bob.direct_messages()) == 1
        assert dan.direct_messages() == []

        away(bot, "BOB", "until 2h")
        eve.command("/access", "request prod-database")
        assert eve.submit({**FORM, "input.database": {"database": "payments"}}).ok
        bot.settle()
        assert len(bob.direct_messages()) == 2
        assert len(dan.direct_messages()) == 1
        assert "nobody stands in" in dan.direct_messages()[-1].words


def test_who_is_away_is_listed_for_the_pages_and_ends_by_itself(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @cat")
    away(bot, "BOB", "until 1h")

    first, second = AbsenceStore(bot.house.redis).listed()
    assert (first.person.name, first.delegate) == ("Bob Bell", None)
    assert second.delegate is not None
    assert (second.person.name, second.delegate.name) == ("Dan Dean", "Cat Cole")
    assert "You stand in for <@U0DAN>" in away(bot, "CAT", "")

    time_passes(bot.house.redis, 5000)
    assert [one.person.key for one in AbsenceStore(bot.house.redis).listed()] == ["dan"]


def test_going_away_shows_on_open_requests_and_calls_the_delegate(bot: Bot) -> None:
    name = asked(bot)
    with bot.hands("CAT") as cat:
        assert "Away" not in card_of(bot, cat, "#deploys").words

        away(bot, "DAN", "until 2h delegate @cat")
        bot.settle()
        assert "Dan Dean until" in card_of(bot, cat, "#deploys").words
        assert any("Production deploy" in one.words for one in cat.direct_messages())
        assert name[:6] in listed(bot, "CAT")

        away(bot, "DAN", "off")
        bot.settle()
        assert "Away" not in card_of(bot, cat, "#deploys").words
        assert name[:6] not in listed(bot, "CAT")
    assert [one for one in bot.steps(name) if one.startswith("approver")] == ["approver_away", "approver_back"]


def test_what_waited_for_a_delegate_leaves_their_list_when_the_absence_is_over(bot: Bot) -> None:
    away(bot, "DAN", "until 1h delegate @cat")
    name = asked(bot)
    assert name[:6] in listed(bot, "CAT")

    time_passes(bot.house.redis, 3700)

    assert name[:6] not in listed(bot, "CAT")


def listed(bot: Bot, name: str) -> str:
    with bot.hands(name) as hands:
        before = len(hands.only_you("#general"))
        hands.command("/access", "list waiting")
        return hands.wait_for(lambda: hands.only_you("#general")[before:])[-1].words


def test_help_says_how_to_be_away(bot: Bot) -> None:
    with bot.hands("DAN") as dan:
        dan.command("/access", "help away")
        assert "says that you are away" in private(dan)


def test_oncall_says_who_of_those_asked_is_away(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @cat")
    with bot.hands("EVE") as eve:
        eve.command("/access", "oncall prod-database")
        assert "<@U0BOB>, <@U0DAN> (away, named <@U0CAT>)" in private(eve)
