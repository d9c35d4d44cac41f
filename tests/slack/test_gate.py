import hashlib
import hmac
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis
from slack_bolt import BoltRequest, BoltResponse
from starlette.applications import Starlette
from starlette.routing import Route

from approvalbot.errors import SettingsFault
from approvalbot.slack.gate import Gate
from approvalbot.slack.once import Once
from approvalbot.store.guards import Guards
from tests.serving import serving

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
ACTION = {"type": "block_actions", "user": {"id": "U1"}, "actions": [{"action_id": "x", "value": "1"}]}


class Bolt:
    """Stands where Bolt does, behind the gate, and keeps what reached it."""

    def __init__(self) -> None:
        self.seen: list[BoltRequest] = []

    def dispatch(self, request: BoltRequest) -> BoltResponse:
        self.seen.append(request)
        return BoltResponse(status=200, body=f"answer {len(self.seen)}")


@pytest.fixture
def bolt() -> Bolt:
    return Bolt()


@pytest.fixture
def door(redis: Redis, bolt: Bolt) -> Iterator[httpx.Client]:
    gate = Gate(SECRET, Once(bolt.dispatch, Guards(redis)), time.time, threads=4)
    app = Starlette(routes=[Route("/slack/events", gate.answer, methods=["POST"])])
    with serving(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def sign(body: bytes, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.digest(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hex()
    return {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest}",
        "content-type": "application/x-www-form-urlencoded",
    }


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


BODY = form(payload='{"type":"block_actions","actions":[]}')


def test_what_slack_signed_goes_through(door: httpx.Client, bolt: Bolt) -> None:
    response = door.post("/slack/events", content=BODY, headers=sign(BODY))

    assert (response.status_code, response.text) == (200, "answer 1")
    assert len(bolt.seen) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"x-slack-signature": ""},
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": "v0=" + "0" * 63},
        {"x-slack-signature": b"v0=\xff\xfe"},
        {"x-slack-request-timestamp": "abc"},
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": "9" * 5000},
        {"x-slack-request-timestamp": "1.5"},
        {"x-slack-request-timestamp": "-1"},
    ],
)
def test_malformed_headers_are_refused_before_anything_is_parsed(
    door: httpx.Client, bolt: Bolt, change: dict[str, str]
) -> None:
    response = door.post("/slack/events", content=BODY, headers={**sign(BODY), **change})

    assert (response.status_code, response.content) == (401, b"")
    assert bolt.seen == []


@pytest.mark.parametrize(
    "body",
    [b"payload=[]", b"payload=null", b"payload=1", b"payload={", b"payload=" + b"[" * 100_000, b"\xff\xfe", b"{", b""],
)
def test_unsigned_junk_is_refused_and_signed_junk_is_no_fault_of_ours(
    door: httpx.Client, bolt: Bolt, body: bytes
) -> None:
    unsigned = door.post("/slack/events", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    signed = door.post("/slack/events", content=body, headers=sign(body))

    assert unsigned.status_code == 401
    assert signed.status_code < 500


@pytest.mark.parametrize("offset_s", [303, -303, 86_400])
def test_an_old_signature_is_refused(door: httpx.Client, offset_s: int) -> None:
    assert door.post("/slack/events", content=BODY, headers=sign(BODY, time.time() + offset_s)).status_code == 401
    assert door.post("/slack/events", content=BODY, headers=sign(BODY, time.time() - 290)).status_code == 200


def test_a_second_header_of_a_kind_is_refused(door: httpx.Client) -> None:
    headers = [*sign(BODY).items(), ("x-slack-signature", "v0=" + "0" * 64)]

    assert door.post("/slack/events", content=BODY, headers=headers).status_code == 401


def test_the_same_bytes_again_get_the_first_answer_and_do_nothing(door: httpx.Client, bolt: Bolt) -> None:
    headers = sign(BODY)

    answers = {door.post("/slack/events", content=BODY, headers=headers).text for _ in range(20)}

    assert answers == {"answer 1"}
    assert len(bolt.seen) == 1


def test_headers_that_could_steer_bolt_are_taken_off(door: httpx.Client, bolt: Bolt) -> None:
    steering = {"x-slack-bolt-lazy-only": "1", "X-Slack-Bolt-Lazy-Function-Name": "approve"}

    door.post("/slack/events", content=BODY, headers={**sign(BODY), **steering})

    assert not [name for name in bolt.seen[0].headers if "bolt" in name.lower()]


def test_a_body_over_the_limit_is_refused_whether_or_not_it_says_so(door: httpx.Client, bolt: Bolt) -> None:
    big = b"x" * (1024 * 1024 + 1)

    def chunks() -> Iterator[bytes]:
        yield from (big[start : start + 65_536] for start in range(0, len(big), 65_536))

    assert door.post("/slack/events", content=big, headers=sign(big)).status_code == 413
    assert door.post("/slack/events", content=chunks(), headers=sign(big)).status_code == 413
    assert bolt.seen == []


def test_slacks_certificate_check_is_answered(door: httpx.Client, bolt: Bolt) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}

    assert door.post("/slack/events", content=b"ssl_check=1&token=x", headers=headers).status_code == 200
    assert bolt.seen == []


def test_the_same_trigger_signed_anew_reaches_bolt_once(door: httpx.Client, bolt: Bolt) -> None:
    body = form(payload='{"type":"block_actions","trigger_id":"12.34.ab","actions":[]}')

    first = door.post("/slack/events", content=body, headers=sign(body))
    again = door.post("/slack/events", content=body, headers=sign(body, at=time.time() - 5))

    assert (first.text, again.text) == ("answer 1", "answer 1")
    assert len(bolt.seen) == 1


def test_an_event_that_slack_sends_again_is_handled_once(door: httpx.Client, bolt: Bolt) -> None:
    body = b'{"type":"event_callback","event_id":"Ev1","event":{"type":"user_change"}}'

    for retry in (0, 60):
        signed = {**sign(body, at=time.time() - retry), "content-type": "application/json"}
        assert door.post("/slack/events", content=body, headers=signed).status_code == 200

    assert len(bolt.seen) == 1


def test_an_empty_signing_secret_does_not_start(redis: Redis, bolt: Bolt) -> None:
    for secret in ("", "  "):
        with pytest.raises(SettingsFault):
            Gate(secret, Once(bolt.dispatch, Guards(redis)), time.time, threads=4)


names = st.sampled_from(["x-slack-request-timestamp", "x-slack-signature", "other"])


@given(st.dictionaries(names, st.text()), st.binary())
@settings(max_examples=300)
def test_arbitrary_headers_never_verify_and_never_raise(headers: dict[str, str], body: bytes) -> None:
    gate = Gate(SECRET, Once(Bolt().dispatch, None), time.time, threads=1)  # type: ignore[arg-type]

    assert not gate.verifies(headers, body, dict.fromkeys(headers, 1))
