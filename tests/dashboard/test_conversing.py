"""Approving with less, questions, notes, looking and withdrawing on a request's page, by Slack's rules and words."""

import httpx
import pytest

from approvalbot.dashboard.words import effect_on_the_clock, question_goes_to, who_answers
from approvalbot.request.request import State
from approvalbot.slack import questionforms, questionwords
from tests.bot import Bot
from tests.dashboard.access import asked_by, plain, settled
from tests.dashboard.conftest import Browser, Open
from tests.dashboard.test_attacks import ELSEWHERE
from tests.dashboard.test_requests import asked
from tests.journeys.deciding import change, offer_regions


def say(browser: Browser, name: str, what: str, **form: str) -> httpx.Response:
    """Send one of the forms of a request's page, as the page has it or as nobody was offered it."""
    held = browser.forms(f"/requests/{name}").get(f"/requests/{name}/{what}#") or browser.forms("/")["/signout#"]
    return browser.post(f"/requests/{name}/{what}", {**held, **form})


def test_less_is_approved_on_the_page_and_the_caller_is_told(dashboard: Bot, browser_of: Open) -> None:
    offer_regions(dashboard)
    name, bob = asked(dashboard), browser_of("U0BOB")
    page = plain(bob.get(f"/requests/{name}").text)
    assert "Approve with less…" in page
    assert "every region, as asked Europe one canary" in page

    answer = bob.decide(name, "approve", form="less", less_scope="europe")

    assert answer.status_code == 303, plain(answer.text)
    told = dashboard.http.get(f"/v1/requests/{name}", headers=dashboard.bearer()).json()
    assert (told["status"], told["terms"]["scope"], told["terms"]["with"]) == (
        "approved",
        "europe",
        {"regions": ["eu-1", "eu-2"]},
    )
    assert "Europe instead of every region." in browser_of("U0DAN").get(f"/requests/{name}").text


def test_a_shorter_time_is_approved_on_the_page(dashboard: Bot, browser_of: Open) -> None:
    eve, dan = browser_of("U0EVE"), browser_of("U0DAN")
    name = asked_by(eve, duration="3600")
    settled(dashboard)
    assert "Approve with less…" in dan.get(f"/requests/{name}").text

    answer = dan.decide(name, "approve", form="less", less_duration="900")
    settled(dashboard)

    assert answer.status_code == 303, plain(answer.text)
    grant = dashboard.request(name).grant
    assert grant is not None
    assert grant.ends_at is not None
    assert grant.started_at is not None
    assert (grant.ends_at - grant.started_at).total_seconds() == 900
    assert "15 min instead of 1 h" in plain(eve.get(f"/requests/{name}").text)


@pytest.mark.parametrize(
    "form",
    [
        {"less_scope": "everything"},
        {"less_scope": "", "less_duration": ""},
        {"less_duration": "60"},
        {"less_scope": "europe", "less_duration": "x" * 50},
        {"less_scope": "x" * 5000},
    ],
)
def test_less_that_is_not_offered_approves_nothing(dashboard: Bot, browser_of: Open, form: dict[str, str]) -> None:
    offer_regions(dashboard)
    name, bob = asked(dashboard), browser_of("U0BOB")

    answer = bob.decide(name, "approve", form="less", **form)

    assert answer.status_code in {400, 422}, plain(answer.text)
    assert dashboard.request(name).state is State.PENDING


def test_nothing_less_is_offered_where_nobody_would_understand_it(dashboard: Bot, browser_of: Open) -> None:
    name, bob = asked(dashboard), browser_of("U0BOB")

    assert "Approve with less" not in bob.get(f"/requests/{name}").text
    assert bob.decide(name, "approve", form="less", less_scope="europe").status_code == 422
    assert dashboard.request(name).state is State.PENDING


