"""What the doors do when there is too much, or when the store is away."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from redis import Redis

from approvalbot.cli.samples import ADMIN, READ_ONLY
from approvalbot.web.doors import Bucket
from tests.bot import Bot, running_bot

SLOW = {
    "sources": {
        "sources": [
            {
                "name": "aws.cloudtrail",
                "mapping": "aws.cloudtrail",
                "auth": {"type": "header", "header": "x-api-key", "secret": "env:AWS_EVENTS_KEY"},
                "rate": 5,
            },
            {
                "name": "deploy-tool",
                "mapping": "generic",
                "auth": {"type": "standard_webhooks", "secret": "env:DEPLOY_TOOL_SECRET"},
                "may_wait": True,
                "trust_actor": True,
                "on_no_match": "deny",
            },
        ]
    }
}


@pytest.fixture
def slow(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=SLOW) as running:
        yield running


def test_a_flood_is_told_when_to_come_again_and_nothing_accepted_is_lost(slow: Bot) -> None:
    responses = [slow.aws({**ADMIN, "eventID": f"flood-{n}"}) for n in range(30)]

    refused = [one for one in responses if one.status_code == 429]
    assert refused
    assert all(int(one.headers["retry-after"]) >= 1 for one in refused)
    accepted = [one.json()["id"] for one in responses if one.status_code == 202]
    assert len(accepted) + len(refused) == 30
    assert all(slow.request(name) for name in accepted)


def test_a_source_may_want_silence_to_be_a_no(slow: Bot) -> None:
    answer = slow.deploy(target={"environment": "staging"}).json()

    assert answer == {"status": "denied", "allowed": False, "reason_code": "no_match"}


def test_without_its_store_nothing_is_accepted_and_the_source_is_asked_to_come_again(slow: Bot) -> None:
    slow.house.redis.config_set("min-replicas-to-write", 5)
    try:
        for event in (ADMIN, READ_ONLY):
            response = slow.aws(event)
            assert (response.status_code, response.json()["code"]) == (503, "unavailable")
            assert int(response.headers["retry-after"]) >= 1
    finally:
        slow.house.redis.config_set("min-replicas-to-write", 0)

    assert slow.aws(ADMIN).status_code == 202
    assert slow.aws(READ_ONLY).json() == {"status": "no_match"}


def test_readiness_says_what_is_wrong(slow: Bot) -> None:
    ready = slow.http.get("/readyz")

    assert ready.status_code == 200
    assert ready.json()["checks"]["workers"]["ok"] is False, "no worker has been seen, which is said and not fatal"
    assert slow.http.get("/healthz").text == "ok\n"
    assert b"approvalbot_events_total" in slow.http.get("/metrics").content


def test_every_answer_keeps_a_browser_from_making_anything_of_it(slow: Bot) -> None:
    for path in ("/healthz", "/v1/requests", "/nothing", "/"):
        headers = slow.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers


def test_a_bucket_lets_a_rate_through_and_says_when_the_next_fits() -> None:
    now = [0.0]
    bucket = Bucket(20, lambda: now[0])

    assert [bucket.take(1) for _ in range(20)] == [0.0] * 20
    assert bucket.take(1) == pytest.approx(0.05)
    now[0] = 0.5
    assert bucket.take(10) == 0.0
    now[0] = 100.0
    assert bucket.take(1000) == 0.0, "a batch larger than the bucket goes through a full one"
    assert bucket.take(1) > 10


def test_a_burst_of_many_lines_is_one_delivery(slow: Bot) -> None:
    body = b"\n".join(orjson.dumps({"id": f"n{n}", "action": "noise"}) for n in range(900))

    answer = slow.post("deploy-tool", body).json()

    assert (answer["received"], answer["matched"]) == (900, 0)
