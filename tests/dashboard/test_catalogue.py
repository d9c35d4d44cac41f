"""What can be asked for: listed for each person with whom it asks, and asked for from the browser by Slack's rules."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from approvalbot.request.request import State
from approvalbot.store.trail import TrailStore
from tests.bot import Bot
from tests.dashboard.access import WISH, access_bot, asked_by, browser_for, held_by, plain, settled, wish
from tests.dashboard.conftest import Open

WATCHING = {"mode": "monitor"}


@pytest.fixture
def dashboard(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    with access_bot(
        valkey_url, tmp_path, monkeypatch, tags=["database"], description="Reads of shop and payments"
    ) as bot:
        yield bot


@pytest.mark.parametrize("user", ["U0EVE", "U0CAT"])
def test_the_catalogue_says_whom_it_asks_and_who_may(dashboard: Bot, browser_of: Open, user: str) -> None:
    page = plain(browser_of(user).get("/access?show=all").text)

    assert "Production database, read-only" in page
    assert "Reads of shop and payments" in page
    assert "Asks @service-owners (2 people)." in page
    assert ("@engineers can ask for it; you are not in it." in page) == (user == "U0CAT")


def test_for_you_holds_only_what_one_may_ask_for(dashboard: Bot, browser_of: Open) -> None:
    eve, cat = browser_of("U0EVE").get("/access").text, browser_of("U0CAT").get("/access").text

    assert 'href="/access/prod-database"' in eve
    assert 'href="/access/prod-database"' not in cat
    assert "There is nothing you may ask for." in cat


def test_the_catalogue_is_searched_by_title_and_tag(dashboard: Bot, browser_of: Open) -> None:
    eve = browser_of("U0EVE")

    assert "Production database" in eve.get("/access?q=DATABASE").text
    assert "speaks of “kubernetes”" in eve.get("/access?q=kubernetes").text


def test_a_wish_from_the_browser_is_the_same_as_one_from_slack(dashboard: Bot, browser_of: Open) -> None:
    eve = browser_of("U0EVE")

    answer = wish(eve)
    settled(dashboard)

    (name,) = dashboard.names("ab:in:pending")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/requests/{name}?done=ask")
    request = dashboard.request(name)
    assert request.wish is not None
    assert (request.wish.duration_s, request.wish.reason, request.wish.inputs) == (
        900,
        "the stuck order queue",
        {"database": "shop"},
    )
    page = plain(eve.get(f"/requests/{name}?done=ask").text)
    assert "Asked. You hear in Slack either way." in page
    with dashboard.hands("DAN") as dan:
        assert "Eve Eade asks for" in dan.messages("#access-requests")[-1].words
    with dashboard.hands("EVE") as hands:
        assert "Asked @service-owners" in hands.direct_messages()[-1].words


def test_a_form_that_is_sent_twice_asks_once(dashboard: Bot, browser_of: Open) -> None:
    eve = browser_of("U0EVE")
    fields = {**eve.forms("/access/prod-database")["/access/prod-database#"], **WISH}

    first, second = (eve.post("/access/prod-database", fields) for _ in range(2))

    assert first.headers["location"] == second.headers["location"]
    assert len(dashboard.names("ab:in:pending")) == 1


def test_what_is_asked_for_or_held_is_said_and_not_asked_again(dashboard: Bot, browser_of: Open) -> None:
    eve, dan = browser_of("U0EVE"), browser_of("U0DAN")
    name = asked_by(eve)

    assert "You asked" in plain(eve.get("/access").text)
    again = wish(eve)
    assert again.status_code == 409
    assert "You already asked at" in again.text
    settled(dashboard)
    dan.decide(name, "approve")
    settled(dashboard)

    assert "You hold this until" in plain(eve.get("/access").text)
    assert "You already hold this until" in plain(wish(eve).text)
    assert "You hold" not in plain(dan.get("/access?show=all").text), "it is hers, not his"


@pytest.mark.parametrize(
    ("change", "status", "field", "told"),
    [
        ({"reason": "short"}, 422, "reason", "needs a reason of at least 10 characters"),
        ({"reason": "x" * 501}, 422, "reason", "at most 500 are taken"),
        ({"input.database": ""}, 422, "input.database", "Database is required"),
        ({"input.database": "secrets"}, 422, "input.database", "secrets is not on the list"),
        ({"duration": "86400"}, 422, "duration", "At most 4 h for Production database"),
        ({"duration": "soon"}, 400, "", "does not say for how long"),
        ({"duration": ""}, 400, "", "does not say for how long"),
        ({"duration": "9" * 20}, 400, "", "does not say for how long"),
        ({"key": ""}, 400, "", "no key of its own"),
        ({"key": "é" * 12}, 400, "", "no key of its own"),
    ],
)
def test_a_wish_with_a_fault_says_where_and_keeps_what_was_typed(
    dashboard: Bot, browser_of: Open, change: dict[str, str], status: int, field: str, told: str
) -> None:
    answer = wish(browser_of("U0EVE"), **{"reason": "the stuck order queue", **change})

    assert answer.status_code == status
    assert told in plain(answer.text)
    assert ("aria-invalid" in answer.text) == bool(field)
    if field:
        at = answer.text.index('aria-invalid="true"')
        assert f'name="{field}"' in answer.text[answer.text.rindex("<", 0, at) : at]
    if "reason" not in change:
        assert "the stuck order queue" in answer.text
    assert dashboard.names("ab:in:pending") == []


def test_whoever_may_not_ask_is_refused_and_told_who_can(dashboard: Bot, browser_of: Open) -> None:
    cat = browser_of("U0CAT")
    page = cat.get("/access/prod-database").text
    assert '<form class="card first"' not in page
    fields = cat.forms("/")["/signout#"]

    answer = cat.post("/access/prod-database", {**fields, **WISH, "key": "k" * 16})

    assert answer.status_code == 403
    assert "can be requested by @engineers" in answer.text
    assert dashboard.names("ab:in:pending") == []


@pytest.mark.parametrize("name", ["nothing-like-it", "%3Cscript%3E", "a" * 300, "prod-database%00"])
def test_what_nobody_offers_is_not_found(dashboard: Bot, browser_of: Open, name: str) -> None:
    answer = browser_of("U0EVE").get(f"/access/{name}")

    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_what_only_watches_says_what_would_happen(
    redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with access_bot(valkey_url, tmp_path, monkeypatch, **WATCHING) as bot, browser_for(bot, "U0EVE") as eve:
        assert "It only watches for now" in plain(eve.get("/access/prod-database").text)
        answer = wish(eve)

        assert answer.status_code == 409
        assert "It would ask @service-owners for 15 min" in plain(answer.text)
        assert TrailStore(bot.house.redis).total() > 0


def test_a_limit_of_open_wishes_is_said(dashboard: Bot, browser_of: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    eve = browser_of("U0EVE")
    monkeypatch.setattr("approvalbot.flow.ask.MOST_OPEN", 1)
    asked_by(eve)

    answer = wish(eve, **{"input.database": "payments"})

    assert answer.status_code == 429
    assert "At most 1 open requests per person" in plain(answer.text)


def test_the_clock_of_a_grant_starts_with_it(dashboard: Bot, browser_of: Open) -> None:
    name = held_by(browser_of("U0EVE"), browser_of("U0DAN"))

    grant = dashboard.request(name).grant
    assert dashboard.request(name).state is State.ACTIVE
    assert grant is not None
    assert grant.started_at is not None
    assert grant.ends_at is not None
    assert (grant.ends_at - grant.started_at).total_seconds() == 900
