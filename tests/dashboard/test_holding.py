"""Ending access and extending it from the browser, by the same rules as in Slack."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from approvalbot.request.request import State
from tests.bot import Bot
from tests.dashboard.access import access_bot, browser_for, end, extend, held_by, plain, settled
from tests.dashboard.conftest import Open
from tests.dashboard.test_attacks import ELSEWHERE
from tests.dashboard.test_inbox import rows_of
from tests.dashboard.test_system import slack_silent
from tests.journeys.holding import ASKING, sent
from tests.journeys.test_belonging import forget


@pytest.fixture
def dashboard(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    with access_bot(valkey_url, tmp_path, monkeypatch) as bot:
        yield bot


def test_a_holder_ends_it_with_one_press_and_only_the_provider_makes_it_ended(dashboard: Bot, browser_of: Open) -> None:
    eve, dan = browser_of("U0EVE"), browser_of("U0DAN")
    name = held_by(eve, dan)
    fields = eve.forms("/grants")[f"/requests/{name}/end#"]

    answer = eve.post(f"/requests/{name}/end", fields)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/requests/{name}?done=end")
    assert dashboard.request(name).state is State.ACTIVE
    assert "being ended" in eve.get("/grants").text
    settled(dashboard)
    assert dashboard.request(name).state is State.ENDED
    assert rows_of(eve.get("/grants").text) == []
    assert rows_of(eve.get("/grants?show=ended").text) == [name]
    assert "early, by Eve Eade" in plain(eve.get(f"/requests/{name}").text)
    assert "press_refused" not in dashboard.steps(name)


def test_an_owner_ends_what_somebody_else_holds_and_says_why(dashboard: Bot, browser_of: Open) -> None:
    eve, cat = browser_of("U0EVE"), browser_of("U0CAT")
    name = held_by(eve, browser_of("U0DAN"))
    assert 'name="reason"' in cat.get("/grants").text

    without = end(cat, name, reason="  ")
    answer = end(cat, name, reason="the incident is over")
    settled(dashboard)

    assert without.status_code == 422
    assert "You end what Eve Eade holds, so say why" in plain(without.text)
    assert answer.status_code == 303
    assert dashboard.request(name).state is State.ENDED
    assert "early, by Cat Cole: “the incident is over”" in plain(eve.get(f"/requests/{name}").text)


@pytest.mark.parametrize("user", ["U0DAN", "U0BOB"])
def test_whoever_neither_holds_nor_owns_it_ends_and_extends_nothing(
    dashboard: Bot, browser_of: Open, user: str
) -> None:
    name = held_by(browser_of("U0EVE"), browser_of("U0DAN"))
    other = browser_of(user)

    assert f"/requests/{name}/end" not in other.get("/grants").text
    ended, longer = end(other, name, reason="because"), extend(other, name)

    assert (ended.status_code, longer.status_code) == (403, 403)
    assert "Only Eve Eade or an owner" in plain(ended.text)
    assert dashboard.request(name).state is State.ACTIVE
    assert dashboard.steps(name).count("press_refused") >= 1


def test_a_stranger_to_the_request_does_not_even_see_it(dashboard: Bot, browser_of: Open) -> None:
    name = held_by(browser_of("U0EVE"), browser_of("U0DAN"))
    ann = browser_of("U0ANN")

    assert {end(ann, name).status_code, extend(ann, name).status_code, ann.get(f"/requests/{name}").status_code} == {
        403
    }
    assert dashboard.request(name).state is State.ACTIVE


def test_the_holder_extends_and_the_provider_is_told_the_new_end(dashboard: Bot, browser_of: Open) -> None:
    eve = browser_of("U0EVE")
    name = held_by(eve, browser_of("U0DAN"))
    before = dashboard.request(name).grant
    page = plain(eve.get(f"/requests/{name}").text)
    assert "Extension 1 of 2. Nobody needs to approve it." in page
    assert "Connect with acme db shop" in page, "how to use it is for its holder"

    answer = extend(eve, name)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/requests/{name}?done=extend")
    assert "is asked of the provider" in plain(eve.get(f"/requests/{name}").text)
    settled(dashboard)

    after = dashboard.request(name).grant
    assert before is not None
    assert after is not None
    assert before.ends_at is not None
    assert after.ends_at == before.ends_at + timedelta(minutes=30)
    with dashboard.hands("EVE") as hands:
        assert len(sent(hands, "grant.extend")) == 1
    assert "extended once" in plain(eve.get(f"/requests/{name}").text)


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"reason": "short"}, 422, "at least 10 characters"),
        ({"duration": "86400"}, 422, "At most"),
        ({"duration": "x"}, 400, "does not say how much longer"),
        ({"duration": "-5"}, 400, "does not say how much longer"),
        ({"key": "x"}, 400, "no key of its own"),
    ],
)
def test_an_extension_with_a_fault_says_so_and_keeps_what_was_typed(
    dashboard: Bot, browser_of: Open, change: dict[str, str], status: int, told: str
) -> None:
    eve = browser_of("U0EVE")
    name = held_by(eve, browser_of("U0DAN"))

    answer = extend(eve, name, **change)

    assert answer.status_code == status
    assert told in plain(answer.text)
    assert change.get("reason", "the queue is still stuck") in answer.text
    assert "extended" not in dashboard.steps(name)


def test_an_extension_that_people_approve_leads_to_its_request(
    redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        access_bot(valkey_url, tmp_path, monkeypatch, grant={"extend": ASKING}) as bot,
        browser_for(bot, "U0EVE") as eve,
        browser_for(bot, "U0DAN") as dan,
    ):
        name = held_by(eve, dan)
        page = plain(eve.get(f"/requests/{name}").text)
        assert "Asks @service-owners (2 people). The old end holds until they approve." in page

        answer = extend(eve, name)
        asked = answer.headers["location"].partition("?")[0].rpartition("/")[2]
        settled(bot)

        assert asked != name
        assert "asks to keep" in plain(eve.get(f"/requests/{asked}").text)
        assert dan.decide(asked, "approve").status_code == 303
        settled(bot)
        assert "extended once" in plain(eve.get(f"/requests/{name}").text)
        assert rows_of(eve.get("/grants").text) == [name], "the request for more time is no access of its own"


def test_nothing_is_ended_while_slack_is_silent(dashboard: Bot, browser_of: Open) -> None:
    eve = browser_of("U0EVE")
    name = held_by(eve, browser_of("U0DAN"))
    fields = eve.forms("/grants")[f"/requests/{name}/end#"]
    with slack_silent(dashboard):
        page = eve.get("/grants").text
        answer = eve.post(f"/requests/{name}/end", fields)

    assert f"/requests/{name}/end" not in page
    assert answer.status_code == 503
    assert dashboard.request(name).state is State.ACTIVE


@pytest.mark.parametrize("what", ["end", "extend"])
@pytest.mark.parametrize("headers", [*ELSEWHERE, {"csrf": ""}, {"csrf": "theirs"}])
def test_no_form_about_access_comes_from_elsewhere(
    dashboard: Bot, browser_of: Open, what: str, headers: dict[str, str]
) -> None:
    """Threat 50."""
    eve, dan = browser_of("U0EVE"), browser_of("U0DAN")
    name = held_by(eve, dan)
    before = dashboard.request(name)
    form = {**eve.forms(f"/requests/{name}")[f"/requests/{name}/{what}#"], "duration": "1800", "reason": "x" * 20}
    if "csrf" in headers:
        form["csrf"] = headers["csrf"] and dan.forms("/")["/signout#"]["csrf"]

    answer = eve.post(f"/requests/{name}/{what}", form, **{k: v for k, v in headers.items() if k != "csrf"})

    assert answer.status_code in {403, 415}
    assert dashboard.request(name) == before


@pytest.mark.parametrize("what", ["end", "extend"])
def test_only_a_post_ends_or_extends(dashboard: Bot, browser_of: Open, what: str) -> None:
    eve = browser_of("U0EVE")
    name = held_by(eve, browser_of("U0DAN"))
    before = dashboard.request(name)

    answers = [
        eve.call(method, f"/requests/{name}/{what}?reason=because&duration=1800")
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")
    ]

    assert {answer.status_code for answer in answers} == {405}
    assert dashboard.request(name) == before


def test_to_look_at_a_page_that_could_only_refuse_more_time_leaves_no_step(dashboard: Bot, browser_of: Open) -> None:
    eve = browser_of("U0EVE")
    name = held_by(eve, browser_of("U0DAN"))
    with dashboard.hands("ANN") as hands:
        hands.set_group("S0ENGINEERS", [])
    forget(dashboard)
    before = dashboard.steps(name)

    page = plain(eve.get(f"/requests/{name}").text)

    assert "not among the people any more who may ask for it" in page
    assert dashboard.steps(name) == before
