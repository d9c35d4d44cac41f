"""The trail's page: searching, proving, and taking it along."""

import re
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
import pytest
from redis import Redis

from approvalbot.answers.signing import key_set
from approvalbot.audit.files import verify_file
from approvalbot.dashboard import trail_pages, trail_search
from approvalbot.dashboard.trail_search import moment_of
from approvalbot.errors import BadInput
from approvalbot.request.request import Person
from approvalbot.request.trail import Draft
from approvalbot.store import keys
from approvalbot.store.chains import Chains
from approvalbot.store.trail import TrailStore
from approvalbot.wiring.trail import checkpoint_key, make_keeping
from tests.bot import Bot
from tests.dashboard.conftest import Open
from tests.dashboard.test_policies import plain
from tests.dashboard.test_requests import asked


def numbers_of(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'entry-number">(\d+)<', page)]


@pytest.fixture
def decided(of_roles: Bot, browser_of: Open) -> tuple[Bot, str]:
    """One deploy that Dan denied; gives its id."""
    name = asked(of_roles)
    browser_of("U0DAN").decide(name, "deny", reason_code="not_now", reason="freeze until Monday")
    of_roles.settle()
    return of_roles, name


@pytest.mark.parametrize(
    ("query", "whats"),
    [
        ({"what": "denied"}, ["denied"]),
        ({"person": "dan"}, ["denied", "voted", "signed_in"]),
        ({"person": "DAN DEAN", "what": "voted"}, ["voted"]),
        ({"text": "freeze"}, ["denied", "voted"]),
        ({"text": "not there"}, []),
        ({"request": "signin"}, ["signed_in", "signed_in"]),
        ({"request": "SIGN"}, ["signed_in", "signed_in"]),
        ({"what": "opened", "person": "eve"}, ["opened"]),
    ],
)
def test_the_trail_is_searched(
    decided: tuple[Bot, str], browser_of: Open, query: dict[str, str], whats: list[str]
) -> None:
    page = browser_of("U0BOB").get(f"/trail?{urlencode(query)}").text

    assert re.findall(r'entry-what"><b>(\w+)</b>', page) == whats
    if not whats:
        assert "Nothing here is what you look for." in page


def test_a_request_s_entries_are_found_by_its_id_and_by_its_first_letters(
    decided: tuple[Bot, str], browser_of: Open
) -> None:
    bot, name = decided
    bob = browser_of("U0BOB")

    whole, short = (numbers_of(bob.get(f"/trail?request={one}").text) for one in (name, name[:6].lower()))

    assert whole == short
    assert len(whole) == len(bot.steps(name))


