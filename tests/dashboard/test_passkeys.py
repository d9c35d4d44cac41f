"""Step-up: a passkey in a real browser, with a virtual authenticator, and everything that must not pass for one."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from playwright.sync_api import BrowserContext, Page
from redis import Redis

from approvalbot.store.passkeys import INVITED_FOR_S, Passkeys, read_code, shown_code
from approvalbot.store.trail import TrailStore
from approvalbot.workspace.hands import CannotDo
from tests.bot import CLIENT_SECRET, Bot, running_bot
from tests.dashboard.conftest import Browser, Open
from tests.journeys.test_processes import until

STEP_UP = {"aws-admin-escalation": {"approval": {"assurance": "step_up"}}}
SETTINGS = {
    "slack_client_id": "111.222",
    "slack_client_secret": CLIENT_SECRET,
    "approvalbot_admins": "U0CAT",
    "approvalbot_totp": True,
}


@pytest.fixture
def dashboard(redis: Redis, valkey_url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    """A bot whose policy on admins asks for a passkey. It is called by a name: an IP address can have none."""
    with running_bot(
        valkey_url, tmp_path, monkeypatch, changes=STEP_UP, settings=SETTINGS, host="localhost"
    ) as running:
        yield running


def invite(bot: Bot, owner: str) -> str:
    return shown_code(Passkeys(bot.house.redis).invite(owner, by="test"))


def entries(bot: Bot, chain: str) -> list[tuple[str, str]]:
    records = TrailStore(bot.house.redis).records()
    return [(one.entry["what"], one.entry["by"]["slack"]) for one in records if one.entry["request"] == chain]


@pytest.fixture
def page(dashboard: Bot, context: BrowserContext) -> Page:
    """Bob's browser with an authenticator that verifies its user, signed in."""
    opened = context.new_page()
    cdp = context.new_cdp_session(opened)
    cdp.send("WebAuthn.enable")
    cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    opened.goto(dashboard.house.settings.url)
    opened.click("text=Sign in with Slack")
    opened.click("text=Bob Bell")
    opened.wait_for_selector("text=Waiting for you")
    return opened


def enrol(bot: Bot, page: Page, name: str = "laptop") -> None:
    page.goto(f"{bot.house.settings.url}/passkeys")
    page.fill("#code", invite(bot, "U0BOB"))
    page.fill("#name", name)
    page.click("button:has-text('Enrol a passkey')")
    page.wait_for_selector("text=Enrolled.")


@pytest.mark.browser
def test_an_approval_is_confirmed_with_a_passkey_from_the_card_in_slack(dashboard: Bot, page: Page) -> None:
    enrol(dashboard, page)
    name = dashboard.aws_escalation()
    dashboard.settle()

    page.goto(f"{dashboard.house.settings.url}/requests/{name}")
    page.check("input[name='sure']")
    page.click("button:has-text('with passkey')")
    page.wait_for_selector("text=Your approval is counted.")

    (vote,) = dashboard.request(name).votes
    assert vote.by.key == "bob"
    assert vote.confirmed.startswith("passkey ")
    step = next(one.entry for one in TrailStore(dashboard.house.redis).of(name) if one.entry["what"] == "voted")
    assert step["detail"]["confirmed"] == vote.confirmed
    assert ("passkey_enrolled", "U0BOB") in entries(dashboard, "passkeys")
    with dashboard.hands("BOB") as bob:
        assert any("A passkey was enrolled for you: laptop." in one.text for one in bob.direct_messages())


@pytest.mark.browser
def test_a_confirmation_is_for_one_request_and_counts_once(dashboard: Bot, page: Page) -> None:
    enrol(dashboard, page)
    first, second = dashboard.aws_escalation(eventID="one"), dashboard.aws_escalation(eventID="two")
    dashboard.settle()
    url = dashboard.house.settings.url
    page.goto(f"{url}/requests/{first}")
    page.evaluate(
        """() => {
          const form = document.querySelector("form[data-passkey='confirm']");
          form.submit = () => { window.kept = Object.fromEntries(new FormData(form)); };
        }"""
    )
    page.check("input[name='sure']")
    page.click("button:has-text('with passkey')")
    # The page's own policy keeps the browser from polling an expression; asking again and again is as good.
    until(lambda: bool(page.evaluate("window.kept")), 10, "the form is filled in")
    kept = page.evaluate("window.kept")

    def sent(request_id: str) -> int:
        answer = page.request.post(
            f"{url}/requests/{request_id}/decide", form=kept, headers={"origin": url}, max_redirects=0
        )
        return answer.status

    assert sent(second) == 403, "made for another request"
    assert sent(first) == 303
    assert sent(first) in {403, 409}, "used already"
    assert dashboard.request(second).votes == ()


