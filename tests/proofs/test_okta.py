"""Okta's event hooks: a shared secret in a header, and the one-time challenge."""

import orjson
import pytest

from tests.proofs.world import World

SECRET = "okta-shared-secret"


def hook(number: int) -> bytes:
    event = {"uuid": f"u{number}", "eventType": "deploy.requested", "published": "2026-03-03T21:10:00.000Z"}
    return orjson.dumps({"eventType": "com.okta.event_hook", "data": {"events": [event]}})


def test_a_hook_with_its_secret_or_the_one_before_opens_a_request(world: World) -> None:
    for number, secret in enumerate((SECRET, "the-secret-before")):
        answer = world.post("okta", hook(number), authorization=secret)
        assert (answer.status_code, answer.json()["status"]) == (202, "pending"), answer.text
    assert world.post("okta-named", hook(7), x_hook_key=SECRET).status_code == 202


@pytest.mark.parametrize(
    "given",
    ["", SECRET[:-1], f"{SECRET}x", SECRET.upper(), f"Bearer {SECRET}", f"{SECRET},{SECRET}", "é", "x" * 20_000],
)
def test_a_hook_without_the_secret_is_refused_in_the_same_words(world: World, given: str) -> None:
    headers = [(b"authorization", given.encode())] if given else []

    answer = world.bot.http.post("/v1/events/okta", content=hook(99), headers=headers)

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


def test_a_secret_that_stands_twice_is_none(world: World) -> None:
    for pair in ((SECRET, SECRET), ("wrong", SECRET), (SECRET, "wrong")):
        headers = [("authorization", one) for one in pair]
        assert world.bot.http.post("/v1/events/okta", content=hook(98), headers=headers).status_code == 401


def test_deliveries_under_the_previous_key_are_counted(world: World) -> None:
    def counted() -> float:
        lines = world.bot.http.get("/metrics").text.splitlines()
        found = (one for one in lines if one.startswith('approvalbot_previous_keys_total{source="keyed"}'))
        return float(next(found, "0 0").split()[-1])

    before = counted()

    assert world.post("keyed", world.event(), authorization=f"Bearer {SECRET}").status_code == 202
    assert counted() == before
    assert world.post("keyed", world.event(), authorization="Bearer the-secret-before").status_code == 202
    assert counted() == before + 1
