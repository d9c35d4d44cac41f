"""Socket Mode: the same journeys as over HTTP, with no address that Slack could call."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis

from approvalbot.request.request import State
from approvalbot.workspace.hands import Hands
from tests.bot import CLIENT_SECRET, Bot, running_bot
from tests.dashboard.conftest import Browser
from tests.journeys.test_presses import card_of, told


@pytest.fixture
def bot(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    signing_in = {"slack_client_id": "111.222", "slack_client_secret": CLIENT_SECRET}
    with running_bot(valkey_url, tmp_path, monkeypatch, mode="socket", settings=signing_in) as running:
        with running.hands("BOB") as bob:
            reached(bob)
        yield running


def reached(hands: Hands) -> None:
    hands.wait_for(lambda: hands.verify_bot().ok, timeout_s=15)


def until(holds: Callable[[], bool], within_s: float = 40) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end
        threading.Event().wait(0.02)


def test_an_approval_over_the_socket_settles(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok

    assert bot.request(asked["id"]).state is State.APPROVED


def test_a_form_goes_both_ways_over_the_socket(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.deny").ok
        assert bob.submit({"reason_code": {"reason_code": "too_broad"}, "note": {"note": "only eu-1"}}).ok
        assert bob.modal() is None

    assert bot.request(asked["id"]).state is State.DENIED
    assert bot.request(asked["id"]).decision is not None


def test_a_command_its_form_and_the_form_s_faults_go_over_the_socket(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        assert eve.command("/access", "").ok
        form = eve.modal()
        assert form is not None
        assert form.title == "Request access"
        refused = eve.submit({})
        assert refused.errors
        assert eve.command("/access", "help").ok
        assert "/access list" in told(eve, "#general")


def test_the_home_tab_is_drawn_by_an_event_of_the_socket(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        eve.open_home()
        assert eve.wait_for(eve.home)


def test_a_lost_socket_is_said_and_replaced(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.fault("lost_socket", "block_actions")
        assert not bob.press(card.channel, card.ts, "request.approve").ok
        reached(bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok

    assert bot.request(asked["id"]).state is State.APPROVED
    assert bot.steps(asked["id"]).count("voted") == 1


def test_a_moved_socket_loses_no_press(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.fault("refresh_socket", "block_actions")
        assert bob.press(card.channel, card.ts, "request.approve").ok

    assert bot.request(asked["id"]).state is State.APPROVED


def test_an_envelope_that_comes_twice_counts_once(bot: Bot) -> None:
    asked = bot.aws_escalation()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, "#aws-approvals")
        bob.fault("duplicate", "block_actions")
        assert bob.press(card.channel, card.ts, "request.approve", confirmed=True).ok
        bob.wait_for(lambda: len(bob.traffic("delivery", what="block_actions")) == 2)

    assert bot.steps(asked).count("voted") == 1
    assert "press_refused" not in bot.steps(asked)


def test_readiness_tells_of_the_socket_and_there_is_no_http_door(bot: Bot) -> None:
    assert bot.http.get("/readyz").json()["checks"]["slack_socket"] == {"ok": True, "needed": False}
    assert bot.http.post("/slack/events", content=b"payload={}").status_code == 404


def test_while_no_socket_opens_readiness_and_the_dashboard_say_so(bot: Bot) -> None:
    def socket() -> bool:
        return bool(bot.http.get("/readyz").json()["checks"]["slack_socket"]["ok"])

    told = "Slack does not reach this process: its socket is down."
    with bot.hands("BOB") as bob, httpx.Client(base_url=bot.house.settings.url, trust_env=False) as client:
        browser = Browser(bot, client)
        browser.sign_in("U0BOB")
        assert told not in browser.get("/").text
        bob.fault("error", "apps.connections.open", times=None, error="internal_error")
        bob.fault("lost_socket", "/access")
        bob.command("/access", "help")

        until(lambda: not socket())
        assert bot.http.get("/readyz").status_code == 200
        assert told in browser.get("/").text

        bob.clear_faults()
        until(socket)
