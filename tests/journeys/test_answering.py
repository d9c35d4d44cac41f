"""A deployment that waits at GitHub is answered there, and an entitlement's receivers hear of the access itself."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis import Redis

from approvalbot.request.lifecycle import step
from approvalbot.request.moves import Wake
from approvalbot.request.request import State
from tests.actions.standin import Say, StandIn
from tests.bot import AWS_KEY, Bot
from tests.journeys.following import SECRET, Vendor, deny, following
from tests.journeys.test_access import FORM
from tests.journeys.test_presses import card_of

Parts = tuple[Bot, Vendor, StandIn, StandIn]
RUN = "/repos/acme/shop/actions/runs/4242/deployment_protection_rule"


@pytest.fixture
def parts(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    with following(valkey_url, tmp_path, monkeypatch) as held:
        yield held


def deployment(bot: Bot, at: StandIn, delivery: str = "d1", **changes: Any) -> str:
    """GitHub asks, signed as it documents; gives the request's id."""
    event = {
        "action": "requested",
        "environment": "production",
        "event": "push",
        "deployment_callback_url": f"{at.url}{RUN}",
        "deployment": {"id": 1, "creator": {"login": "eve-acme"}, "sha": "4f2c9e1b"},
        "repository": {"id": 77, "full_name": "acme/shop", "owner": {"login": "acme"}},
        "installation": {"id": 555},
        "sender": {"login": "eve-acme"},
        **changes,
    }
    body = orjson.dumps({key: value for key, value in event.items() if value is not None})
    signature = hmac.digest(AWS_KEY.encode(), body, hashlib.sha256).hex()
    headers = {
        "x-hub-signature-256": f"sha256={signature}",
        "x-github-event": "deployment_protection_rule",
        "x-github-delivery": delivery,
        "content-type": "application/json",
    }
    answer = bot.http.post("/v1/events/github.webhook", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def said(at: StandIn) -> list[dict[str, Any]]:
    return [one.json() for one in at.got if one.path == RUN]


def test_an_approval_lets_the_deployment_through_and_the_card_says_that_github_was_told(parts: Parts) -> None:
    bot, _, at, _ = parts
    asked = deployment(bot, at)
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok
        bot.settle()
        assert "GitHub is told: approved." in card_of(bot, bob).words

    assert said(at) == [{"environment_name": "production", "state": "approved", "comment": "Approved by Bob Bell"}]
    assert at.got[0].headers["authorization"] == f"Bearer {SECRET}"
    assert bot.request(asked).acted[0].state == "done"


def test_a_denial_rejects_it(parts: Parts) -> None:
    bot, _, at, _ = parts
    deployment(bot, at)
    with bot.hands("BOB") as bob:
        deny(bot, bob, "#deploys", note="not on a Friday")

    assert said(at) == [
        {
            "environment_name": "production",
            "state": "rejected",
            "comment": "Denied by Bob Bell: suspicious: not on a Friday",
        }
    ]


def test_silence_rejects_it_and_says_that_nobody_acted(parts: Parts) -> None:
    bot, _, at, _ = parts
    asked = deployment(bot, at)
    bot.settle()
    case, now = bot.house.requests.load(asked)
    late = step(case.request, case.terms, Wake(), now + timedelta(minutes=6))
    assert late.request.state is State.EXPIRED
    # The store's own clock has not come so far: the change is committed as if it had.
    assert bot.house.requests.commit(type(late)(late.request, late.expected, late.entries, late.effects))
    bot.carrier.effects.extend(one.id for one in bot.house.outbox.soonest(50))
    bot.settle()

    assert said(at) == [
        {
            "environment_name": "production",
            "state": "rejected",
            "comment": "Nobody acted in time, so there is no approval",
        }
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"deployment_callback_url": "https://evil.example.com" + RUN}, "on no host of a github provider"),
        ({"deployment_callback_url": None}, "deployment_callback_url has no value in this event"),
        ({"environment": "production", "repository": {"id": 9, "full_name": "acme/other"}}, "of the repository"),
        ({"repository": None}, "and the event of"),
    ],
)
def test_an_address_that_is_not_the_events_own_is_never_called(parts: Parts, changes: dict[str, Any], why: str) -> None:
    bot, _, at, _ = parts
    asked = deployment(bot, at, **changes)
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.approve")
        bot.settle()
        assert any(why in one.words for one in bob.messages("#general")), "the owner must hear of it"

    assert at.got == []
    assert bot.request(asked).acted[0].state == "failed"
    assert bot.request(asked).allowed, "people said yes; that GitHub does not know is another matter"


def test_a_github_that_redirects_is_not_followed(parts: Parts) -> None:
    bot, vendor, at, siem = parts
    deployment(bot, at)
    vendor.answers = [("/repos", Say(307, None, {"location": f"{siem.url}/stolen"}))]
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.approve")
        bot.settle()
        assert "Redirects are not followed" in card_of(bot, bob).words

    assert siem.got == []


def ask(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        eve.command("/access", "request prod-database")
        assert eve.submit(FORM).ok
    bot.settle()


def test_receivers_of_an_entitlement_hear_when_the_access_is_there(parts: Parts) -> None:
    bot, _, _, siem = parts
    ask(bot)
    with bot.hands("DAN") as dan:
        card = card_of(bot, dan, "#access-requests")
        assert siem.got == []
        dan.press(card.channel, card.ts, "request.approve")
        bot.settle()

    (told,) = [one.json() for one in siem.got]
    assert told["type"] == "request.active"
    assert told["data"]["policy_status"] == "opened"
    assert told["data"]["with"] == {"who": "eve@example.com", "database": "shop", "for_s": 900}


def test_access_that_could_not_be_given_tells_nobody_that_it_was(parts: Parts) -> None:
    bot, _, _, siem = parts
    ask(bot)
    with bot.hands("DAN") as dan:
        card = card_of(bot, dan, "#access-requests")
        dan.service_answers("grants", status=403, times=1)
        dan.press(card.channel, card.ts, "request.approve")
        bot.settle()

    assert siem.got == []


def test_receivers_of_an_entitlement_hear_of_a_denial_with_its_reason(parts: Parts) -> None:
    bot, _, _, siem = parts
    ask(bot)
    with bot.hands("DAN") as dan:
        deny(bot, dan, "#access-requests", note="use the replica")

    (told,) = [one.json()["data"] for one in siem.got]
    assert (told["status"], told["policy_status"]) == ("denied", "refused")
    assert told["with"] == {"why": "use the replica", "asked": "the stuck order queue"}
