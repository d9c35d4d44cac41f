"""Sign in with Slack, sessions, and their ends, through the door a browser uses."""

from urllib.parse import urlencode, urlsplit

import pytest
from redis import Redis

from approvalbot.dashboard.door import COOKIE, safe_path
from approvalbot.dashboard.signin import PENDING
from approvalbot.store.sessions import ABSOLUTE_S, IDLE_S, Sessions
from approvalbot.store.trail import TrailStore
from tests.bot import Bot
from tests.dashboard.conftest import Browser, Open


def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_back(browser_of: Open) -> None:
    nobody = browser_of("")

    sent = nobody.get("/?show=open")
    answer = nobody.sign_in("U0BOB", where="/?show=open")

    assert (sent.status_code, sent.headers["location"]) == (303, "/signin?next=%2F%3Fshow%3Dopen")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?show=open")
    page = nobody.get("/?show=open")
    assert page.status_code == 200
    assert "Bob Bell" in page.text


def test_a_session_cookie_is_for_this_host_over_tls_and_for_no_script(browser_of: Open) -> None:
    nobody = browser_of("")

    answer = nobody.sign_in("U0BOB")

    (line,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}=")]
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax", f"Max-Age={ABSOLUTE_S}"} <= {
        part.strip() for part in line.split(";")
    }
    assert "Domain" not in line


def test_signing_in_and_out_stands_in_the_trail(dashboard: Bot, browser_of: Open) -> None:
    bob = browser_of("U0BOB")
    bob.post("/signout", bob.forms("/")["/signout#"])

    steps = [one.entry for one in TrailStore(dashboard.house.redis).records() if one.entry["request"] == "signin"]
    assert [(one["what"], one["by"]["key"]) for one in steps] == [("signed_in", "bob"), ("signed_out", "bob")]


def test_signing_out_ends_the_session_and_not_only_the_cookie(browser_of: Open) -> None:
    bob = browser_of("U0BOB")
    held = dict(bob.cookies)

    answer = bob.post("/signout", bob.forms("/")["/signout#"])

    assert answer.headers["location"] == "/signin"
    bob.cookies = held
    assert bob.get("/").status_code == 303


def test_a_planted_session_is_left_behind_at_sign_in(browser_of: Open) -> None:
    """Threat 51: fixation."""
    attacker, victim = browser_of("U0EVE"), browser_of("")
    victim.cookies[COOKIE] = attacker.cookies[COOKIE]

    victim.sign_in("U0BOB")

    assert victim.cookies[COOKIE] != attacker.cookies[COOKIE]
    assert "Bob Bell" in victim.get("/").text
    assert attacker.get("/").status_code == 303, "the planted session is over"


def test_a_sign_in_that_another_browser_began_is_refused(browser_of: Open) -> None:
    """Threat 52: login CSRF. The attacker sends the victim their own callback address."""
    attacker, victim = browser_of(""), browser_of("")
    back = urlsplit(attacker.consent(attacker.begin(), "U0EVE"))

    answer = victim.get(f"{back.path}?{back.query}")

    assert answer.status_code == 403
    assert "was not started here" in answer.text
    assert COOKIE not in victim.cookies


def test_a_callback_counts_once(browser_of: Open) -> None:
    bob = browser_of("")
    back = urlsplit(bob.consent(bob.begin(), "U0BOB"))
    held = dict(bob.cookies)
    assert bob.get(f"{back.path}?{back.query}").status_code == 303

    bob.cookies = held
    assert bob.get(f"{back.path}?{back.query}").status_code == 403


@pytest.mark.parametrize("change", [{"state": "x" * 30}, {"state": ""}, {"code": ""}, {"code": "123.abc"}])
def test_a_changed_callback_signs_nobody_in(browser_of: Open, change: dict[str, str]) -> None:
    bob = browser_of("")
    back = urlsplit(bob.consent(bob.begin(), "U0BOB"))
    query = dict(part.split("=", 1) for part in back.query.split("&")) | change

    answer = bob.get(f"{back.path}?{urlencode(query)}")

    assert answer.status_code == 403
    assert COOKIE not in bob.cookies


