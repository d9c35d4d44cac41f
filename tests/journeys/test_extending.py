"""More time for running access: at once or by its own approval, told to the provider first, and true everywhere."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from approvalbot.request.held import grant_of
from approvalbot.request.request import State
from tests.bot import Bot, running_bot
from tests.journeys.holding import (
    ASKING,
    EXTENDABLE,
    MORE,
    approve,
    card_with,
    drive_again,
    grant,
    held,
    private,
    sent,
    told,
)


@pytest.fixture
def rule(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(getattr(request, "param", EXTENDABLE))


@pytest.fixture
def bot(
    rule: dict[str, Any], redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bot]:
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=grant(extend=rule)) as running:
        yield running


asking = pytest.mark.parametrize("rule", [ASKING], indirect=True)


def test_the_holder_extends_from_the_message_and_the_provider_is_told_the_new_end(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        before = grant_of(bot.request(name))
        message = told(eve)
        assert message.buttons["grant.extend"] == "Extend…"

        assert eve.press(message.channel, message.ts, "grant.extend").ok
        form = eve.modal()
        assert form is not None
        assert form.title == "Extend access"
        assert "Nobody needs to approve it" in form.words
        assert eve.submit(MORE).ok
        bot.settle()

        after = grant_of(bot.request(name))
        assert after.ends_at is not None
        assert before.ends_at is not None
        assert after.ends_at - before.ends_at == timedelta(hours=1)
        (order,) = sent(eve, "grant.extend")
        assert order["body"]["data"]["ends_at"][:19] == after.ends_at.isoformat()[:19]
        assert order["body"]["data"]["duration_s"] == 4500
        assert "Active until" in told(eve).words
        assert "1 h 15 min, extended once" in told(eve).words
        assert "extended once" in card_with(dan, name).words
        thread = dan.thread("#access-requests", card_with(dan, name).ts)
        assert any("Extended: it now ends at" in line.text for line in thread)
        assert {"extension_asked", "extended"} <= set(bot.steps(name))


def test_the_warning_before_the_end_offers_more_time_and_comes_again_before_the_new_end(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        bot.later(name, timedelta(minutes=11))
        warning = told(eve)
        assert "ends at" in warning.words
        assert set(warning.buttons) == {"grant.extend", "grant.end"}

        eve.press(warning.channel, warning.ts, "grant.extend")
        assert eve.submit(MORE).ok
        bot.settle()
        bot.later(name, timedelta(minutes=55))

        assert told(eve).ts != warning.ts
        assert "ends at" in told(eve).words
        bot.later(name, timedelta(minutes=15))
        assert bot.request(name).state is State.ENDED


def test_a_provider_that_fails_leaves_the_old_end_in_force(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        before = grant_of(bot.request(name)).ends_at
        eve.service_answers("grants", status=409, times=1)

        eve.command("/access", f"extend {name[:6]} for 1h because the queue is still stuck")
        assert "Asked the provider of" in private(eve)
        bot.settle()

        assert grant_of(bot.request(name)).ends_at == before
        assert "could not be extended" in told(eve).words
        assert "It still ends at" in told(eve).words
        assert told(eve).buttons["grant.extend"] == "Extend…", "what was refused uses nothing up"


def test_a_provider_that_is_away_is_asked_again_and_the_end_comes_first(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        eve.service_answers("grants", status=503, times=2)
        eve.command("/access", f"extend {name[:6]} for 30m because the queue is still stuck")
        bot.settle()
        assert "More time, until" in card_with(dan, name).words

        drive_again(bot)
        assert len(sent(eve, "grant.extend")) == 2
        assert len({one["webhook_id"] for one in sent(eve, "grant.extend")}) == 1
        bot.later(name, timedelta(minutes=16))
        drive_again(bot)

        assert bot.request(name).state is State.ENDED
        assert len(sent(eve, "grant.extend")) == 2, "what has ended is not extended any more"


@asking
def test_an_extension_is_approved_by_the_entitlements_own_people_and_then_given(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        before = grant_of(bot.request(name)).ends_at
        message = told(eve)
        eve.press(message.channel, message.ts, "grant.extend")
        form = eve.modal()
        assert form is not None
        assert "Asks @service-owners" in form.words
        assert eve.submit(MORE).ok
        (asked,) = bot.names("ab:in:pending")
        bot.settle()
        assert "to let you keep *Production database, read-only* for 1 h more" in told(eve).words
        card = card_with(dan, asked)
        assert "Eve Eade asks to keep Production database, read-only for 1 h more" in card.words
        assert re.search(r"Held until: \n\d\d \w{3} \d\d:\d\d UTC", card.words), "a time as people write it"
        assert "More time: \n1 h" in card.words
        assert grant_of(bot.request(name)).ends_at == before

        approve(bot, dan, asked)

        after = grant_of(bot.request(name)).ends_at
        assert before is not None
        assert after == before + timedelta(hours=1)
        assert bot.request(asked).state is State.APPROVED
        assert "The access now ends at" in card_with(dan, asked).words
        assert "extended once" in told(eve).words
        assert len(sent(eve, "grant.start")) == 1


@asking
def test_nobody_approves_their_own_extension_and_a_denied_one_changes_nothing(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        eve.set_group("S0SERVICEOWNERS", ["U0BOB", "U0DAN", "U0EVE"])
        name = held(bot, eve, dan)
        before = grant_of(bot.request(name)).ends_at
        eve.command("/access", f"extend {name[:6]} for 1h because the queue is still stuck")
        (asked,) = bot.names("ab:in:pending")
        bot.settle()
        card = card_with(bob, asked)
        eve.press(card.channel, card.ts, "request.approve")
        assert "You asked for this" in private(eve, "#access-requests")

        bob.press(card.channel, card.ts, "request.deny")
        assert bob.submit({"reason_code": {"reason_code": "not_needed"}}).ok
        bot.settle()

        assert bot.request(asked).state is State.DENIED
        assert grant_of(bot.request(name)).ends_at == before
        assert "The access still ends at its time" in told(eve).words
        again = eve.command("/access", f"extend {name[:6]} for 1h because the queue is still stuck")
        assert again.ok
        assert len(bot.names("ab:in:pending")) == 1, "a denied one may be asked for again"


@asking
def test_one_extension_is_open_at_a_time(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        for _ in range(2):
            eve.command("/access", f"extend {name[:6]} for 1h because the queue is still stuck", channel="#general")

        assert "You already asked at" in private(eve)
        assert len(bot.names("ab:in:pending")) == 1


@asking
def test_an_extension_that_is_approved_after_the_end_has_failed_and_says_so(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        eve.command("/access", f"extend {name[:6]} for 1h because the queue is still stuck")
        (asked,) = bot.names("ab:in:pending")
        bot.settle()
        bot.later(name, timedelta(minutes=16))
        assert bot.request(name).state is State.ENDED

        approve(bot, dan, asked)

        assert bot.request(asked).state is State.FAILED
        assert "Access not extended" in card_with(dan, asked).words
        assert "This access has ended" in told(eve).words
        assert sent(eve, "grant.extend") == []


@asking
def test_an_owner_extends_for_the_holder_and_neither_of_them_approves_it(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("CAT") as cat, bot.hands("DAN") as dan:
        eve.set_group("S0SERVICEOWNERS", ["U0BOB", "U0DAN", "U0CAT"])
        name = held(bot, eve, dan)
        card = card_with(cat, name)
        cat.press(card.channel, card.ts, "grant.extend")
        assert cat.submit(MORE).ok
        (asked,) = bot.names("ab:in:pending")
        bot.settle()
        assert "Asked by: \nCat Cole" in card_with(dan, asked).words

        card = card_with(cat, asked)
        cat.press(card.channel, card.ts, "request.approve")
        assert "You asked for this" in private(cat, "#access-requests")
        approve(bot, dan, asked)
        assert "extended once" in card_with(dan, name).words


def test_nobody_else_extends_and_what_has_ended_is_not_extended(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        card = card_with(dan, name)
        dan.press(card.channel, card.ts, "grant.extend")
        assert "or an owner can do that" in private(dan, "#access-requests")
        assert dan.modal() is None

        message = told(eve)
        eve.press(message.channel, message.ts, "grant.extend")
        bot.later(name, timedelta(minutes=16))
        eve.submit(MORE)
        form = eve.modal()
        assert form is not None
        assert form.title == "Not extended"
        assert "This access has ended" in form.words


def test_the_form_says_where_a_fault_is_and_keeps_what_was_typed(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        eve.command("/access", f"extend {name[:6]}")
        refused = eve.submit({**MORE, "reason": {"reason": "          no          "}})

        assert "needs a reason of at least 10 characters" in refused.errors["reason"]
        assert eve.modal() is not None


def test_more_often_and_longer_than_allowed_is_refused(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        eve.command("/access", f"extend {name[:6]} for 2h because the queue is still stuck", channel="#deploys")
        assert "At most 1 h more" in private(eve, "#deploys")
        for _ in range(2):
            eve.command(
                "/access", f"extend {name[:6]} for 1h because the queue is still stuck", channel="#aws-approvals"
            )
            bot.settle()

        eve.command("/access", f"extend {name[:6]} for 1h because the queue is still stuck")
        assert "can be extended 2 times, and that has been used" in private(eve)
        assert "grant.extend" not in told(eve).buttons
        assert "grant.extend" not in card_with(dan, name).buttons


def test_whoever_may_not_ask_any_more_may_not_extend_either(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        eve.set_group("S0ENGINEERS", ["U0ANN", "U0BOB"])

        eve.command("/access", f"extend {name[:6]} for 1h because the queue is still stuck")

        assert "not among the people any more who may ask for it" in private(eve)
