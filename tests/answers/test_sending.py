import base64
import json
import socket
import time
from datetime import UTC, datetime

import pytest

from approvalbot.answers.callback import Callbacks
from approvalbot.answers.sending import Destination, Sender, retry_after_s
from approvalbot.errors import DeliveryFailed
from approvalbot.grants.granter import Providers
from approvalbot.grants.webhook import WebhookGrants
from approvalbot.sources.proof import Proof, verify
from tests.answers.receiver import answer, receiving

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
KEY = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
NEW = "whsec_" + base64.b64encode(b"fedcba9876543210fedcba9876543210").decode()


def sender(total_s: float = 5) -> Sender:
    return Sender(allow_local=True, total_s=total_s)


def test_a_delivery_is_signed_with_every_key_and_verifies_with_each() -> None:
    with receiving(answer(200)) as receiver:
        response = sender().post(
            Destination("ci", receiver.url, (KEY, NEW)), {"type": "request.approved"}, "R:1:0", NOW
        )

    ((headers, body),) = receiver.received
    assert response.status == 200
    assert json.loads(body) == {"type": "request.approved"}
    assert headers["webhook-id"] == "R:1:0"
    for key in (KEY, NEW):
        assert verify(Proof("standard_webhooks", (key,)), headers, body, NOW) == 0


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500, 503])
def test_anything_but_a_2xx_is_a_failure_and_no_redirect_is_followed(status: int) -> None:
    with receiving(answer(status, location="http://127.0.0.1:1/")) as receiver:
        with pytest.raises(DeliveryFailed) as caught:
            sender().post(Destination("ci", receiver.url), {}, "k", NOW)
        assert len(receiver.received) == 1

    assert not caught.value.final
    assert caught.value.answered == status


def test_a_receiver_that_is_gone_is_not_asked_again() -> None:
    with receiving(answer(410)) as receiver, pytest.raises(DeliveryFailed) as caught:
        sender().post(Destination("ci", receiver.url), {}, "k", NOW)

    assert caught.value.final


def test_a_busy_receiver_says_when_to_come_again() -> None:
    with receiving(answer(429, retry_after="7")) as receiver, pytest.raises(DeliveryFailed) as caught:
        sender().post(Destination("ci", receiver.url), {}, "k", NOW)

    assert caught.value.retry_after_s == 7


@pytest.mark.parametrize(
    ("header", "seconds"), [("2.5", 2.5), ("-3", 0), ("x", None), ("", None), ("nan", None), ("1e9", 86400)]
)
def test_a_retry_after_is_read_with_care(header: str, seconds: float | None) -> None:
    assert retry_after_s(header) == seconds


def test_a_slow_drip_is_cut_off_in_time() -> None:
    def drip(connection: socket.socket, _body: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        end = time.monotonic() + 4
        connection.settimeout(0.05)
        while time.monotonic() < end:
            connection.sendall(b"x")
            try:
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                continue

    with receiving(drip) as receiver:
        began = time.monotonic()
        with pytest.raises(DeliveryFailed, match="did not answer"):
            sender(total_s=1).post(Destination("ci", receiver.url), {}, "k", NOW)
        assert time.monotonic() - began < 2.5


def test_a_flood_of_an_answer_is_read_only_to_its_cap() -> None:
    with receiving(answer(200, b"x" * 3_000_000)) as receiver:
        response = sender().post(Destination("ci", receiver.url), {}, "k", NOW)

    assert len(response.body) == 64 * 1024


def test_nobody_listening_is_a_failure_to_try_again() -> None:
    with pytest.raises(DeliveryFailed) as caught:
        sender().post(Destination("ci", "http://127.0.0.1:1/"), {}, "k", NOW)

    assert not caught.value.final


def test_a_destination_that_left_the_configuration_is_tried_again_later() -> None:
    with pytest.raises(DeliveryFailed) as caught:
        Callbacks(sender(), lambda _name: None).deliver("ci", {}, "k", NOW)

    assert not caught.value.final


ORDER = {"request_id": "R", "parameters": {"to": "grants"}}


def providers(url: str) -> Providers:
    def post(_to: str, body: object, key: str, now: datetime) -> tuple[int, bytes]:
        response = sender().post(Destination("grants", url, (KEY,)), body, key, now)  # type: ignore[arg-type]
        return response.status, response.body

    return Providers({"webhook": lambda: WebhookGrants(post)})


def test_a_grant_is_started_and_ended_by_signed_deliveries_under_fixed_keys() -> None:
    with receiving(answer(200, b'{"ref": "sess-42"}')) as receiver:
        granter = providers(receiver.url)
        assert granter.start("webhook", ORDER, "R:grant", NOW) == "sess-42"
        granter.end("webhook", ORDER, "R:grant", NOW)

    kinds = [json.loads(body)["type"] for _, body in receiver.received]
    assert kinds == ["grant.start", "grant.end"]
    assert [headers["webhook-id"] for headers, _ in receiver.received] == ["R:grant:start", "R:grant:end"]


@pytest.mark.parametrize(("status", "final"), [(403, True), (422, True), (500, False), (503, False)])
def test_a_refused_start_is_final_and_a_broken_one_is_not(status: int, final: bool) -> None:
    with receiving(answer(status)) as receiver, pytest.raises(DeliveryFailed) as caught:
        providers(receiver.url).start("webhook", ORDER, "R:grant", NOW)

    assert caught.value.final is final


def test_a_grant_without_a_destination_or_with_an_unknown_provider_is_refused_for_good() -> None:
    for provider, order in (("webhook", {"parameters": {}}), ("teleporter", ORDER)):
        with pytest.raises(DeliveryFailed) as caught:
            providers("http://127.0.0.1:1/").start(provider, order, "k", NOW)
        assert caught.value.final