def test_the_trail_is_paged_by_number_and_loses_nothing(
    decided: tuple[Bot, str], browser_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, _ = decided
    monkeypatch.setattr(trail_search, "PAGE", 3)
    bob, seen, where = browser_of("U0BOB"), [], "/trail"
    while where:
        page = bob.get(where).text
        seen += numbers_of(page)
        link = re.search(r'href="(/trail\?before=\d+)"', page)
        where = link[1] if link else ""

    assert seen == list(range(TrailStore(bot.house.redis).total(), 0, -1))


def test_a_search_reads_so_many_entries_and_goes_on_where_it_stopped(
    of_roles: Bot, browser_of: Open, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Person(key="ann", name="Ann Ames", slack="U0ANN")
    Chains(redis).append("policies", [Draft("rare", ann)])
    Chains(redis).append("policies", [Draft("frequent") for _ in range(25)])
    monkeypatch.setattr(trail_search, "LOOK", 10)
    monkeypatch.setattr(trail_search, "AT_ONCE", 4)
    bob, looks, where = browser_of("U0BOB"), 0, "/trail?what=rare"
    while True:
        page = bob.get(where).text
        looks += 1
        if numbers_of(page):
            break
        assert "of 10 looked at" in page
        link = re.search(r'href="(/trail\?what=rare&amp;before=\d+)"', page)
        assert link is not None
        where = link[1].replace("&amp;", "&")

    assert looks == 3
    assert "by Ann Ames" in plain(page)


def test_times_are_those_of_the_reader(decided: tuple[Bot, str], browser_of: Open) -> None:
    bob = browser_of("U0BOB")
    here = datetime.now(UTC).astimezone(ZoneInfo("America/New_York"))
    assert "America/New_York" in bob.get("/trail").text

    def found(**query: datetime) -> int:
        written = {name: f"{moment:%Y-%m-%dT%H:%M}" for name, moment in query.items()}
        return len(numbers_of(bob.get(f"/trail?{urlencode(written)}").text))

    hour = timedelta(hours=1)
    assert found(since=here - hour, until=here + hour) > 5
    assert found(since=here + hour) == 0
    assert found(until=here - hour) == 0
    assert found(since=datetime.now(UTC).replace(tzinfo=None)) == 0, "UTC is later than New York"


@pytest.mark.parametrize(
    "written", ["x", "0001-01-01", "9999-12-31T23:59", "2026-13-01", "2026-03-03T25:00", "1e9", "0"]
)
def test_a_time_that_is_none_is_refused(of_roles: Bot, browser_of: Open, written: str) -> None:
    bob = browser_of("U0BOB")

    assert bob.get("/trail", params={"since": written}).status_code == 400
    assert bob.get("/trail", params={"until": written}).status_code == 400
    with pytest.raises(BadInput):
        moment_of(written, ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    "query", [{"before": "x"}, {"before": "-1"}, {"before": "9" * 20}, {"text": "x" * 201}, {"request": "x" * 9999}]
)
def test_a_query_that_is_none_of_ours_is_refused(of_roles: Bot, browser_of: Open, query: dict[str, str]) -> None:
    assert browser_of("U0BOB").get("/trail", params=query).status_code == 400


def test_a_trail_that_holds_is_said_to_hold(decided: tuple[Bot, str], browser_of: Open) -> None:
    bot, _ = decided
    make_keeping(bot.house).round(bot.house.requests.now())
    bob = browser_of("U0BOB")
    before = TrailStore(bot.house.redis).total()

    page = bob.post("/trail/verify", bob.forms("/trail")["/trail/verify#"])

    words = plain(page.text)
    assert page.status_code == 200
    assert f"It holds {before} entries of 1 requests, unbroken. 1 checkpoint agrees." in words
    assert TrailStore(bot.house.redis).total() == before, "proving writes nothing"
    assert re.search(r"Checkpoints \d+ entries, 20\d\d-", words)


def test_a_trail_that_was_tampered_with_is_said_to_be(decided: tuple[Bot, str], browser_of: Open) -> None:
    bot, _ = decided
    bot.house.redis.xdel(keys.TRAIL, "2-0")
    bot.house.redis.rpush(keys.TRAIL_CHECKPOINTS, "eyJhbGciOiJub25lIn0.e30.")
    bob = browser_of("U0BOB")

    page = bob.post("/trail/verify", bob.forms("/trail")["/trail/verify#"])

    assert page.status_code == 200
    assert "It does not hold" in page.text
    assert "an entry was removed or inserted before it" in page.text
    assert 'role="alert"' in page.text


def test_an_entry_that_was_written_by_hand_is_shown_as_one_that_cannot_be_read(
    decided: tuple[Bot, str], browser_of: Open
) -> None:
    bot, _ = decided
    bob = browser_of("U0BOB")
    number = TrailStore(bot.house.redis).total() + 5
    bot.house.redis.xadd(keys.TRAIL, {"entry": b"<script>alert(1)</script>"}, id=f"{number}-0")
    bot.house.redis.xadd(keys.TRAIL, {"entry": b'{"at": 5, "by": null, "detail": {"<b>": 1}}'}, id=f"{number + 1}-0")

    page = bob.get("/trail")

    assert page.status_code == 200
    assert "not readable" in page.text
    assert "<script>alert" not in page.text
    assert bob.post("/trail/verify", bob.forms("/trail")["/trail/verify#"]).status_code == 200


def test_one_proves_at_a_time_and_not_for_ever(
    decided: tuple[Bot, str], browser_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = browser_of("U0BOB")
    form = bob.forms("/trail")["/trail/verify#"]
    monkeypatch.setattr(trail_pages, "VERIFY_FOR_S", -1.0)
    late = bob.post("/trail/verify", form)
    monkeypatch.setattr(trail_pages, "MOST_PROVEN", 3)
    long = bob.post("/trail/verify", form)

    assert (late.status_code, long.status_code) == (503, 503)
    assert "Proving took longer" in late.text
    assert "are more than a page can prove" in long.text


def test_while_somebody_proves_others_are_told_to_wait(decided: tuple[Bot, str], browser_of: Open) -> None:
    bob, cat = browser_of("U0BOB"), browser_of("U0CAT")
    forms = [one.forms("/trail")["/trail/verify#"] for one in (bob, cat)]
    redis = decided[0].house.redis
    Chains(redis).append("policies", [Draft("frequent") for _ in range(30_000)])
    answers: list[int] = []

    def prove(place: int) -> None:
        answers.append((bob, cat)[place].post("/trail/verify", forms[place]).status_code)

    threads = [threading.Thread(target=prove, args=[place]) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) in ([200, 429], [200, 200])
    assert bob.post("/trail/verify", forms[0]).status_code == 200, "nobody is kept out afterwards"


@pytest.mark.parametrize("form", ["jsonl", "csv", "ocsf", "cloudevents"])
def test_the_trail_is_exported_and_the_trail_says_so(decided: tuple[Bot, str], browser_of: Open, form: str) -> None:
    bot, _ = decided
    make_keeping(bot.house).round(bot.house.requests.now())
    bob = browser_of("U0BOB")
    fields = bob.forms("/trail")["/trail/export#"]
    total = TrailStore(bot.house.redis).total()

    answer = bob.post("/trail/export", {**fields, "format": form, "after": ""})

    lines = answer.content.splitlines()
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="trail-1-{total}.')
    assert len(lines) == total + {"jsonl": 2, "csv": 1}.get(form, 0)
    (entry,) = [one.entry for one in TrailStore(bot.house.redis).records() if one.entry["what"] == "trail_exported"]
    assert (entry["request"], entry["by"]["key"]) == ("audit", "bob")
    assert entry["detail"] == {"format": form, "after": "0", "entries": str(total)}
    if form == "jsonl":
        found = verify_file(lines, keys=key_set(checkpoint_key(bot.house.settings)))
        assert (found.faults, found.entries, found.checkpoints) == ([], total, 1)
    elif form != "csv":
        assert all(orjson.loads(line) for line in lines)


def test_an_export_may_begin_later(decided: tuple[Bot, str], browser_of: Open) -> None:
    bob = browser_of("U0BOB")
    fields = bob.forms("/trail")["/trail/export#"]

    later, beyond = (bob.post("/trail/export", {**fields, "format": "jsonl", "after": at}) for at in ("3", "999999"))

    assert orjson.loads(later.content.splitlines()[1])["number"] == 4
    assert len(beyond.content.splitlines()) == 1, "only where it begins"


@pytest.mark.parametrize(
    "change", [{"format": "pdf"}, {"format": ""}, {"after": "x"}, {"after": "-1"}, {"after": "9" * 30}]
)
def test_a_form_that_no_page_of_ours_makes_exports_nothing(
    decided: tuple[Bot, str], browser_of: Open, change: dict[str, str]
) -> None:
    bot, _ = decided
    bob = browser_of("U0BOB")
    fields = bob.forms("/trail")["/trail/export#"]

    answer = bob.post("/trail/export", {**fields, "format": "jsonl", **change})

    assert answer.status_code == 400
    assert "trail_exported" not in {one.entry["what"] for one in TrailStore(bot.house.redis).records()}
