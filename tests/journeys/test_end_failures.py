"""Access whose end fails: still open on every list, somebody is paged once, and nothing is called ended unproven."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from approvalbot.request.grants import PAGE_AFTER
from approvalbot.request.held import grant_of
from approvalbot.request.request import State
from approvalbot.workspace.hands import Hands
from tests.bot import Bot, running_bot
from tests.journeys.holding import card_with, grant, held, private, told, well_again


@pytest.fixture
def page(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "owner"))


@pytest.fixture
def bot(page: str, redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    changes = grant(on_end_failure={"retry_for": "1h", "page": page})
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=changes) as running:
        yield running


def fail_to_end(bot: Bot, eve: Hands, name: str) -> None:
    """The end comes, and the provider is down for it and for the attempts that follow."""
    eve.service_answers("grants", status=503, times=None)
    bot.later(name, timedelta(minutes=16))
    while grant_of(bot.request(name)).failures < PAGE_AFTER:
        bot.later(name, timedelta(minutes=1))


def heard(hands: Hands) -> list[str]:
    return [one.words for one in hands.direct_messages() if "ending the access" in one.words]


def test_the_owner_is_paged_and_every_list_says_still_open(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan, bot.hands("CAT") as cat:
        name = held(bot, eve, dan)
        fail_to_end(bot, eve, name)

        assert bot.request(name).state is State.ACTIVE
        assert "STILL OPEN: ending failed 3 times" in card_with(dan, name).words
        assert "the owner team-platform is paged" in card_with(dan, name).words
        (paged,) = heard(cat)
        assert "ending the access failed 3 times" in paged
        eve.command("/access", "list active")
        assert "STILL OPEN: ending failed 3 times" in private(eve)
        eve.open_home()
        home = eve.wait_for(eve.home)
        assert home is not None
        assert "STILL OPEN" in home.words


def test_one_policy_pages_once_in_an_hour_and_again_when_it_is_given_up(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan, bot.hands("CAT") as cat:
        first = held(bot, eve, dan)
        fail_to_end(bot, eve, first)
        well_again(eve)
        second = held_by(bot, "ANN", dan)
        fail_to_end(bot, eve, second)
        assert len(heard(cat)) == 1, "the first page has everybody look at all of them"

        bot.later(first, timedelta(minutes=61))

        assert bot.request(first).state is State.FAILED
        assert "given up" in heard(cat)[-1]
        assert len(heard(cat)) == 2
        eve.command("/access", "list active")
        assert "MAY BE OPEN" in private(eve)


def held_by(bot: Bot, person: str, dan: Hands) -> str:
    with bot.hands(person) as hands:
        return held(bot, hands, dan)


@pytest.mark.parametrize(
    ("page", "channel"), [("#sec-incidents", "#sec-incidents"), ("@sre-leads", ""), ("cat", "")], indirect=["page"]
)
def test_a_channel_a_group_or_a_person_is_paged(bot: Bot, page: str, channel: str) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan, bot.hands("CAT") as cat:
        name = held(bot, eve, dan)
        fail_to_end(bot, eve, name)

        found = [one.words for one in cat.messages(channel)] if channel else heard(cat)
        assert [words for words in found if "ending the access failed" in words]
        assert f"{page} is paged" in card_with(dan, name).words


def test_what_was_given_up_is_ended_once_more_from_the_card(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan, bot.hands("CAT") as cat:
        name = held(bot, eve, dan)
        fail_to_end(bot, eve, name)
        bot.later(name, timedelta(minutes=61))
        assert bot.request(name).state is State.FAILED
        well_again(eve)
        card = card_with(cat, name)
        assert card.buttons["grant.end"] == "End again"

        assert cat.press(card.channel, card.ts, "grant.end").ok
        assert cat.submit({"note": {"note": "the receiver is mended"}}).ok
        bot.settle()

        assert grant_of(bot.request(name)).closed
        assert "the provider has confirmed the end since" in card_with(dan, name).words
        assert "grant.end" not in card_with(dan, name).buttons


def test_an_owner_ends_what_somebody_else_holds_and_says_why(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan, bot.hands("CAT") as cat:
        name = held(bot, eve, dan)
        card = card_with(cat, name)
        assert cat.press(card.channel, card.ts, "grant.end").ok
        form = cat.modal()
        assert form is not None
        assert form.title == "End access"

        assert cat.submit({"note": {"note": "the incident is over"}}).ok
        bot.settle()

        assert bot.request(name).state is State.ENDED
        assert "Ended early by <@U0CAT>" in told(eve).words
        assert "the incident is over" in told(eve).words


def test_whoever_has_nothing_to_do_with_it_ends_nothing(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        name = held(bot, eve, dan)
        card = card_with(dan, name)

        dan.press(card.channel, card.ts, "grant.end")

        assert "Only <@U0EVE> or an owner can do that" in private(dan, "#access-requests")
        assert bot.request(name).state is State.ACTIVE
        assert bot.steps(name)[-1] == "press_refused"