def test_a_question_is_asked_and_answered_on_the_page_and_in_slack(dashboard: Bot, browser_of: Open) -> None:
    name, bob, eve = asked(dashboard), browser_of("U0BOB"), browser_of("U0EVE")

    answer = say(bob, name, "ask", text="Is it\r\nplanned?")
    settled(dashboard)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/requests/{name}?done=question")
    assert dashboard.request(name).questions[0].text == "Is it\nplanned?"
    with dashboard.hands("EVE") as hands:
        assert "planned?" in hands.direct_messages()[-1].words
    page = eve.get(f"/requests/{name}").text
    assert "planned?”" in page
    assert "Bob Bell asked" in plain(page)
    assert say(eve, name, "answer", text="Yes, in CAL-7").status_code == 303
    settled(dashboard)
    assert "Eve Eade answered" in plain(bob.get(f"/requests/{name}").text)
    with dashboard.hands("BOB") as hands:
        (card,) = hands.messages("#deploys")
        assert "Yes, in CAL-7" in card.words
    assert dashboard.request(name).state is State.PENDING, "an answer approves nothing"


def test_one_question_is_open_at_a_time_and_an_old_form_answers_none_of_the_later(
    dashboard: Bot, browser_of: Open
) -> None:
    name, bob, eve = asked(dashboard), browser_of("U0BOB"), browser_of("U0EVE")
    say(bob, name, "ask", text="one?")
    old = eve.forms(f"/requests/{name}")[f"/requests/{name}/answer#"]
    assert f"/requests/{name}/ask" not in bob.get(f"/requests/{name}").text
    second = say(bob, name, "ask", text="two?")
    say(eve, name, "answer", text="first")
    say(bob, name, "ask", text="three?")

    late = eve.post(f"/requests/{name}/answer", {**old, "text": "for the first"})

    assert (second.status_code, late.status_code) == (409, 409)
    assert [one.answer for one in dashboard.request(name).questions] == ["first", ""]
    assert "for the first" in late.text, "what was typed is kept"


@pytest.mark.parametrize(
    ("user", "what", "form", "status"),
    [
        ("U0EVE", "ask", {"text": "why?"}, 403),
        ("U0ANN", "ask", {"text": "why?"}, 403),
        ("U0BOB", "ask", {"text": "  "}, 422),
        ("U0BOB", "ask", {"text": "x" * 1001}, 422),
        ("U0BOB", "answer", {"text": "yes", "nth": "0"}, 409),
        ("U0BOB", "answer", {"text": "yes", "nth": "-1"}, 400),
        ("U0BOB", "answer", {"text": "yes"}, 400),
        ("U0BOB", "note", {"text": "by the way"}, 403),
        ("U0BOB", "withdraw", {}, 403),
        ("U0EVE", "look", {"how": "look"}, 403),
        ("U0BOB", "look", {"how": "stare"}, 400),
        ("U0BOB", "look", {}, 400),
        ("U0BOB", "look", {"how": "release"}, 409),
    ],
)
def test_what_is_not_theirs_or_not_now_is_refused(
    dashboard: Bot, browser_of: Open, user: str, what: str, form: dict[str, str], status: int
) -> None:
    name, browser = asked(dashboard), browser_of(user)
    before = dashboard.request(name)

    answer = browser.post(f"/requests/{name}/{what}", {**browser.forms("/")["/signout#"], **form})

    assert answer.status_code == status, plain(answer.text)
    after = dashboard.request(name)
    assert (after.questions, after.notes, after.state, after.claim) == (before.questions, 0, State.PENDING, None)


def test_somebody_looks_is_taken_over_from_and_stops(dashboard: Bot, browser_of: Open) -> None:
    name, bob, dan = asked(dashboard), browser_of("U0BOB"), browser_of("U0DAN")

    assert say(bob, name, "look").status_code == 303
    settled(dashboard)
    assert "Bob Bell is looking, until" in plain(dan.get(f"/requests/{name}").text)
    with dashboard.hands("DAN") as hands:
        assert "Looking" in hands.messages("#deploys")[-1].words
    assert "Take over" in dan.get(f"/requests/{name}").text
    assert say(dan, name, "look").status_code == 303
    assert "Stop looking" in dan.get(f"/requests/{name}").text
    assert say(dan, name, "look").status_code == 303

    assert dashboard.request(name).claim is None
    assert dan.decide(name, "approve").status_code == 303


