"""Events at the door: every form they come in, and every form they must not."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from approvalbot.answers.sending import signed
from approvalbot.cli.samples import ADMIN, READ_ONLY, enveloped
from approvalbot.store import keys
from tests.bot import KEY, Bot
from tests.slack.test_card import texts


def with_id(record: dict[str, Any], event_id: str) -> dict[str, Any]:
    return {**record, "eventID": event_id}


def opened(bot: Bot) -> int:
    return int(bot.house.redis.zcard(keys.in_state("pending")))


def test_a_raw_record_an_envelope_and_a_list_of_one_are_the_same_event(bot: Bot) -> None:
    answers = [bot.aws(form).json() for form in (ADMIN, enveloped(ADMIN), {"Records": [ADMIN]})]

    assert answers[0] == answers[1] == answers[2]
    assert opened(bot) == 1


def test_a_match_is_accepted_with_everything_a_caller_needs(bot: Bot) -> None:
    response = bot.deploy()

    body = response.json()
    assert response.status_code == 202
    assert response.headers["location"] == f"/v1/requests/{body['id']}"
    assert response.headers["retry-after"] == "1"
    assert body["status"] == "pending"
    assert body["wait_url"] == f"{body['url']}?wait=30"
    assert datetime.fromisoformat(body["expires_at"]) > datetime.now(UTC) + timedelta(minutes=4)


def test_what_concerns_no_policy_is_said_so_and_is_no_yes(bot: Bot) -> None:
    response = bot.aws(READ_ONLY)

    assert (response.status_code, response.json()) == (200, {"status": "no_match"})
    assert opened(bot) == 0


def test_a_batch_answers_each_event_in_order(bot: Bot) -> None:
    records = [with_id(ADMIN, "b1"), with_id(READ_ONLY, "b2"), with_id(ADMIN, "b3"), {"not": "an event"}]

    lines = b"\n".join(orjson.dumps(one) for one in records)
    for body in (orjson.dumps(records), lines, orjson.dumps({"Records": records})):
        response = bot.http.post("/v1/events/aws.cloudtrail", content=body, headers={"x-api-key": bot_key(bot)})
        answer = response.json()
        assert response.status_code == 202, answer
        assert (answer["received"], answer["matched"]) == (4, 2)
        assert [one["status"] for one in answer["results"]] == ["pending", "no_match", "pending", "refused"]
        assert answer["results"][3]["code"] == "event_invalid"
    assert opened(bot) == 2


def test_a_thousand_redeliveries_open_one_request(bot: Bot) -> None:
    body = orjson.dumps([ADMIN] * 1000)

    answer = bot.http.post("/v1/events/aws.cloudtrail", content=body, headers={"x-api-key": bot_key(bot)}).json()

    assert {one["id"] for one in answer["results"]} == {answer["results"][0]["id"]}
    assert opened(bot) == 1


def test_the_same_id_with_another_body_is_a_conflict_whether_or_not_it_matched(bot: Bot) -> None:
    bot.aws(ADMIN)
    bot.aws(READ_ONLY)

    for changed in ({**ADMIN, "sourceIPAddress": "203.0.113.9"}, {**READ_ONLY, "awsRegion": "eu-west-1"}):
        response = bot.aws(changed)
        assert (response.status_code, response.json()["code"]) == (409, "event_id_reused")
    assert opened(bot) == 1


def test_an_event_whose_identity_was_forgotten_meanwhile_still_finds_its_request(bot: Bot) -> None:
    first = bot.aws(ADMIN).json()
    for key in bot.house.redis.keys(f"{keys.PREFIX}seen:*"):
        bot.house.redis.delete(key)

    assert bot.aws(ADMIN).json() == first
    for key in bot.house.redis.keys(f"{keys.PREFIX}seen:*"):
        bot.house.redis.delete(key)
    assert bot.aws({**ADMIN, "sourceIPAddress": "203.0.113.9"}).json()["code"] == "event_id_reused"
    assert opened(bot) == 1


def test_a_new_event_is_opened_without_looking_it_up_first(bot: Bot) -> None:
    """Two steps in the store: remember, which also tells the time, and open. Each step more is paid by every event."""
    bot.aws(ADMIN)
    bot.house.redis.config_resetstat()

    for number in range(5):
        assert bot.aws(with_id(ADMIN, f"new-{number}")).status_code == 202

    calls = {name: told["calls"] for name, told in bot.house.redis.info("commandstats").items()}
    assert calls["cmdstat_evalsha"] == 10
    assert calls["cmdstat_time"] == 15, "within the scripts, twice in the one that opens, and nowhere else"


def test_the_time_of_a_request_is_the_store_s_own(bot: Bot) -> None:
    before = bot.house.requests.now()

    names = [bot.aws(ADMIN).json()["id"]]
    names += [one["id"] for one in bot.aws([with_id(ADMIN, f"many-{number}") for number in range(3)]).json()["results"]]

    times = [bot.request(name).opened_at for name in names]
    assert before <= times[0] <= times[1] <= times[-1] <= bot.house.requests.now()


def test_an_idempotency_key_stands_for_an_event_without_an_id(bot: Bot) -> None:
    body = {"action": "deploy.requested", "actor": {"id": "eve@example.com"}, "target": {"environment": "production"}}

    first = bot.post("deploy-tool", orjson.dumps(body), **{"idempotency-key": "run-7"}).json()
    again = bot.post("deploy-tool", orjson.dumps(body), **{"idempotency-key": "run-7"}).json()
    other = bot.post("deploy-tool", orjson.dumps({**body, "x": 1}), **{"idempotency-key": "run-7"})

    assert first == again
    assert other.status_code == 409


def bot_key(bot: Bot) -> str:
    return bot.environment["AWS_EVENTS_KEY"]


BAD_BODIES: dict[str, bytes] = {
    "empty": b"",
    "no json": b"{",
    "a number": b"1",
    "a text": b'"x"',
    "null": b"null",
    "an empty list": b"[]",
    "utf-16": json.dumps(ADMIN).encode("utf-16"),
    "not utf-8": b'{"a":"\xff"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "nan": b'{"eventSource":"a","eventName":"b","x":NaN}',
    "infinity": b'{"eventSource":"a","eventName":"b","x":1e999}',
    "a duplicate key": b'{"eventSource":"a","eventName":"b","eventName":"c"}',
    "65 levels": b'{"eventSource":"a","eventName":"b","x":' + b"[" * 65 + b"]" * 65 + b"}",
    "100,000 levels": b"[" * 100_000,
    "half a surrogate": b'{"eventSource":"a","eventName":"\\ud800"}',
    "a nul": b'{"eventSource":"a","eventName":"\\u0000"}',
    "5,000 digits": b'{"eventSource":"a","eventName":"b","x":' + b"9" * 5000 + b"}",
    "no event of this source": b'{"hello":"world"}',
}


@pytest.mark.parametrize("name", list(BAD_BODIES))
def test_a_body_that_cannot_be_read_is_refused_with_what_is_wrong(bot: Bot, name: str) -> None:
    response = bot.http.post("/v1/events/aws.cloudtrail", content=BAD_BODIES[name], headers={"x-api-key": bot_key(bot)})

    body = response.json()
    if name == "an empty list":
        assert (response.status_code, body["received"]) == (200, 0)
        return
    assert response.status_code == 400, body
    assert response.headers["content-type"] == "application/problem+json"
    assert body["code"] in {"body_invalid", "event_invalid"}
    assert len(body["detail"]) > 10
    assert opened(bot) == 0


def test_bodies_over_the_limits_are_refused(bot: Bot) -> None:
    big = {**ADMIN, "padding": "x" * 300_000}

    single = bot.aws(big)
    batch = bot.http.post(
        "/v1/events/aws.cloudtrail", content=b"[" + b" " * 9_000_000 + b"]", headers={"x-api-key": bot_key(bot)}
    )

    assert (single.status_code, single.json()["code"]) == (413, "body_too_large")
    assert batch.status_code == 413


def test_a_missing_wrong_old_or_malformed_proof_is_401_and_nothing_is_parsed(bot: Bot) -> None:
    body = orjson.dumps({"action": "deploy.requested"})
    old = signed((KEY,), "m", datetime.now(UTC) - timedelta(minutes=6), body)
    wrong = signed(("whsec_" + base64.b64encode(b"x" * 32).decode(),), "m", datetime.now(UTC), body)
    malformed = {**signed((KEY,), "m", datetime.now(UTC), body), "webhook-signature": "v1,,"}

    for headers in ({}, old, wrong, malformed, {"authorization": "Bearer nope"}):
        for content in (body, b"{", b"\xff"):
            response = bot.http.post("/v1/events/deploy-tool", content=content, headers=headers)
            assert (response.status_code, response.json()["code"]) == (401, "signature_rejected")


def test_another_sources_key_opens_no_door(bot: Bot) -> None:
    response = bot.http.post("/v1/events/aws.cloudtrail", json=ADMIN, headers={"x-api-key": KEY})

    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("path", ["/v1/events/nobody", "/v1/events/..%2f..%2fetc", "/v1/events/a%00b", "/v1/nothing"])
def test_an_unknown_source_or_route_is_404(bot: Bot, path: str) -> None:
    response = bot.http.post(path, json={}, headers={"x-api-key": bot_key(bot)})

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_a_wrong_method_is_405(bot: Bot) -> None:
    assert bot.http.get("/v1/events/deploy-tool").status_code == 405
    assert bot.http.delete("/v1/requests/x").status_code == 405


def test_two_policies_that_match_open_one_request_each_under_one_id(bot: Bot) -> None:
    body = {
        "id": "both",
        "action": "deploy.requested",
        "actor": {"id": "eve@example.com"},
        "resource": {"id": "acme/shop"},
        "target": {"environment": "production"},
        "also": "watched",
    }

    answer = bot.post("deploy-tool", orjson.dumps(body)).json()

    assert [one["policy"] for one in answer["requests"]] == ["prod-deploy-gate", "second-look"]
    url = f"/v1/requests/{answer['id']}"
    assert bot.http.get(url, headers=bot.bearer()).json()["status"] == "pending"
    with bot.hands("BOB") as bob:
        bot.settle()
        first, second = [one for one in bob.messages("#deploys") if not one.only_you]
        bob.press(first.channel, first.ts, "request.approve")
        assert bot.http.get(url, headers=bot.bearer()).json()["status"] == "pending"
        bob.press(second.channel, second.ts, "request.deny")
        bob.submit({"reason_code": {"reason_code": "not_now"}})
    found = bot.http.get(url, headers=bot.bearer()).json()
    assert (found["status"], found["allowed"]) == ("denied", False)


def test_nothing_an_event_says_becomes_a_key_a_channel_or_an_approver(bot: Bot) -> None:
    hostile = "x:y*{z}\n#general <!channel> @sec-oncall U0BOB ab:deadlines"

    answer = bot.deploy(id=hostile, actor={"id": hostile, "name": hostile}, resource={"id": hostile}).json()
    bot.settle()

    names = [name if isinstance(name, str) else name.decode() for name in bot.house.redis.keys("*")]
    assert not [name for name in names if "\n" in name or "general" in name]
    with bot.hands("BOB") as bob:
        (card,) = [one for one in bob.messages("#deploys") if not one.only_you]
        assert not [one for one in bob.messages("#general") if "deploy" in one.words]
    assert not [text for kind, text in texts(card.blocks) if kind == "mrkdwn" and "<!channel>" in text]
    assert "<!channel>" not in card.text
    assert bot.request(answer["id"]).filled == {}
