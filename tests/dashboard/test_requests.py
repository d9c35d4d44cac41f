"""Lists, the page of a request, and decisions on it: by the same rules as in Slack."""

import re
from html.parser import HTMLParser

import pytest

from approvalbot.flow.looking import claim
from approvalbot.flow.questions import answer_question, ask_question
from tests.bot import Bot
from tests.dashboard.conftest import Open

HOSTILE = '<script>alert(1)</script>"onmouseover="x\' {{7*7}} </textarea> \u202e'


class Attributes(HTMLParser):
    """Every attribute that any element of a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's form
        self.found |= {name for name, _ in attrs}


def attributes_of(page: str) -> set[str]:
    parser = Attributes()
    parser.feed(page)
    return parser.found


def asked(bot: Bot, **event: object) -> str:
    name = str(bot.deploy(**event).json()["id"])
    bot.settle()
    return name


def test_what_waits_for_me_is_listed_and_what_does_not_is_not(dashboard: Bot, browser_of: Open) -> None:
    name = asked(dashboard)

    bob, ann = browser_of("U0BOB"), browser_of("U0ANN")

    assert f'href="/requests/{name}"' in bob.get("/").text
    assert "Nothing waits for you." in ann.get("/").text


def test_only_who_has_a_part_or_a_role_sees_a_request(dashboard: Bot, browser_of: Open) -> None:
    name = asked(dashboard)

    people = ("U0BOB", "U0EVE", "U0CAT", "U0ANN")
    seen = {user: browser_of(user).get(f"/requests/{name}").status_code for user in people}

    assert seen == {"U0BOB": 200, "U0EVE": 200, "U0CAT": 200, "U0ANN": 403}
    assert f"/requests/{name}" not in browser_of("U0ANN").get("/?show=open").text
    assert f"/requests/{name}" in browser_of("U0CAT").get("/?show=open").text


def test_an_approval_on_the_page_is_the_same_as_a_press_in_slack(dashboard: Bot, browser_of: Open) -> None:
    name = asked(dashboard)

    answer = browser_of("U0BOB").decide(name, "approve", reason="planned")
    dashboard.settle()

    assert (answer.status_code, answer.headers["location"]) == (303, f"/requests/{name}?done=approve")
    request = dashboard.request(name)
    assert request.state.value == "approved"
    assert request.decision is not None
    assert (request.decision.by[0].key, request.decision.reason) == ("bob", "planned")
    with dashboard.hands("BOB") as bob:
        assert "Approved" in bob.messages("#deploys")[-1].words, "the card in Slack is drawn anew"


def test_a_denial_gives_its_code_and_note(dashboard: Bot, browser_of: Open) -> None:
    name = asked(dashboard)

    answer = browser_of("U0BOB").decide(name, "deny", reason_code="not_now", reason="freeze")

    assert answer.status_code == 303
    waited = dashboard.http.get(f"/v1/requests/{name}", headers=dashboard.bearer()).json()
    assert (waited["status"], waited["reason_code"], waited["reason"]) == ("denied", "not_now", "freeze")


def test_who_asked_cannot_approve_and_reads_why(dashboard: Bot, browser_of: Open) -> None:
    name = asked(dashboard)
    eve = browser_of("U0EVE")

    page = eve.get(f"/requests/{name}").text

    assert "You asked for this, so someone else has to decide" in page
    assert f"/requests/{name}/decide#approve" not in eve.forms(f"/requests/{name}")
    fields = eve.forms("/")["/signout#"]
    answer = eve.post(f"/requests/{name}/decide", {**fields, "choice": "approve", "content": "1"})
    assert answer.status_code == 403
    assert dashboard.request(name).state.value == "pending"
    assert "press_refused" in dashboard.steps(name)


def test_looking_at_a_page_records_nothing(dashboard: Bot, browser_of: Open) -> None:
    name = asked(dashboard)
    before = dashboard.request(name)

    for user in ("U0BOB", "U0EVE", "U0CAT"):
        browser_of(user).get(f"/requests/{name}")

    assert dashboard.request(name) == before


def test_a_severe_request_wants_a_tick_that_it_was_read(dashboard: Bot, browser_of: Open) -> None:
    name = dashboard.aws_escalation()
    dashboard.settle()
    bob = browser_of("U0BOB")

    without = bob.decide(name, "approve")
    with_it = bob.decide(name, "approve", sure="yes")

    assert without.status_code == 400
    assert "Tick that you have read it" in without.text
    assert with_it.status_code == 303
    assert "voted" in dashboard.steps(name)


def test_a_form_of_an_older_card_is_refused_and_keeps_its_text(dashboard: Bot, browser_of: Open) -> None:
    name = asked(dashboard)

    answer = browser_of("U0BOB").decide(name, "deny", content="9", reason_code="other", reason="my own words")

    assert answer.status_code == 409
    assert "The request changed after this card was drawn" in answer.text
    assert "my own words" in answer.text


@pytest.mark.parametrize(
    "change",
    [
        {"choice": "maybe"},
        {"choice": ""},
        {"content": "x"},
        {"content": "9" * 20},
        {"reason_code": "because"},
        {"reason": "x" * 501},
    ],
)
def test_a_form_that_no_page_of_ours_makes_is_refused(dashboard: Bot, browser_of: Open, change: dict[str, str]) -> None:
    name = asked(dashboard)

    bob = browser_of("U0BOB")
    fields = bob.forms(f"/requests/{name}")[f"/requests/{name}/decide#deny"]

    answer = bob.post(f"/requests/{name}/decide", {**fields, "reason_code": "other", **change})

    assert answer.status_code == 400
    assert dashboard.request(name).state.value == "pending"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_a_form_from_another_page_does_nothing(dashboard: Bot, browser_of: Open, headers: dict[str, str]) -> None:
    """Threat 50."""
    name = asked(dashboard)
    bob = browser_of("U0BOB")
    fields = bob.forms(f"/requests/{name}")[f"/requests/{name}/decide#approve"]

    answer = bob.post(f"/requests/{name}/decide", fields, **headers)

    assert answer.status_code == 403
    assert dashboard.request(name).state.value == "pending"


@pytest.mark.parametrize("csrf", ["", "x", "é", None])
def test_a_form_without_the_sessions_own_word_does_nothing(dashboard: Bot, browser_of: Open, csrf: str | None) -> None:
    name = asked(dashboard)
    bob = browser_of("U0BOB")
    fields = bob.forms(f"/requests/{name}")[f"/requests/{name}/decide#approve"]
    if csrf is None:
        fields["csrf"] = browser_of("U0DAN").forms("/")["/signout#"]["csrf"]
    else:
        fields["csrf"] = csrf

    answer = bob.post(f"/requests/{name}/decide", fields)

    assert answer.status_code == 403
    assert "another session" in answer.text
    assert dashboard.request(name).state.value == "pending"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_a_post_decides(dashboard: Bot, browser_of: Open, method: str) -> None:
    name = asked(dashboard)
    bob = browser_of("U0BOB")

    answer = bob.call(method, f"/requests/{name}/decide?choice=approve&content=1")

    assert answer.status_code == 405
    assert dashboard.request(name).state.value == "pending"


def test_nothing_that_an_event_says_is_markup(dashboard: Bot, browser_of: Open) -> None:
    """Threat 49."""
    name = asked(dashboard, actor={"id": HOSTILE, "name": HOSTILE}, resource={"id": HOSTILE}, sha=HOSTILE)
    cat = browser_of("U0CAT")

    for page in (cat.get(f"/requests/{name}"), cat.get("/?show=open"), cat.get(f"/?show=open&q={HOSTILE}")):
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert attributes_of(page.text).isdisjoint({"onmouseover", "onclick", "onerror", "style"})
        assert "{{7*7}}" in page.text or "49" not in page.text
        assert "\u202e" not in page.text


@pytest.mark.parametrize(
    "path", ["/requests/nope-1", "/requests/%2e%2e%2fsecret", "/requests/" + "A" * 60, "/?show=all"]
)
def test_an_address_that_is_none_of_ours_is_refused_in_words(browser_of: Open, path: str) -> None:
    answer = browser_of("U0BOB").get(path)

    assert answer.status_code in {400, 404}
    assert "Traceback" not in answer.text


def test_an_unknown_request_is_said_to_be_unknown(browser_of: Open) -> None:
    answer = browser_of("U0BOB").get("/requests/" + "A" * 20)

    assert answer.status_code == 404
    assert "is not known here" in answer.text


def test_every_page_carries_what_keeps_a_browser_in_check(dashboard: Bot, browser_of: Open) -> None:
    """Threats 49 and 53."""
    name = asked(dashboard)
    bob = browser_of("U0BOB")

    for path in ("/", f"/requests/{name}", "/signin", "/requests/" + "A" * 20):
        headers = bob.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    page = bob.get(f"/requests/{name}").text
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|\sstyle=|javascript:", page), "no inline code"
    elsewhere = re.findall(r'(?:src|href)="(?:https?:)?//[^"]*', page.replace(dashboard.workspace, "/slack"))
    assert [one for one in elsewhere if "wiki" not in one] == [], "nothing from another host"


def test_an_open_page_hears_of_a_change(dashboard: Bot, browser_of: Open) -> None:
    name = asked(dashboard)
    bob = browser_of("U0BOB")
    version = dashboard.request(name).version
    cookie = "; ".join(f"{key}={value}" for key, value in bob.cookies.items())

    with bob.http.stream("GET", f"/requests/{name}/live?version={version}", headers={"cookie": cookie}) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        browser_of("U0DAN").decide(name, "deny", reason_code="not_now")
        heard = next(line for line in lines if line.startswith("event:"))

    assert heard == "event: changed"
    assert bob.call("GET", f"/requests/{name}/live?version=x").status_code == 400
    assert browser_of("").get(f"/requests/{name}/live?version=1").status_code == 401
    assert browser_of("U0ANN").get(f"/requests/{name}/live?version=1").status_code == 403


def test_the_event_can_be_downloaded_with_its_secrets_hidden(dashboard: Bot, browser_of: Open) -> None:
    name = asked(dashboard, password="hunter2", sha="abc")

    answer = browser_of("U0BOB").get(f"/requests/{name}/event")

    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.json"'
    assert answer.json()["sha"] == "abc"
    assert "hunter2" not in answer.text


def test_the_page_says_who_looks_and_what_was_asked_and_answered(dashboard: Bot, browser_of: Open) -> None:
    name, journey = asked(dashboard), dashboard.house.journey

    claim(journey, name, "U0BOB")
    ask_question(journey, name, "U0BOB", HOSTILE)
    bob = browser_of("U0BOB")
    waiting = bob.get(f"/requests/{name}").text
    answer_question(journey, name, "U0EVE", "the queue is stuck")
    answered = bob.get(f"/requests/{name}").text

    assert "<b>Bob Bell</b> is looking, until" in waiting
    assert "Nobody has answered yet." in waiting
    assert "<script>alert" not in waiting
    assert "onmouseover" not in attributes_of(waiting)
    assert "“the queue is stuck”" in answered
    assert "Nobody has answered yet." not in answered
    assert "Bob Bell looks" in answered, "and the timeline has every step"
