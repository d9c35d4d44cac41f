"""Access by a Slack user group: the requester is in it for the time of the grant, and nobody else is touched."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from approvalbot.request.request import State
from approvalbot.workspace.config import BOT_SCOPES
from approvalbot.workspace.hands import Hands
from tests.bot import Bot, running_bot
from tests.journeys.holding import OWNERS, card_with, held, told

GROUP = "S0SRELEADS"


@pytest.fixture
def scopes(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return (*BOT_SCOPES, *getattr(request, "param", ("usergroups:write",)))


@pytest.fixture
def group(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "@sre-leads"))


@pytest.fixture
def bot(
    scopes: tuple[str, ...],
    group: str,
    redis: Redis,
    valkey_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bot]:
    grant: dict[str, Any] = {
        "provider": "slack_group",
        "with": {"group": group, "to": None, "role": None, "database": None, "user": None},
    }
    changes = {"prod-database": {"grant": grant}, **OWNERS}
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=changes, scopes=scopes) as running:
        yield running


def members(hands: Hands, group: str = GROUP) -> list[str]:
    return list(next(one["members"] for one in hands.directory()["groups"] if one["id"] == group))


def test_the_requester_is_in_the_group_for_the_time_and_out_of_it_after(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        assert bot.request(name).state is State.ACTIVE
        assert members(dan) == ["U0BOB", "U0CAT", "U0EVE"]

        dan.set_group(GROUP, [*members(dan), "U0ANN"])
        bot.later(name, timedelta(minutes=16))

        assert bot.request(name).state is State.ENDED
        assert members(dan) == ["U0BOB", "U0CAT", "U0ANN"], "what others changed meanwhile stays"


def test_whoever_is_in_the_group_already_stays_in_it(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        dan.set_group(GROUP, ["U0BOB", "U0EVE"])
        name = held(bot, eve, dan)
        assert bot.request(name).state is State.ACTIVE

        bot.later(name, timedelta(minutes=16))

        assert bot.request(name).state is State.ENDED
        assert members(dan) == ["U0BOB", "U0EVE"]


def test_two_grants_of_one_group_end_one_after_the_other(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        first = held(bot, eve, dan)
        eve.command("/access", "request prod-database")
        form = {
            "entitlement": {"entitlement": "prod-database"},
            "duration": {"duration": "3600"},
            "input.database": {"database": "payments"},
            "reason": {"reason": "the stuck order queue"},
        }
        assert eve.submit(form).ok
        (second,) = bot.names("ab:in:pending")
        bot.settle()
        card = card_with(dan, second)
        dan.press(card.channel, card.ts, "request.approve")
        bot.settle()

        bot.later(first, timedelta(minutes=16))
        assert bot.request(first).state is State.ENDED
        assert "U0EVE" in members(dan), "the second grant still runs"

        bot.later(second, timedelta(minutes=61))
        assert "U0EVE" not in members(dan)


def test_an_end_that_slack_does_not_do_is_still_open(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        dan.fault("error", "usergroups.users.update", times=None, error="permission_denied")

        bot.later(name, timedelta(minutes=16))

        assert bot.request(name).state is State.ACTIVE
        assert "STILL OPEN" in card_with(dan, name).words
        dan.clear_faults()
        bot.later(name, timedelta(minutes=1))
        assert bot.request(name).state is State.ENDED
        assert "U0EVE" not in members(dan)


@pytest.mark.parametrize("scopes", [()], indirect=True)
def test_without_the_scope_the_grant_fails_and_says_how_to_get_it(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)

        assert bot.request(name).state is State.FAILED
        assert "usergroups:write" in told(eve).words


@pytest.mark.parametrize(
    ("group", "words"), [("@empty", "has nobody in it"), ("@nowhere", "There is no user group")], indirect=["group"]
)
def test_a_group_that_nobody_could_be_taken_out_of_again_is_refused(bot: Bot, group: str, words: str) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)

        assert bot.request(name).state is State.FAILED
        assert words in told(eve).words
        assert members(dan, "S0EMPTY") == []


def test_the_last_one_in_a_group_cannot_be_taken_out_and_that_is_said_aloud(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        dan.set_group(GROUP, ["U0EVE"])

        bot.later(name, timedelta(minutes=16))

        assert bot.request(name).state is State.ACTIVE
        assert "They are the last in @sre-leads" in card_with(dan, name).words