def test_a_refusal_of_slack_is_said(browser_of: Open) -> None:
    bob = browser_of("")
    state = bob.begin()["state"]

    answer = bob.get(f"/signin/callback?error=access_denied%3Cb%3E&state={state}")

    assert answer.status_code == 403
    assert "Slack says: access_denied&lt;b&gt;." in answer.text
    assert PENDING not in bob.cookies


@pytest.mark.parametrize(("user", "told"), [("U0GUS", "Only full members"), ("U0OLG", "another Slack workspace")])
def test_guests_and_people_of_other_workspaces_are_not_let_in(browser_of: Open, user: str, told: str) -> None:
    answer = browser_of("").sign_in(user)

    assert answer.status_code == 403
    assert told in answer.text


def test_somebody_who_is_deactivated_is_out_at_their_next_page(dashboard: Bot, browser_of: Open) -> None:
    bob, again = browser_of("U0BOB"), browser_of("U0BOB")
    with dashboard.hands("CAT") as cat:
        cat.set_active("U0BOB", active=False)

    dashboard.house.people.forget("user:U0BOB")

    assert bob.get("/").status_code == 303
    assert again.get("/").status_code == 303


def test_a_session_ends_when_it_is_idle_and_when_it_is_old(dashboard: Bot, browser_of: Open, redis: Redis) -> None:
    bob = browser_of("U0BOB")
    names = [name for name in redis.scan_iter("ab:session:*") if not name.endswith(b":age")]
    assert 0 < int(redis.ttl(names[0])) <= IDLE_S
    assert IDLE_S < int(redis.ttl(names[0] + b":age")) <= ABSOLUTE_S

    redis.delete(names[0] + b":age")

    assert bob.get("/").status_code == 303
    assert not redis.exists(names[0])


def test_the_store_never_holds_what_a_cookie_holds(browser_of: Open, redis: Redis) -> None:
    bob = browser_of("U0BOB")

    held = b"".join(
        name + (redis.get(name) or b"") for name in redis.scan_iter("ab:session*") if redis.type(name) == b"string"
    )

    assert bob.cookies[COOKIE].encode() not in held


def test_all_sessions_of_a_person_end_together(browser_of: Open) -> None:
    one, other = browser_of("U0BOB"), browser_of("U0BOB")

    one.post("/signout", {**one.forms("/")["/signout#"], "everywhere": "yes"})

    assert other.get("/").status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "x" * 200, "a; __Host-approvalbot=b", '"', "../../etc"])
def test_a_cookie_that_is_none_of_ours_is_nobody(browser_of: Open, cookie: str) -> None:
    nobody = browser_of("")
    nobody.cookies[COOKIE] = cookie

    assert nobody.call("GET", "/", headers={}).status_code == 303


def test_of_two_session_cookies_neither_is_believed(browser_of: Open) -> None:
    bob = browser_of("U0BOB")
    two = f"{COOKIE}={bob.cookies[COOKIE]}; {COOKIE}={bob.cookies[COOKIE]}"
    bob.cookies = {}

    assert bob.get("/", headers={"cookie": two}).status_code == 303


def test_renewing_a_session_ends_the_old_token(redis: Redis) -> None:
    sessions = Sessions(redis)
    old = sessions.begin("U0BOB", {"csrf": "c"})

    new = sessions.renew(old, confirmed_at=5)

    assert sessions.find(old) is None
    assert sessions.find(new) == {"csrf": "c", "owner": "U0BOB", "confirmed_at": 5}
    assert sessions.renew("gone") == ""


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/requests/ABC?x=1", "/requests/ABC?x=1"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nset-cookie: x", "/"),
        ("/é", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(text: str, path: str) -> None:
    assert safe_path(text) == path


def test_without_a_client_the_page_says_what_is_missing(bot: Bot) -> None:
    browser = Browser(bot, bot.http)

    page, start = browser.get("/signin"), browser.get("/signin/slack")

    assert page.status_code == 200
    assert "SLACK_CLIENT_ID" in page.text
    assert start.status_code == 403
    assert "docs/dashboard.md" in start.text
