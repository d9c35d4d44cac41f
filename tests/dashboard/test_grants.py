"""Who holds what until when: what runs, ends soon, stays open, failed, and what has drifted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from redis import Redis

from approvalbot.dashboard import grants
from approvalbot.request.change import Change
from approvalbot.request.request import State
from tests.bot import Bot
from tests.dashboard.access import access_bot, end, held_by, plain, settled
from tests.dashboard.conftest import Open
from tests.dashboard.test_accessibility import opened
from tests.dashboard.test_inbox import rows_of
from tests.journeys.holding import drive_again, well_again


@pytest.fixture
def dashboard(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    with access_bot(valkey_url, tmp_path, monkeypatch) as bot:
        yield bot


def test_what_is_held_is_listed_with_holder_end_and_request(dashboard: Bot, browser_of: Open) -> None:
    eve, dan, cat = browser_of("U0EVE"), browser_of("U0DAN"), browser_of("U0CAT")
    assert "Nobody holds anything now." in cat.get("/grants").text
    name = held_by(eve, dan)

    for reader in (eve, dan, cat):
        page = reader.get("/grants").text
        assert rows_of(page) == [name]
        assert "Eve Eade · shop · request" in plain(page)
        assert "ends soon" in page, "it has a quarter of an hour"
    assert rows_of(cat.get("/grants?show=soon").text) == [name]
    assert rows_of(cat.get("/grants?show=open").text) == []
    assert rows_of(cat.get("/grants?person=eve").text) == [name]
    assert rows_of(cat.get("/grants?person=bob").text) == []
    assert rows_of(cat.get("/grants?policy=prod-database&q=production").text) == [name]


def test_nobody_sees_what_others_hold_without_a_role_or_a_part(dashboard: Bot, browser_of: Open) -> None:
    held_by(browser_of("U0EVE"), browser_of("U0DAN"))

    page = browser_of("U0ANN").get("/grants").text

    assert rows_of(page) == []
    assert "You see what you hold, decided on, or own." in page


def test_access_that_cannot_be_ended_is_called_open_and_is_ended_once_more(dashboard: Bot, browser_of: Open) -> None:
    eve, cat = browser_of("U0EVE"), browser_of("U0CAT")
    name = held_by(eve, browser_of("U0DAN"))
    with dashboard.hands("EVE") as hands:
        hands.service_answers("grants", status=503, times=1)
        end(eve, name)
        settled(dashboard)
        well_again(hands)

    page = cat.get("/grants?show=open").text
    assert rows_of(page) == [name]
    assert 'class="badge open">still open' in page
    assert "alarm" in page
    assert "Still open." in plain(eve.get(f"/requests/{name}").text)
    case, _ = dashboard.house.requests.load(name)
    assert case.request.due_at is not None
    dashboard.later(name, case.request.due_at - dashboard.house.requests.now() + timedelta(seconds=1))
    drive_again(dashboard)
    assert dashboard.request(name).state is State.ENDED
    assert rows_of(cat.get("/grants?show=open").text) == []


def test_what_its_end_has_passed_and_nobody_took_back_is_called_open(dashboard: Bot, browser_of: Open) -> None:
    eve = browser_of("U0EVE")
    name = held_by(eve, browser_of("U0DAN"))
    request = dashboard.request(name)
    assert request.grant is not None
    assert request.grant.ends_at is not None
    late = request.grant.model_copy(update={"ends_at": request.grant.ends_at - timedelta(hours=1)})
    moved = request.model_copy(update={"grant": late, "version": request.version + 1})
    assert dashboard.house.requests.commit(Change(moved, request.version))

    assert rows_of(eve.get("/grants?show=open").text) == [name]
    assert "nobody has taken it back yet" in plain(eve.get(f"/requests/{name}").text)


def test_access_that_could_not_be_given_is_called_failed(dashboard: Bot, browser_of: Open) -> None:
    eve, dan = browser_of("U0EVE"), browser_of("U0DAN")
    with dashboard.hands("EVE") as hands:
        hands.service_answers("grants", status=422, times=9)
        name = held_by(eve, dan)
        well_again(hands)

    assert dashboard.request(name).state is State.FAILED
    assert rows_of(eve.get("/grants").text) == []
    assert rows_of(eve.get("/grants?show=failed").text) == [name]


def put(bot: Bot, **changes: object) -> None:
    """Change the entitlement as its author would, and load it."""
    path = bot.house.settings.approvalbot_policies / "all.yaml"
    documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    kept = [{**one, **changes} if one["id"] == "prod-database" else one for one in documents]
    path.write_text(yaml.safe_dump_all([one for one in kept if one.get("kind") != "gone"], sort_keys=False))
    bot.house.keeper.reload()
    assert bot.house.keeper.fault == ""


SELECT = {"id": "database", "label": "Database", "type": "select", "options": ["payments"], "required": True}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kind": "gone"}, "No policy gives this any more."),
        ({"mode": "off"}, "It is switched off by now."),
        ({"mode": "monitor"}, "It only watches by now."),
        ({"duration": {"default": "5m", "max": "10m"}}, "It was given for 15 min; at most 10 min is allowed by now."),
        ({"inputs": [SELECT]}, "shop is not on the list"),
        ({"requestable_by": [{"usergroup": "@sre-leads"}]}, "Its holder is in none of the groups any more"),
    ],
)
def test_what_todays_policies_would_not_give_is_called_drift(
    dashboard: Bot, browser_of: Open, change: dict[str, object], told: str
) -> None:
    eve, cat = browser_of("U0EVE"), browser_of("U0CAT")
    name = held_by(eve, browser_of("U0DAN"))
    assert rows_of(cat.get("/grants?show=drift").text) == []

    put(dashboard, **change)

    page = cat.get("/grants?show=drift").text
    assert rows_of(page) == [name]
    assert told in plain(page)
    assert told in plain(eve.get(f"/requests/{name}").text)
    assert rows_of(cat.get("/grants").text) == [name]


def test_a_look_is_bounded_and_goes_on_where_it_stopped(
    dashboard: Bot, browser_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve, dan = browser_of("U0EVE"), browser_of("U0DAN")
    first = held_by(eve, dan)
    second = held_by(eve, dan, **{"input.database": "payments"})
    monkeypatch.setattr(grants, "LOOK", 1)

    page = dan.get("/grants").text
    further = page.partition('href="/grants?show=held&amp;before=')[2].partition('"')[0]

    assert rows_of(page) == [second]
    assert rows_of(dan.get(f"/grants?show=held&before={further}").text) == [first]


def test_a_list_of_many_has_pages(dashboard: Bot, browser_of: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    eve, dan = browser_of("U0EVE"), browser_of("U0DAN")
    names = {held_by(eve, dan), held_by(eve, dan, **{"input.database": "payments"})}
    monkeypatch.setattr(grants, "PAGE", 1)

    pages = [rows_of(dan.get(f"/grants?page={page}").text) for page in (1, 2, 3)]

    assert [len(one) for one in pages] == [1, 1, 0]
    assert {*pages[0], *pages[1]} == names


@pytest.mark.parametrize("query", ["show=x", "page=0", "page=x", "before=x", "severity=huge", f"q={'x' * 300}"])
def test_a_query_that_is_none_of_ours_is_refused_in_words(browser_of: Open, query: str) -> None:
    answer = browser_of("U0CAT").get(f"/grants?{query}")

    assert answer.status_code == 400
    assert "Traceback" not in answer.text


@pytest.mark.browser
def test_a_list_of_grants_hears_of_an_end_and_leaves_an_open_form_alone(
    dashboard: Bot, browser_of: Open, browser: Chromium
) -> None:
    eve, cat = browser_of("U0EVE"), browser_of("U0CAT")
    first = held_by(eve, browser_of("U0DAN"))
    held_by(eve, browser_of("U0DAN"), **{"input.database": "payments"})
    session = opened(browser, cat, 390, "light")
    page = session.new_page()
    page.goto(f"{dashboard.house.settings.url}/grants")
    expect(page.locator(".row-link")).to_have_count(2)

    end(eve, first)
    settled(dashboard)
    expect(page.locator(".row-link")).to_have_count(1)

    page.locator("summary", has_text="End now").click()
    page.get_by_label("Reason, which its holder reads").fill("the incident is over")
    held_by(eve, browser_of("U0DAN"))
    expect(page.get_by_text("This list has changed.")).to_be_visible()
    page.get_by_role("button", name="End now").click()
    expect(page.get_by_text("It is being ended.")).to_be_visible()
    session.close()
