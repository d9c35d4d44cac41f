"""What senders ask before they send, and that asking changes nothing (threat 50)."""

from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.proofs.world import World


def ask(world: World, method: str, source: str, **headers: str) -> httpx.Response:
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return world.bot.http.request(method, f"/v1/events/{source}", headers=written)


def test_oktas_challenge_is_given_back_by_an_okta_source(world: World) -> None:
    for method, body in (("GET", {"verification": "a-b_c.1"}), ("HEAD", None)):
        answer = ask(world, method, "okta", x_okta_verification_challenge="a-b_c.1")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert body is None or answer.json() == body


@pytest.mark.parametrize("source", ["keyed", "pubsub", "fleet", "topic", "grid"])
def test_no_other_source_takes_a_get(world: World, source: str) -> None:
    answer = ask(world, "GET", source, x_okta_verification_challenge="x")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"].startswith("POST")
    assert "verification" not in answer.text


@pytest.mark.parametrize("challenge", ["", "<script>alert(1)</script> ", "x" * 513, "é"])
def test_a_challenge_that_okta_would_not_send_is_not_given_back(world: World, challenge: str) -> None:
    headers = [(b"x-okta-verification-challenge", challenge.strip().encode())] if challenge else []
    answer = world.bot.http.get("/v1/events/okta", headers=headers)

    assert answer.status_code in {200, 400}
    assert answer.headers["content-type"] in {"application/json", "application/problem+json"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert challenge != "x" * 513 or answer.status_code == 400


def test_a_listed_origin_gets_consent_with_the_sources_own_rate(world: World) -> None:
    answer = ask(
        world,
        "OPTIONS",
        "grid",
        webhook_request_origin="EventGrid.azure.net",
        webhook_request_rate="120",
        webhook_request_callback=f"{world.outdoors.url}/callback",
    )

    assert answer.status_code == 200
    assert answer.headers["webhook-allowed-origin"] == "EventGrid.azure.net"
    assert answer.headers["webhook-allowed-rate"] == str(50 * 60)
    assert answer.headers["allow"] == "POST, OPTIONS"
    assert "/callback" not in world.outdoors.asked


@pytest.mark.parametrize(
    ("source", "origin", "status"),
    [
        ("keyed", "eventgrid.azure.net", 405),
        ("okta", "eventgrid.azure.net", 405),
        ("nowhere", "eventgrid.azure.net", 404),
        ("grid", "evil.example", 400),
        ("grid", "eventgrid.azure.net.evil.example", 400),
        ("grid", "", 400),
        ("grid", "*", 400),
        ("grid", "a b", 400),
        ("grid", "https://eventgrid.azure.net", 400),
    ],
)
def test_nobody_else_gets_consent(world: World, source: str, origin: str, status: int) -> None:
    answer = ask(world, "OPTIONS", source, webhook_request_origin=origin)

    assert answer.status_code == status
    assert "webhook-allowed-origin" not in answer.headers


def validation(**changes: Any) -> bytes:
    event = {
        "id": "2d1781af-3a4c-4d7c-bd0c-e34b19da4e66",
        "topic": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
        "subject": "",
        "data": {
            "validationCode": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6",
            "validationUrl": "https://rp-eastus2.example/v",
        },
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "eventTime": "2026-03-03T10:00:00Z",
        "metadataVersion": "1",
        "dataVersion": "1",
    }
    return orjson.dumps([{**event, **changes}])


GRID = {"x-grid-key": "okta-shared-secret", "aeg-event-type": "SubscriptionValidation"}


def test_event_grids_question_is_answered_once_it_is_proven(world: World) -> None:
    answer = world.bot.http.post("/v1/events/grid", content=validation(), headers=GRID)

    assert (answer.status_code, answer.json()) == (200, {"validationResponse": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6"})
    for headers in ({**GRID, "x-grid-key": "guessed"}, {"aeg-event-type": "SubscriptionValidation"}):
        refused = world.bot.http.post("/v1/events/grid", content=validation(), headers=headers)
        assert refused.status_code == 401
        assert "512d38b6" not in refused.text


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b"null",
        b"{",
        b"[1]",
        validation(data=None),
        validation(data={}),
        validation(data={"validationCode": 7}),
        validation(data={"validationCode": "<script>"}),
        validation(eventType="Microsoft.Storage.BlobCreated"),
    ],
)
def test_anything_else_under_that_header_is_refused(world: World, body: bytes) -> None:
    answer = world.bot.http.post("/v1/events/grid", content=body, headers=GRID)

    assert answer.status_code == 400


def test_another_mapping_reads_it_as_an_event(world: World) -> None:
    headers = {"authorization": "Bearer okta-shared-secret", "aeg-event-type": "SubscriptionValidation"}

    answer = world.bot.http.post("/v1/events/keyed", content=validation(), headers=headers)

    assert "validationResponse" not in answer.text


ASKED = ["x-okta-verification-challenge", "webhook-request-origin", "webhook-request-rate", "webhook-request-callback"]
TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=40)


@given(
    st.sampled_from(["GET", "HEAD", "OPTIONS"]),
    st.sampled_from(["okta", "grid", "keyed", "topic", "nowhere", "%00", "a/b"]),
    st.dictionaries(st.sampled_from(ASKED), TEXT.map(str.strip)),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_asking_changes_nothing(world: World, method: str, source: str, headers: dict[str, str]) -> None:
    redis: Any = world.bot.house.redis
    before, asked = redis.dbsize(), len(world.outdoors.asked)
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]

    answer = world.bot.http.request(method, f"/v1/events/{source}", headers=sent)

    assert answer.status_code in {200, 400, 404, 405}
    assert (redis.dbsize(), len(world.outdoors.asked)) == (before, asked)