@pytest.mark.browser
def test_an_authenticator_that_did_not_verify_its_user_is_not_enough(dashboard: Bot, context: BrowserContext) -> None:
    opened = context.new_page()
    cdp = context.new_cdp_session(opened)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasUserVerification": False,
        "automaticPresenceSimulation": True,
    }
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    opened.goto(f"{dashboard.house.settings.url}/passkeys")
    opened.click("text=Sign in with Slack")
    opened.click("text=Bob Bell")
    opened.fill("#code", invite(dashboard, "U0BOB"))
    opened.fill("#name", "key")
    opened.click("button:has-text('Enrol a passkey')")
    opened.wait_for_selector("[role='alert']:visible")

    assert Passkeys(dashboard.house.redis).of("U0BOB") == []


def test_nothing_that_slack_sends_approves_what_needs_a_passkey(dashboard: Bot) -> None:
    """Threat 59."""
    name = dashboard.aws_escalation()
    dashboard.settle()

    with dashboard.hands("BOB") as bob:
        card = [one for one in bob.messages("#aws-approvals") if not one.only_you][-1]
        with pytest.raises(CannotDo):
            bob.press(card.channel, card.ts, "request.approve")
        assert bob.press(card.channel, card.ts, "request.page").ok

    assert card.buttons["request.page"] == "Acknowledge with passkey…"
    assert f"{dashboard.house.settings.url}/requests/{name}" in json.dumps(card.raw)
    assert dashboard.request(name).votes == ()


def test_a_session_alone_confirms_nothing_and_enrols_nothing(dashboard: Bot, browser_of: Open) -> None:
    """Threat 59: whoever has taken over a Slack account has a session here, and no more."""
    name = dashboard.aws_escalation()
    dashboard.settle()
    bob = browser_of("U0BOB")
    csrf = bob.forms("/")["/signout#"]["csrf"]
    form = {"csrf": csrf, "choice": "approve", "content": "1", "sure": "yes"}

    plain = bob.post(f"/requests/{name}/decide", form)
    forged = bob.post(f"/requests/{name}/decide", {**form, "assertion": json.dumps({"id": "x"})})
    coded = bob.post(f"/requests/{name}/decide", {**form, "totp": "123456"})
    begun = bob.post("/passkeys/begin", {"csrf": csrf, "code": "AAAAA-AAAAA-AAAAA-AAAAA"}, accept="application/json")
    invited = bob.post("/passkeys/invite", {"csrf": csrf, "person": "U0BOB"})

    assert plain.status_code == 403
    assert "needs your passkey" in plain.text
    assert (forged.status_code, coded.status_code, begun.status_code, invited.status_code) == (403, 403, 403, 403)
    assert begun.json()["code"] == "step_up_refused"
    assert dashboard.request(name).votes == ()
    assert Passkeys(dashboard.house.redis).of("U0BOB") == []


def test_a_code_is_for_its_person_once_and_for_a_day(dashboard: Bot, browser_of: Open, redis: Redis) -> None:
    code = invite(dashboard, "U0BOB")
    eve, bob = browser_of("U0EVE"), browser_of("U0BOB")

    def begin(who: Browser, text: str) -> int:
        form = {"csrf": who.forms("/")["/signout#"]["csrf"], "code": text}
        return who.post("/passkeys/begin", form, accept="application/json").status_code

    assert begin(eve, code) == 403, "somebody else's"
    assert begin(bob, code.lower().replace("-", " ")) == 200, "as it is read aloud"
    (key,) = list(redis.scan_iter("ab:invited:*"))
    assert 0 < int(redis.ttl(key)) <= INVITED_FOR_S
    assert Passkeys(redis).spend(read_code(code))
    assert not Passkeys(redis).spend(read_code(code))
    assert begin(bob, code) == 403
    assert code.replace("-", "").encode() not in b"".join(redis.scan_iter("*")), "the store does not hold it"


