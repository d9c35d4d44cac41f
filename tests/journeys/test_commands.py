"""`/access` about one request, and about whom it would ask: every answer is private, and the home tab has the same."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from approvalbot.request.request import State
from tests.bot import Bot, running_bot
from tests.journeys.holding import EXTENDABLE, FORM, MORE, card_with, grant, held, private, told


@pytest.fixture
def bot(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=grant(extend=EXTENDABLE)) as running:
        yield running


def ask(bot: Bot) -> str:
    with bot.hands("EVE") as eve:
        eve.command("/access", "request prod-database")
        assert eve.submit(FORM).ok
        bot.settle()
        return bot.names("ab:in:pending")[0]


def test_show_gives_the_card_with_the_buttons_of_whoever_asks(bot: Bot) -> None:
    name = ask(bot)
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        eve.command("/access", f"show {name[:5].lower()}")
        shown = eve.wait_for(lambda: eve.only_you("#general"))[-1]
        assert set(shown.buttons) == {"request.withdraw", "request.note", "request.details"}
        assert "Decide on the card" in shown.words

        dan.command("/access", f"show `{name[:6]}`")
        seen = dan.wait_for(lambda: dan.only_you("#general"))[-1]
        assert set(seen.buttons) == {"request.details"}, "deciding happens on the card that everybody sees"
        assert dan.press(seen.channel, seen.ts, "request.details").ok
        assert dan.modal() is not None


def test_a_request_of_others_is_answered_like_one_that_does_not_exist(bot: Bot) -> None:
    name = ask(bot)
    with bot.hands("ANN") as ann:
        for letters in (name[:6], "ZZZZZZ"):
            ann.command("/access", f"show {letters}", channel="#deploys")
            ann.command("/access", f"cancel {letters}", channel="#deploys")
        answers = {one.words.replace(name[:6], "ZZZZZZ") for one in ann.only_you("#deploys")}

    assert len(answers) == 1
    assert "No request that you may see begins with ZZZZZZ. `/access list` has yours." in answers.pop()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("show", "shows one request, with what you may do about it"),
        ("show 7K", "Give at least 4 letters of the request's id."),
        ("show 7K3F because I want", "I cannot read that."),
        ("revoke 7K3F for 2h", "I cannot read that."),
        ("extend", "asks for more time; missing parts open the form"),
        ("extnd 7K3F", "Did you mean `extend`?"),
        ("help revoke", "ends access: your own, or what you are an owner of"),
        ("oncall nothing", "There is nothing called nothing to ask for"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_way_to_write_it(bot: Bot, text: str, words: str) -> None:
    with bot.hands("EVE") as eve:
        eve.command("/access", text)

        assert words in private(eve)


def test_letters_that_fit_several_requests_name_them(bot: Bot) -> None:
    name = ask(bot)
    twin = f"{name[:4]}{'0' * 16}"
    request = bot.request(name)
    bot.house.redis.set(f"ab:request:{twin}", b"1 pending " + request.model_copy(update={"id": twin}).to_json())
    bot.house.redis.set(f"ab:about:{twin}", bot.house.redis.get(f"ab:about:{name}") or b"")
    bot.house.redis.zadd("ab:in:pending", {twin: 1})
    with bot.hands("EVE") as eve:
        eve.command("/access", f"cancel {name[:4]}")

        answer = private(eve)
    assert "fits 2 requests" in answer
    assert name[:8] in answer
    assert bot.request(name).state is State.PENDING


def test_cancel_takes_back_what_one_asked_for_and_nobody_else_does(bot: Bot) -> None:
    name = ask(bot)
    with bot.hands("DAN") as dan, bot.hands("EVE") as eve:
        dan.command("/access", f"cancel {name[:6]}")
        assert "Only <@U0EVE> or an owner can do that" in private(dan)
        eve.command("/access", f"cancel {name[:6]}")
        assert "Withdrawn: *Production database, read-only*" in private(eve)

    assert bot.request(name).state is State.WITHDRAWN


def test_revoke_ends_an_own_grant_at_once_and_that_of_others_with_a_reason(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan, bot.hands("CAT") as cat:
        name = held(bot, eve, dan)
        eve.command("/access", f"revoke {name[:6]}")
        assert "Ending *Production database, read-only* now" in private(eve)
        bot.settle()
        assert bot.request(name).state is State.ENDED

        second = held(bot, eve, dan)
        cat.command("/access", f"revoke {second[:6]}")
        form = cat.modal()
        assert form is not None
        assert form.title == "End access"
        cat.close_modal()
        cat.command("/access", f"revoke {second[:6]} because the incident is over")
        bot.settle()
        assert "the incident is over" in told(eve).words
        assert bot.request(second).state is State.ENDED


def test_oncall_names_who_would_be_asked_step_by_step(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        eve.command("/access", "oncall prod-database")

        answer = private(eve)
    assert "*Production database, read-only* (`prod-database`)" in answer
    assert "1. @service-owners, 5 min: <@U0BOB>, <@U0DAN>" in answer


def test_the_home_tab_keeps_and_ends_access(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        eve.open_home()
        home = eve.wait_for(eve.home)
        assert home is not None
        assert "Your access" in home.words
        assert "15 min left" in home.words or "14 min" in home.words

        assert eve.press_home("grant.extend").ok
        form = eve.modal()
        assert form is not None
        assert form.title == "Extend access"
        assert eve.submit(MORE).ok
        bot.settle()
        assert "extended once" in card_with(dan, name).words

        assert eve.press_home("grant.end").ok
        answer = eve.wait_for(eve.modal)
        assert answer is not None
        assert "Ending *Production database, read-only* now" in answer.words
        bot.settle()
        assert bot.request(name).state is State.ENDED
        again = eve.wait_for(lambda: (found := eve.home()) and "being ended" in found.words and found)
        assert again


def test_a_button_of_the_home_tab_that_came_too_late_says_so(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        eve.open_home()
        eve.wait_for(eve.home)
        bot.later(name, timedelta(minutes=16))

        eve.press_home("grant.extend")

        answer = eve.wait_for(eve.modal)
        assert answer is not None
        assert "This access has ended" in answer.words
