"""What the configuration names is fetched whole, from a pinned address, in time, or not at all."""

import socket
import threading

import pytest

from approvalbot.answers.fetching import MOST_FETCHED, Fetcher
from approvalbot.errors import DeliveryFailed
from tests.answers.receiver import answer, receiving


def test_every_status_is_given_with_its_body() -> None:
    for status in (200, 404, 503):
        with receiving(answer(status, b"[1]")) as receiver:
            assert Fetcher(allow_local=True).get(receiver.url, {"authorization": "Token t"}, 5) == (status, b"[1]")
        assert receiver.received[0][0]["authorization"] == "Token t"
        assert receiver.received[0][0]["accept-encoding"] == "identity"


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with receiving(answer(302, location="http://127.0.0.1:1/")) as receiver:
        assert Fetcher(allow_local=True).get(receiver.url, {}, 5)[0] == 302
        assert len(receiver.received) == 1


def test_half_of_a_long_body_is_not_given_for_the_whole() -> None:
    with (
        receiving(answer(200, b"x" * (MOST_FETCHED + 1))) as receiver,
        pytest.raises(DeliveryFailed, match="over 1024 KiB"),
    ):
        Fetcher(allow_local=True).get(receiver.url, {}, 10)
    with receiving(answer(200, b"x" * MOST_FETCHED)) as receiver:
        assert len(Fetcher(allow_local=True).get(receiver.url, {}, 10)[1]) == MOST_FETCHED


def test_a_silent_server_is_given_up_in_time() -> None:
    over = threading.Event()

    def silent(_connection: socket.socket, _body: bytes) -> None:
        over.wait(5)

    with receiving(silent) as receiver:
        with pytest.raises(DeliveryFailed, match="did not answer in"):
            Fetcher(allow_local=True).get(receiver.url, {}, 0.2)
        over.set()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "https://10.0.0.1/x", "https://[::ffff:127.0.0.1]/x"])
def test_an_address_inside_is_not_called(url: str) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        Fetcher(resolve=lambda host, _port: [host]).get(url, {}, 1)

    assert caught.value.code == "address_refused"
