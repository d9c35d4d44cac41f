"""Shipping: every entry comes to its receiver, in order, at least once, whatever fails in between."""

import socket
import socketserver
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis import Redis

from approvalbot.audit.formats import FORMS, as_json_line
from approvalbot.audit.receivers import Post, ToDestination, ToFile, ToSyslog, receiver_of
from approvalbot.audit.shipping import BATCH, Shipper
from approvalbot.errors import DeliveryFailed, SettingsFault
from approvalbot.request.trail import Record
from tests.audit.kept import ORIGIN, Trail, days_ago


@pytest.fixture
def kept(redis: Redis) -> Trail:
    return Trail(redis)


@dataclass
class Collector:
    """A receiver that fails when it is told to."""

    name: str = "collector"
    failing: int = 0
    taken: list[int] = field(default_factory=list)

    def take(self, records: Sequence[Record], now: datetime) -> None:  # noqa: ARG002 - the port's form
        if self.failing:
            self.failing -= 1
            raise DeliveryFailed("delivery_failed", "It did not answer.")
        self.taken += [record.number for record in records]


def test_everything_is_shipped_in_order_and_once_when_nothing_fails(kept: Trail) -> None:
    for name in range(BATCH + 5):
        kept.note(n=str(name))
    collector = Collector()
    shipper = Shipper(kept.trail, kept.checkpoints, collector)

    assert [shipper.ship(), shipper.ship(), shipper.ship()] == [BATCH, 5, 0]
    assert collector.taken == list(range(1, BATCH + 6))


def test_a_shipper_that_starts_anew_goes_on_where_the_last_one_was(kept: Trail) -> None:
    kept.note()
    collector = Collector()
    Shipper(kept.trail, kept.checkpoints, collector).ship()
    kept.note()

    Shipper(kept.trail, kept.checkpoints, collector).ship()

    assert collector.taken == [1, 2]


def test_what_was_not_taken_comes_again_and_nothing_is_missing_after(kept: Trail) -> None:
    """Threat 61: the receiver is down for a while."""
    collector = Collector(failing=3)
    shipper = Shipper(kept.trail, kept.checkpoints, collector)
    waits: list[float] = []

    def wait(delay_s: float) -> bool:
        waits.append(delay_s)
        if len(kept.trail.heads()) == 0 or kept.trail.total() < 4:
            kept.note()
        return len(collector.taken) == 4

    shipper.run(wait)

    assert collector.taken == [1, 2, 3, 4]
    assert [delay for delay in waits if delay] == [1.0, 2.0, 5.0], "it waits longer each time"


def test_a_receiver_that_lacks_entries_holds_up_the_cut_until_it_is_forgotten(kept: Trail) -> None:
    kept.ask("A")
    kept.seal(days_ago(500))
    shipper = Shipper(kept.trail, kept.checkpoints, Collector(failing=1))
    with pytest.raises(DeliveryFailed):
        shipper.ship()
    kept.checkpoints.note_shipped("collector", 1)
    receivers = kept.checkpoints.receivers()

    assert kept.retention.cut(days_ago(400), shipped=min(receivers.values())) is None
    assert kept.checkpoints.forget_receiver("collector")
    assert kept.checkpoints.receivers() == {}
    assert kept.retention.cut(days_ago(400)) is not None


def records_of(kept: Trail) -> list[Record]:
    kept.ask("A")
    return list(kept.trail.records())


def test_a_file_gets_a_line_for_each_entry(kept: Trail, tmp_path: Path) -> None:
    receiver = ToFile(tmp_path / "trail.jsonl", as_json_line, ORIGIN)
    records = records_of(kept)

    receiver.take(records[:2], days_ago(0))
    receiver.take(records[2:], days_ago(0))

    lines = (tmp_path / "trail.jsonl").read_bytes().splitlines()
    assert [orjson.loads(line)["number"] for line in lines] == [1, 2, 3]
    with pytest.raises(DeliveryFailed, match="was not written"):
        ToFile(tmp_path, as_json_line, ORIGIN).take(records, days_ago(0))