def test_who_asked_adds_a_note_and_withdraws(dashboard: Bot, browser_of: Open) -> None:
    eve, dan = browser_of("U0EVE"), browser_of("U0DAN")
    name = asked_by(eve)
    settled(dashboard)
    assert "Withdraw" not in dan.get(f"/requests/{name}").text

    noted = say(eve, name, "note", text="CAL-7 has the plan")
    taken = say(eve, name, "withdraw")
    settled(dashboard)

    assert (noted.status_code, taken.status_code) == (303, 303)
    assert dashboard.request(name).state is State.WITHDRAWN
    page = plain(dan.get(f"/requests/{name}").text)
    assert "Eve Eade adds: CAL-7 has the plan" in page
    assert say(eve, name, "withdraw").status_code == 409


def test_the_clock_of_a_question_is_told_as_in_slack(dashboard: Bot, browser_of: Open) -> None:
    change(dashboard, prod_deploy_gate={"approval": {"question_pause": "10m"}})
    gate, access = asked(dashboard), asked_by(browser_of("U0EVE"))

    for name in (gate, access):
        case, _ = dashboard.house.requests.load(name)
        assert effect_on_the_clock(case) == questionwords.effect_on_the_clock(case)
        whom = questionwords.who_answers(case).replace("<@U0EVE>", "Eve Eade")
        assert who_answers(case) == whom
        form = questionforms.ask_form(case, dashboard.house.values)
        assert question_goes_to(case) in str(form).replace("<@U0EVE>", "Eve Eade")
    assert "for 10 min at most" in plain(browser_of("U0BOB").get(f"/requests/{gate}").text)
    say(browser_of("U0BOB"), gate, "ask", text="why?")
    assert "The clock is paused until" in plain(browser_of("U0DAN").get(f"/requests/{gate}").text)


@pytest.mark.parametrize("what", ["ask", "answer", "note", "withdraw", "look"])
def test_no_form_of_these_comes_from_elsewhere_or_by_a_get(dashboard: Bot, browser_of: Open, what: str) -> None:
    """Threat 50."""
    name, bob = asked(dashboard), browser_of("U0BOB")
    before = dashboard.request(name)
    form = {**bob.forms("/")["/signout#"], "text": "why?", "nth": "0", "how": "look"}
    theirs = browser_of("U0DAN").forms("/")["/signout#"]["csrf"]

    answers = [bob.post(f"/requests/{name}/{what}", form, **how) for how in ELSEWHERE]
    answers += [bob.post(f"/requests/{name}/{what}", {**form, "csrf": csrf}) for csrf in ("", "x", theirs)]
    answers += [bob.call(method, f"/requests/{name}/{what}?text=why&how=look") for method in ("GET", "HEAD", "PUT")]

    assert [one.status_code for one in answers] == [*[403] * 5, *[415] * 2, *[403] * 3, *[405] * 3]
    assert dashboard.request(name) == before


HOSTILE = '<script>alert(1)</script>"onmouseover="x {{7*7}} </textarea> \u202e'


def test_nothing_that_is_said_is_markup(dashboard: Bot, browser_of: Open) -> None:
    """Threat 49."""
    name, bob, eve = asked(dashboard), browser_of("U0BOB"), browser_of("U0EVE")
    say(bob, name, "ask", text=HOSTILE)
    say(eve, name, "answer", text=HOSTILE)

    for reader in (bob, eve):
        page = reader.get(f"/requests/{name}").text
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert "{{7*7}}" in page
