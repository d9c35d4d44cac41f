"""Inputs that made a door break (threats 24 to 27, 33): every answer is a 2xx or a 4xx, and nothing is half done."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from approvalbot.cli.samples import ADMIN
from approvalbot.request.request import State
from approvalbot.store.requests import RequestStore
from tests.bot import SIGNING_SECRET, Bot
from tests.journeys.test_presses import card_of

WIDE = b"123456789012345678901234567890"


def wide(event: dict[str, Any]) -> bytes:
    """The event with an integer that no 64 bits hold."""
    return orjson.dumps({**event, "count": 7}).replace(b'"count":7', b'"count":' + WIDE)


@pytest.mark.parametrize("wrapped", [b"[%s]", b'{"Records":[%s]}', b"%s", b"%s\n%s"])
def test_an_integer_beyond_64_bits_is_taken_however_it_comes(bot: Bot, wrapped: bytes) -> None:
    event = wide(ADMIN)
    content = wrapped.replace(b"%s", event)

    response = bot.http.post(
        "/v1/events/aws.cloudtrail", content=content, headers={"x-api-key": "the-key-of-the-audit-log"}
    )

    assert response.status_code == 202, response.text
    (asked,) = bot.names("ab:in:pending")
    with bot.hands("ANN") as ann:
        card = card_of(bot, ann, "#aws-approvals")
        assert ann.choose(card, "Full details").ok
        form = ann.modal()
    assert form is not None
    assert WIDE.decode() in form.words, "approvers see the number as it came"
    assert bot.request(asked).state is State.PENDING


def test_a_page_of_nothing_is_empty_and_has_no_next(bot: Bot) -> None:
    bot.deploy()

    page = bot.http.get("/v1/requests?limit=0", headers=bot.bearer())

    assert page.status_code == 200
    assert page.json() == {"requests": [], "next_cursor": None}


def test_a_key_in_another_spelling_is_another_key(bot: Bot) -> None:
    asked = bot.deploy().json()["id"]
    real = bot.bearer()["authorization"]
    for forged in (real.lower(), real + "=", real[:-1], "Bearer", "Basic " + base64.b64encode(b"a:b").decode()):
        said = bot.http.get(f"/v1/requests/{asked}", headers={"authorization": forged})
        assert said.status_code == 401
        assert "allowed" not in said.text


def test_how_old_an_approval_is_is_said_by_the_stores_clock_alone(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = bot.deploy().json()["id"]
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok
    monkeypatch.setattr(RequestStore, "now", lambda _: datetime.now(UTC) + timedelta(days=1, minutes=1))

    used = bot.http.post(f"/v1/requests/{asked}/consume", headers=bot.bearer())

    assert (used.status_code, used.json()["code"]) == (409, "not_approved")


@pytest.mark.parametrize("actions", ["[]", "{}", "null", "5", "[null]", "[{}]"])
def test_a_signed_press_without_its_usual_parts_is_no_fault_of_ours(bot: Bot, actions: str) -> None:
    payload = f'{{"type":"block_actions","user":{{"id":"U0BOB"}},"team":{{"id":"T0ACME"}},"actions":{actions}}}'
    body = f"payload={quote(payload)}".encode()
    stamp = str(int(datetime.now(UTC).timestamp()))
    signature = hmac.new(SIGNING_SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={signature}",
    }

    assert bot.http.post("/slack/events", content=body, headers=headers).status_code < 500