def test_a_destination_gets_signed_batches_that_name_their_first_and_last_entry(kept: Trail) -> None:
    sent: list[Any] = []

    def post(to: str, body: Any, key: str, now: datetime) -> None:
        sent.append((to, body, key))

    ToDestination("siem", FORMS["ocsf"], ORIGIN, post).take(records_of(kept), days_ago(0))

    ((to, body, key),) = sent
    assert (to, key, body["type"]) == ("siem", "trail-1-3", "trail.entries")
    assert [one["metadata"]["sequence"] for one in body["data"]["entries"]] == [1, 2, 3]


class Syslog(socketserver.ThreadingTCPServer):
    """Reads octet-counted messages (RFC 6587)."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.done = threading.Event()
        super().__init__(("127.0.0.1", 0), self._handler())

    def _handler(server) -> type[socketserver.StreamRequestHandler]:  # noqa: N805 - the handler's own self is inside
        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while length := b"".join(iter(lambda: self.rfile.read(1).strip(), b"")):
                    server.messages.append(self.rfile.read(int(length)))
                server.done.set()

        return Handler


@pytest.fixture
def syslog() -> Iterator[Syslog]:
    with Syslog() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_syslog_over_tcp_counts_its_octets(kept: Trail, syslog: Syslog) -> None:
    records = records_of(kept)

    ToSyslog("tcp", "127.0.0.1", syslog.server_address[1], as_json_line, ORIGIN).take(records, days_ago(0))

    assert syslog.done.wait(10)
    assert len(syslog.messages) == 3
    header, _, body = syslog.messages[0].partition(b" - {")
    assert header.startswith(b"<109>1 ")
    assert header.split()[-1] == b"opened"
    assert orjson.loads(b"{" + body)["number"] == 1


def test_syslog_over_udp_sends_a_datagram_for_each_and_refuses_what_does_not_fit(kept: Trail) -> None:
    records = records_of(kept)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        receiver = ToSyslog("udp", "127.0.0.1", server.getsockname()[1], as_json_line, ORIGIN)

        receiver.take(records, days_ago(0))

        assert [server.recv(65_536)[:7] for _ in records] == [b"<109>1 "] * 3
        long = Record(4, "", {**records[0].entry, "detail": {"reason": "x" * 9000}})
        with pytest.raises(DeliveryFailed, match=r"use syslog\+tcp"):
            receiver.take([long], days_ago(0))


def test_a_syslog_server_that_is_not_there_is_a_failed_delivery(kept: Trail) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(DeliveryFailed, match="was not reached"):
        ToSyslog("tcp", "127.0.0.1", port, as_json_line, ORIGIN).take(records_of(kept), days_ago(0))


def nowhere() -> Post:
    return lambda *_: None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("file:/var/log/trail.jsonl", "file:/var/log/trail.jsonl"),
        ("destination:siem", "destination:siem"),
        ("syslog+tcp://log.example.com", "syslog+tcp://log.example.com:514"),
        ("syslog+tls://log.example.com", "syslog+tls://log.example.com:6514"),
        ("syslog+udp://127.0.0.1:5514", "syslog+udp://127.0.0.1:5514"),
    ],
)
def test_a_receiver_is_named_by_where_it_is(written: str, name: str) -> None:
    assert receiver_of(written, as_json_line, ORIGIN, nowhere()).name == name


@pytest.mark.parametrize("written", ["", "file:", "destination:", "https://x", "syslog://x", "syslog+tcp://", "x"])
def test_what_is_no_receiver_is_refused_with_what_to_write(written: str) -> None:
    with pytest.raises(SettingsFault, match="Write file:PATH, destination:NAME or syslog"):
        receiver_of(written, as_json_line, ORIGIN, nowhere())
