"""The home tab: what it shows, that its buttons decide as a card's do, and that it follows what changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from redis import Redis

from approvalbot.request.request import State
from approvalbot.store import keys
from approvalbot.wiring.homes import draw_due, make_home
from approvalbot.workspace.hands import Form, Hands
from tests.bot import SIGNING_SECRET, Bot, running_bot
from tests.journeys.holding import FORM, OWNERS, held
from tests.journeys.test_away import away
from tests.journeys.test_mute import say
from tests.slack.test_gate import sign

HIGH = {"prod-deploy-gate": {"severity": "high", "approval": {"assurance": "step_up"}}}


@pytest.fixture
def changes() -> dict[str, Any]:
    return OWNERS


@pytest.fixture
def bot(
    redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> Iterator[Bot]:
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=changes) as running:
        yield running


def home(hands: Hands) -> Form:
    """The tab, opened now."""
    before = _hash(hands)
    hands.open_home()
    hands.wait_for(lambda: _hash(hands) != before)
    found = hands.home()
    assert found is not None
    return found


def _hash(hands: Hands) -> str:
    return str((hands._call("GET", "home")["view"] or {}).get("hash", ""))


def drawn(bot: Bot, hands: Hands, words: str) -> Form:
    """The tab once it says so: the press itself draws it, a worker does after what others did."""
    hands.wait_for(lambda: words in str(hands.home()))
    found = hands.home()
    assert found is not None
    assert words in found.words
    return found


def followed(bot: Bot) -> int:
    """What a worker draws once the time to collect is over."""
    for name in bot.names(keys.HOMES_DUE):
        bot.house.redis.zadd(keys.HOMES_DUE, {name: 1})
    return draw_due(bot.house, make_home(bot.house))


def deploy(bot: Bot, number: int = 1, **event: Any) -> str:
    name = str(bot.deploy(id=f"deploy-{number}", sha=f"sha-{number}", **event).json()["id"])
    bot.settle()
    return name


def test_what_waits_is_decided_on_the_tab_and_vanishes_from_it(bot: Bot) -> None:
    first, second = deploy(bot, 1), deploy(bot, 2, resource={"id": "acme/pay"})
    with bot.hands("BOB") as bob:
        view = home(bob)
        assert view.words.index(first[:6]) < view.words.index(second[:6]), "the oldest deadline first"
        assert "Eve Eade wants to deploy acme/shop" in view.words
        assert "sha-1" in view.words, "nobody decides here on less than the card shows"

        assert bob.press_home("request.approve", block_id=f"home.{first}").ok
        drawn(bot, bob, "you said yes, approved")
        assert bot.request(first).state is State.APPROVED
        assert f"home.{first}" not in str(bob.home())

        assert bob.press_home("request.deny", block_id=f"home.{second}").ok
        form = bob.wait_for(bob.modal)
        assert form is not None
        assert bob.submit({"reason_code": {"reason_code": "not_now"}}).ok
        bot.settle()
        followed(bot)
        view = drawn(bot, bob, "you said no, denied")
        assert "Nothing waits for you. Last you decided *Production deploy*" in view.words


def test_a_press_on_the_tab_that_does_not_count_says_why(bot: Bot) -> None:
    name = deploy(bot)
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        home(bob)
        card = dan.messages("#deploys")[-1]
        assert dan.press(card.channel, card.ts, "request.approve").ok
        assert bot.request(name).state is State.APPROVED

        bob.press_home("request.approve", block_id=f"home.{name}")
        answer = bob.wait_for(bob.modal)
        assert answer is not None
        assert "Already approved by <@U0DAN>" in answer.words
        assert "Nothing waits for you" in drawn(bot, bob, "Nothing waits for you").words


def test_somebody_who_left_the_group_sees_and_decides_nothing_by_an_old_tab(bot: Bot) -> None:
    name = deploy(bot)
    with bot.hands("BOB") as bob:
        home(bob)
        bob.set_group("S0SERVICEOWNERS", ["U0DAN"])

        bob.press_home("request.approve", block_id=f"home.{name}")

        answer = bob.wait_for(bob.modal)
        assert answer is not None
        assert "You can see this request but not decide it" in answer.words
    assert bot.request(name).state is State.PENDING
    assert "press_refused" in bot.steps(name)


@pytest.mark.parametrize("changes", [HIGH])
def test_a_passkey_is_asked_for_on_the_tab_as_on_the_card(bot: Bot) -> None:
    name = deploy(bot)
    with bot.hands("BOB") as bob:
        view = home(bob)

        assert "Approve with passkey…" in str(view)
        assert f"{bot.house.settings.url}/requests/{name}" in str(view)
        assert "Severity high" in view.words


@pytest.mark.parametrize("changes", [{"prod-deploy-gate": {"severity": "high"}}])
def test_what_is_severe_asks_once_more(bot: Bot) -> None:
    name = deploy(bot)
    with bot.hands("BOB") as bob:
        home(bob)
        assert "Approve this?" in str(bob._call("GET", "home")["view"])

        assert bob.press_home("request.approve", block_id=f"home.{name}", confirmed=True).ok
        assert bot.request(name).state is State.APPROVED


def test_a_button_of_a_tab_that_is_not_ours_decides_nothing(bot: Bot) -> None:
    name = deploy(bot)
    request = bot.request(name)
    value = bot.house.values.write(name, request.content)
    with bot.hands("BOB") as bob:
        home(bob)
    for view in ({"type": "home", "app_id": "A0OTHER"}, {"type": "modal", "app_id": "A0APPROVE"}, {"type": "home"}):
        assert forged(bot, "U0BOB", value, view) == 200
    assert bot.request(name).votes == ()
    assert bot.steps(name).count("press_refused") == 3


def forged(bot: Bot, slack: str, value: str, view: dict[str, Any]) -> int:
    """A signed press as Slack would send it from a view; gives the HTTP status."""
    payload = {
        "type": "block_actions",
        "team": {"id": "T0ACME"},
        "user": {"id": slack, "team_id": "T0ACME"},
        "api_app_id": "A0APPROVE",
        "trigger_id": f"forged-{view}",
        "container": {"type": "view"},
        "view": {"id": "V1", **view},
        "actions": [{"action_id": "request.approve", "block_id": "b", "type": "button", "value": value}],
    }
    body = urlencode({"payload": orjson.dumps(payload).decode()}).encode()
    return bot.http.post("/slack/events", content=body, headers=sign(body, secret=SIGNING_SECRET)).status_code


def test_own_requests_are_taken_back_and_access_is_kept_on_the_tab(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        held(bot, eve, dan)
        eve.command("/access", "request prod-database")
        assert eve.submit({**FORM, "input.database": {"database": "payments"}}).ok
        bot.settle()
        (name,) = bot.names("ab:in:pending")
        view = home(eve)
        assert "Your requests" in view.words
        assert "Your access" in view.words
        assert "left" in view.words

        assert eve.press_home("request.withdraw", block_id=f"mine.{name}").ok
        assert bot.request(name).state is State.WITHDRAWN
        assert "withdrawn" in drawn(bot, eve, "withdrawn").words


def test_what_one_may_ask_for_opens_the_form_with_it_chosen(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        view = home(eve)
        assert "You may ask for" in view.words

        assert eve.press_home("home.request", block_id="ask.prod-database").ok
        form = eve.wait_for(eve.modal)

    assert form is not None
    assert form.title == "Request access"
    assert "Asks @service-owners" in form.words


def test_the_settings_say_who_one_is_and_what_one_said(bot: Bot) -> None:
    away(bot, "BOB", "until 2h delegate @dan")
    say(bot, "BOB", "mute @eve for 1h")
    deploy(bot)
    with bot.hands("BOB") as bob:
        view = home(bob)
        assert "You are away until" in view.words
        assert "<@U0DAN> stands in" in view.words
        assert "You have muted <@U0EVE>" in view.words
        assert "known as bob@example.com, AWS bob" in view.words
        assert "1 of people you muted" in view.words
        assert "Eve Eade wants" not in view.words

        assert bob.press_home("home.back").ok
        assert "You are not away" in drawn(bot, bob, "You are not away").words


def test_a_tab_that_was_opened_lately_follows_what_others_do(bot: Bot) -> None:
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        home(bob)
        name = deploy(bot)
        assert bot.names(keys.HOMES_DUE) == ["U0BOB"], "nobody else has opened a tab"
        assert followed(bot) == 1
        assert name[:6] in drawn(bot, bob, name[:6]).words

        card = dan.messages("#deploys")[-1]
        assert dan.press(card.channel, card.ts, "request.approve").ok
        bot.settle()
        followed(bot)
        assert name[:6] not in drawn(bot, bob, "Nothing waits for you").words
        assert followed(bot) == 0, "several changes are one drawing"


def test_a_tab_is_not_drawn_before_its_time_nor_when_nothing_on_it_changed(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        home(bob)
        before = bob._call("GET", "home")["view"]["hash"]
        deploy(bot)
        assert draw_due(bot.house, make_home(bot.house)) == 0, "changes are collected first"
        followed(bot)
        after = bob._call("GET", "home")["view"]["hash"]
        assert after != before

        bot.house.journey.homes.changed(["U0BOB"])
        followed(bot)
        assert bob._call("GET", "home")["view"]["hash"] == after


def test_slack_saying_stop_puts_the_others_off_and_loses_none(bot: Bot) -> None:
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        home(bob)
        home(dan)
        deploy(bot)
        bob.fault("rate_limited", "views.publish", retry_after="30")

        followed(bot)

        assert sorted(bot.names(keys.HOMES_DUE)) == ["U0BOB", "U0DAN"]


def test_what_does_not_fit_is_counted_and_a_tab_never_has_more_than_a_hundred_blocks(bot: Bot) -> None:
    for number in range(30):
        deploy(bot, number, resource={"id": f"acme/shop-{number}"}, changes={f"file-{n}": "x" * 50 for n in range(9)})
    with bot.hands("BOB") as bob:
        view = home(bob)

        assert "18 more in" in view.words
        assert len(bob._call("GET", "home")["view"]["blocks"]) <= 100


def test_more_than_two_hundred_open_requests_hide_none_from_whom_it_waits(bot: Bot) -> None:
    """The list once looked at the newest 200 of all open requests alone."""
    name = deploy(bot)
    bot.house.redis.zadd("ab:in:pending", {f"{number:020}": 9_999_999_999_999 + number for number in range(300)})

    with bot.hands("BOB") as bob:
        assert name[:6] in home(bob).words


def test_a_guest_is_told_that_only_members_decide(bot: Bot) -> None:
    with bot.hands("GUS") as gus:
        assert "Only full members of this workspace can decide" in home(gus).words


def test_a_broken_policy_file_and_a_silent_worker_are_said(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        assert "No worker is running" in home(bob).words

        bot.house.redis.set(keys.AUDITOR, "9999999999")
        (bot.house.settings.approvalbot_policies / "all.yaml").write_text("version: 2\n", encoding="utf-8")
        bot.house.keeper.reload()
        make_home(bot.house).publish("U0BOB")
        view = drawn(bot, bob, "newest policy files have a fault")
        assert "No worker is running" not in view.words
