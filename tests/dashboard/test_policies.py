"""The pages of policies, of explaining an event, and of insight."""

import html
import re

import orjson
import pytest

from approvalbot.cli.samples import ADMIN
from approvalbot.dashboard import policies
from tests.bot import Bot
from tests.dashboard.conftest import Open
from tests.dashboard.test_requests import asked


def plain(page: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def decided(of_roles: Bot, browser_of: Open) -> Bot:
    """Three deploys: approved, denied, open; and a press that did not count."""
    names = [asked(of_roles, id=f"d{number}", sha=str(number)) for number in range(3)]
    browser_of("U0BOB").decide(names[0], "approve")
    browser_of("U0DAN").decide(names[1], "deny", reason_code="not_now")
    eve = browser_of("U0EVE")
    eve.post(f"/requests/{names[2]}/decide", {**eve.forms("/")["/signout#"], "choice": "approve", "content": "1"})
    return of_roles


def test_the_list_says_what_each_policy_is_and_how_it_fares(decided: Bot, browser_of: Open) -> None:
    page = browser_of("U0DAN").get("/policies")

    words = plain(page.text)
    assert page.status_code == 200
    assert words.index("Production deploy prod-deploy-gate") < words.index("Admin privilege escalation")
    assert re.search(r"prod-deploy-gate · team-platform · all\.yaml:\d+ · [0-9a-f]{12} gate medium", words)
    assert "Asked 3" in words
    assert "Under 5 s 100 %" in words
    assert "Asked nobody." in words
    assert "prod-database · team-platform" in words, "what can be asked for is listed too"


def test_the_list_is_searched_and_paged(decided: Bot, browser_of: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    dan = browser_of("U0DAN")

    found = dan.get("/policies?q=ESCALATION").text
    monkeypatch.setattr(policies, "PAGE", 4)
    first, second = dan.get("/policies").text, dan.get("/policies?page=2").text

    assert "aws-admin-escalation" in found
    assert "prod-deploy-gate" not in found
    assert "Page 1 of 2" in first
    keys = [set(re.findall(r'href="/policies/([a-z-]+)', page)) for page in (first, second)]
    assert (len(keys[0]), len(keys[1]), keys[0] & keys[1]) == (4, 2, set())


def test_a_policy_s_page_has_its_text_its_tests_and_its_latest_requests(decided: Bot, browser_of: Open) -> None:
    page = browser_of("U0DAN").get("/policies/prod-deploy-gate")

    words = plain(page.text)
    assert page.status_code == 200
    assert "target.environment: production" in page.text
    assert "1 of 2 fail" in words
    assert "asks about production all.yaml:" in words
    assert "expect: expected match, got no_match" in words
    assert "quorum: 1" in page.text
    assert "asks about staging" not in page.text[page.text.index("Its text") :], "tests stand beside the text"
    assert page.text.count('class="row-link"') == 3
    assert "approved 1" in words
    assert "service owners 5 min @service-owners" in words


def test_what_can_be_asked_for_has_a_page_too(decided: Bot, browser_of: Open) -> None:
    page = browser_of("U0DAN").get("/policies/prod-database?kind=access")

    assert "Kind</dt><dd>access" in page.text
    assert "It has asked nobody yet." in page.text


def test_a_page_runs_so_many_tests_and_says_how_many_it_left(
    decided: Bot, browser_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "MOST_TESTS", 1)

    words = plain(browser_of("U0DAN").get("/policies/prod-deploy-gate").text)

    assert "It holds" in words
    assert "1 more are not run here" in words


@pytest.mark.parametrize("key", ["nothing", "a/b/c", "x" * 2000, "%00", "../etc/passwd", "{{7*7}}", "%3Cscript%3E"])
def test_a_policy_that_is_not_in_force_is_said_to_be_unknown(decided: Bot, browser_of: Open, key: str) -> None:
    answer = browser_of("U0DAN").get(f"/policies/{key}")

    assert answer.status_code == 404
    assert "<script>" not in answer.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "1e3", "²"])
def test_a_page_number_that_is_none_is_refused(decided: Bot, browser_of: Open, page: str) -> None:
    assert browser_of("U0DAN").get("/policies", params={"page": page}).status_code == 400


