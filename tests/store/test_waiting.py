"""The lists of what waits for whom: shared by those who were asked together, exact, and gone when nothing waits."""

import pytest

from approvalbot.request.request import State
from approvalbot.store import keys
from approvalbot.store.waiting import WaitingStore
from tests.bot import Bot

SILENT = {"target": {"environment": "prod-silent"}}
"""A gate of two steps: Bob and Dan, then Bob and Cat."""


@pytest.fixture
def waits(bot: Bot) -> WaitingStore:
    return WaitingStore(bot.house.redis)


def ask(bot: Bot, number: int) -> str:
    name = str(bot.deploy(id=f"deploy-{number}", **SILENT).json()["id"])
    bot.settle()
    return name


def test_the_newest_come_first_and_all_are_counted(bot: Bot, waits: WaitingStore) -> None:
    names = [ask(bot, number) for number in range(5)]

    assert waits.of("U0BOB", 10).newest == names[::-1]
    assert waits.of("U0DAN", 2).newest == names[:2:-1]
    assert waits.of("U0DAN", 2).total == 5
    assert waits.of("U0CAT", 10).newest == []
    assert len(list(bot.house.redis.scan_iter("ab:waits:*"))) == 1, "one list for those who were asked together"


def test_a_later_step_adds_its_people_and_takes_nobody_off(bot: Bot, waits: WaitingStore) -> None:
    name = ask(bot, 1)
    request = bot.request(name)
    assert request.expires_at is not None
    bot.later(name, (request.expires_at - request.opened_at) * 0.6)
    assert bot.request(name).level == 1

    for slack in ("U0BOB", "U0CAT", "U0DAN"):
        assert waits.of(slack, 10).newest == [name]
    assert waits.of("U0BOB", 10).total == 1, "two steps asked Bob, about one request"


def test_what_settles_leaves_every_list_and_an_empty_list_is_forgotten(bot: Bot, waits: WaitingStore) -> None:
    name = ask(bot, 1)
    request = bot.request(name)
    assert request.expires_at is not None
    bot.later(name, (request.expires_at - request.opened_at) * 0.6)
    bot.later(name, request.expires_at - request.opened_at)
    assert bot.request(name).state is State.EXPIRED

    assert list(bot.house.redis.scan_iter("ab:waits:*")) == []
    assert bot.house.redis.scard(keys.waiting_lists("U0BOB")) == 2
    assert waits.of("U0BOB", 10).newest == []
    assert bot.house.redis.exists(keys.waiting_lists("U0BOB")) == 0
    again = ask(bot, 2)
    assert waits.of("U0BOB", 10).newest == [again]