def test_an_admin_invites_others_and_never_themselves(dashboard: Bot, browser_of: Open) -> None:
    cat = browser_of("U0CAT")
    csrf = cat.forms("/")["/signout#"]["csrf"]

    made = cat.post("/passkeys/invite", {"csrf": csrf, "person": "bob@example.com"})
    own = cat.post("/passkeys/invite", {"csrf": csrf, "person": "U0CAT"})
    nobody = cat.post("/passkeys/invite", {"csrf": csrf, "person": "nobody@example.com"})

    assert made.status_code == 200
    assert "is not shown again" in made.text
    assert (own.status_code, nobody.status_code) == (403, 400)
    assert ("passkey_invited", "U0BOB") in entries(dashboard, "passkeys")


def test_one_time_codes_confirm_where_they_are_allowed_each_once(dashboard: Bot, browser_of: Open) -> None:
    bob = browser_of("U0BOB")
    csrf, code = bob.forms("/")["/signout#"]["csrf"], invite(dashboard, "U0BOB")
    page = bob.post("/passkeys/totp", {"csrf": csrf, "code": code}).text
    secret = page.split('<code class="big">')[1].split("<")[0]
    totp = pyotp.TOTP(secret)
    wrong = bob.post("/passkeys/totp/finish", {"csrf": csrf, "code": code, "totp": "000000"})
    again = bob.post("/passkeys/totp", {"csrf": csrf, "code": code}).text
    totp = pyotp.TOTP(again.split('<code class="big">')[1].split("<")[0])
    kept = bob.post("/passkeys/totp/finish", {"csrf": csrf, "code": code, "totp": totp.now()})
    name, other = dashboard.aws_escalation(eventID="one"), dashboard.aws_escalation(eventID="two")
    dashboard.settle()

    now = totp.at(time.time())
    good = bob.decide(name, "approve", sure="yes", totp=now)
    used = bob.decide(other, "approve", sure="yes", totp=now)

    assert (wrong.status_code, kept.status_code) == (403, 303)
    assert good.status_code == 303
    assert used.status_code == 403
    assert [vote.confirmed for vote in dashboard.request(name).votes] == ["totp"]
    assert dashboard.request(other).votes == ()
    held = dashboard.house.redis.get(next(iter(dashboard.house.redis.scan_iter("ab:totp:*"))))
    assert secret.encode() not in (held or b""), "the store alone makes no codes"


def test_codes_cannot_be_guessed(dashboard: Bot, browser_of: Open) -> None:
    bob = browser_of("U0BOB")
    Passkeys(dashboard.house.redis).put_totp("U0BOB", "none that opens")
    name = dashboard.aws_escalation()
    dashboard.settle()
    csrf = bob.forms("/")["/signout#"]["csrf"]
    form = {"csrf": csrf, "choice": "approve", "content": "1", "sure": "yes"}

    told = [bob.post(f"/requests/{name}/decide", {**form, "totp": f"{n:06}"}).text for n in range(7)]

    assert "Too many codes were tried." in told[-1]


def test_votes_of_a_time_without_step_up_fall_when_it_is_asked_for(dashboard: Bot) -> None:
    """Law 5: tightening applies at once."""
    from approvalbot.request.lifecycle import open_request, step  # noqa: PLC0415
    from approvalbot.request.moves import Today  # noqa: PLC0415
    from tests.request.makers import ANN, BOB, make_policy, make_request, vote  # noqa: PLC0415
    from tests.request.makers import T0 as NOW  # noqa: PLC0415

    policy = make_policy(quorum=2)
    opened = open_request(make_request(policy), policy, NOW, {}).request
    once = step(opened, policy, vote(ANN), NOW).request
    strict = make_policy(quorum=2, assurance="step_up")
    today = Today(strict.approval, 2, distinct=False)

    change = step(once, policy, vote(BOB, today=today, confirmed="passkey x"), NOW)

    assert [one.by.key for one in change.request.votes] == ["bob"]
    assert change.request.state.value == "pending"