def test_an_event_is_explained_and_nothing_is_received(decided: Bot, browser_of: Open) -> None:
    bob = browser_of("U0BOB")
    before = decided.house.redis.dbsize()
    form = bob.forms("/explain")["/explain#"]

    page = bob.post("/explain", {**form, "event": orjson.dumps(ADMIN).decode(), "source": ""})

    words = plain(page.text)
    assert page.status_code == 200
    assert "aws.cloudtrail: iam.amazonaws.com:AttachUserPolicy by" in words
    assert "1 of 1 policy of this source matches." in words
    assert "✓ eventName = AttachUserPolicy" in words
    assert "&#34;eventID&#34;" in page.text, "the event stays in the form"
    assert decided.house.redis.dbsize() == before


def test_what_was_pasted_comes_back_as_it_was_but_for_what_would_not_be_seen(decided: Bot, browser_of: Open) -> None:
    bob = browser_of("U0BOB")
    event = '{\r\n\t"id": "x\u202ey",\r\n\t"action": "deploy.requested"\r\n}'

    page = bob.post("/explain", {**bob.forms("/explain")["/explain#"], "event": event, "source": "deploy-tool"}).text

    kept = html.unescape(page[page.index('class="code">') + 13 : page.index("</textarea>")])
    assert kept == '{\n\t"id": "x\\u202ey",\n\t"action": "deploy.requested"\n}'
    assert orjson.loads(kept) == orjson.loads(event)


def test_why_an_event_does_not_match_is_said_leaf_by_leaf(decided: Bot, browser_of: Open) -> None:
    bob = browser_of("U0BOB")
    event = {"id": "x", "action": "deploy.requested", "target": {"environment": "staging"}}

    page = bob.post(
        "/explain",
        {**bob.forms("/explain")["/explain#"], "event": orjson.dumps(event).decode(), "source": "deploy-tool"},
    )

    assert "No of 4 policies of this source match." in plain(page.text)
    assert "✗ target.environment wants production, got staging" in page.text


@pytest.mark.parametrize(
    ("event", "source", "told"),
    [
        ("", "", "There is no event."),
        ("{", "", "JSON"),
        ("[" * 5000, "", "levels"),
        ('{"a": 1, "a": 2}', "deploy-tool", "twice"),
        ("{}", "nobody", "There is no source nobody"),
        ("[]", "deploy-tool", "There is no event."),
        ("null", "deploy-tool", "event"),
        ('{"x": NaN}', "deploy-tool", "NaN"),
        ("<script>alert(1)</script>", "<script>", "JSON"),
    ],
)
def test_what_is_no_event_is_refused_in_words_and_kept(
    decided: Bot, browser_of: Open, event: str, source: str, told: str
) -> None:
    bob = browser_of("U0BOB")

    page = bob.post("/explain", {**bob.forms("/explain")["/explain#"], "event": event, "source": source})

    assert page.status_code in {400, 404}, page.text
    assert told.casefold() in plain(page.text).casefold()
    assert "<script>alert" not in page.text


def test_insight_adds_up_what_was_asked_and_decided(decided: Bot, browser_of: Open) -> None:
    dan = browser_of("U0DAN")

    for path in ("/insight", "/insight?days=90"):
        page = dan.get(path)
        words = plain(page.text)
        assert page.status_code == 200
        assert "Asked 3 Approved 1 Denied 1 Nobody acted 0 %" in words
        assert "Bob Bell 3 1" in words
        assert "Nobody approves their own request self_approval 1" in words
        assert page.text.count("<svg") > 5
        assert page.text.count("<table") == 7, "each plot stands there as a table too"
    assert dan.get("/insight?days=7").status_code == 400


def test_insight_of_nothing_is_a_page_too(of_roles: Bot, browser_of: Open) -> None:
    words = plain(browser_of("U0DAN").get("/insight").text)

    assert "Nothing was decided yet." in words
    assert "Nobody was asked yet." in words
    assert "Every press counted." in words


def test_a_trail_that_is_not_counted_whole_is_said_to_be(
    decided: Bot, browser_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("approvalbot.store.statistics.AT_ONCE", 2)
    monkeypatch.setattr("approvalbot.dashboard.counted.MOST_NEW", 4)

    assert "The trail is still being counted" in browser_of("U0DAN").get("/insight").text
