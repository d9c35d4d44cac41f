"""Receivers of the trail: a file, a destination of the policies, a syslog server."""

import os
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson

from approvalbot.audit.formats import Form
from approvalbot.errors import DeliveryFailed, SettingsFault
from approvalbot.request.trail import Record

TIMEOUT_S = 10.0
"""Seconds for connecting to a syslog server, and for each write."""

_FACILITY_AUDIT, _NOTICE = 13, 5
"""RFC 5424, tables 1 and 2: log audit, normal but significant."""

LONGEST_DATAGRAM = 8192
"""Bytes of one UDP message: RFC 5426 section 3.2 asks receivers for 2048 and advises 8192. A longer one is refused, not
cut: a cut entry would not verify."""

Post = Callable[[str, Mapping[str, Any], str, datetime], object]
"""Delivers a signed body to a named destination; raises DeliveryFailed."""


class Receiver(Protocol):
    """Somebody who is sent the trail. `name` is what its progress is remembered under."""

    @property
    def name(self) -> str: ...

    def take(self, records: Sequence[Record], now: datetime) -> None:
        """Take these entries, in order, all or none; some may have come before.

        Raises:
            DeliveryFailed: not taken.
        """


@dataclass(frozen=True, slots=True)
class ToFile:
    """Appends lines to a file and waits until the disk has them."""

    path: Path
    form: Form
    origin: str

    @property
    def name(self) -> str:
        return f"file:{self.path}"

    def take(self, records: Sequence[Record], now: datetime) -> None:  # noqa: ARG002 - the port's form
        """Append."""
        try:
            with self.path.open("ab") as file:
                file.writelines(self.form(record, self.origin) + b"\n" for record in records)
                file.flush()
                os.fsync(file.fileno())
        except OSError as fault:
            raise DeliveryFailed("delivery_failed", f"{self.path} was not written: {fault.strerror}.") from fault


@dataclass(frozen=True, slots=True)
class ToDestination:
    """Posts batches, signed by Standard Webhooks, to a destination of the policies."""

    destination: str
    form: Form
    origin: str
    post: Post

    @property
    def name(self) -> str:
        return f"destination:{self.destination}"

    def take(self, records: Sequence[Record], now: datetime) -> None:
        """Post. The delivery's id names the first and the last entry, so that a repeat is known as one."""
        entries = [orjson.loads(self.form(record, self.origin)) for record in records]
        body = {"type": "trail.entries", "timestamp": now.isoformat(), "data": {"entries": entries}}
        self.post(self.destination, body, f"trail-{records[0].number}-{records[-1].number}", now)


@dataclass(frozen=True, slots=True)
class ToSyslog:
    """RFC 5424 messages over UDP, TCP or TLS. Over TCP and TLS each is counted in octets (RFC 6587 section 3.4.1).

    A syslog server acknowledges nothing: what it had read when the connection broke is not known, and comes again.
    """

    transport: str
    host: str
    port: int
    form: Form
    origin: str

    @property
    def name(self) -> str:
        return f"syslog+{self.transport}://{self.host}:{self.port}"

    def take(self, records: Sequence[Record], now: datetime) -> None:  # noqa: ARG002 - the port's form
        """Send."""
        messages = [self._message(record) for record in records]
        try:
            if self.transport == "udp":
                self._datagrams(messages)
            else:
                self._stream(messages)
        except OSError as fault:
            what = fault.strerror or type(fault).__name__
            raise DeliveryFailed("delivery_failed", f"{self.name} was not reached: {what}.") from fault

    def _message(self, record: Record) -> bytes:
        entry = record.entry
        priority = _FACILITY_AUDIT * 8 + _NOTICE
        host = socket.gethostname() or "-"
        header = f"<{priority}>1 {entry['at']} {host[:255]} approvalbot - {str(entry['what'])[:32]} - "
        return header.encode() + self.form(record, self.origin)

    def _datagrams(self, messages: Sequence[bytes]) -> None:
        long = [message for message in messages if len(message) > LONGEST_DATAGRAM]
        if long:
            sentence = f"An entry has {len(long[0])} bytes, more than one datagram holds; use syslog+tcp."
            raise DeliveryFailed("delivery_failed", sentence, final=True)
        family = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_DGRAM)[0][0]
        with socket.socket(family, socket.SOCK_DGRAM) as sent:
            for message in messages:
                sent.sendto(message, (self.host, self.port))

    def _stream(self, messages: Sequence[bytes]) -> None:
        with socket.create_connection((self.host, self.port), TIMEOUT_S) as plain:
            if self.transport == "tcp":
                self._send(plain, messages)
                return
            with ssl.create_default_context().wrap_socket(plain, server_hostname=self.host) as sealed:
                self._send(sealed, messages)

    @staticmethod
    def _send(connection: socket.socket, messages: Sequence[bytes]) -> None:
        connection.sendall(b"".join(b"%d %s" % (len(message), message) for message in messages))


def receiver_of(written: str, form: Form, origin: str, post: Post) -> Receiver:
    """The receiver that `audit ship --to` names: `file:PATH`, `destination:NAME`, `syslog+tcp://host:port`.

    Raises:
        SettingsFault: something else.
    """
    kind, _, rest = written.partition(":")
    if kind == "file" and rest:
        return ToFile(Path(rest), form, origin)
    if kind == "destination" and rest:
        return ToDestination(rest, form, origin, post)
    parts = urlsplit(written)
    transport = parts.scheme.removeprefix("syslog+")
    if parts.scheme.startswith("syslog+") and transport in {"udp", "tcp", "tls"} and parts.hostname:
        return ToSyslog(transport, parts.hostname, parts.port or (6514 if transport == "tls" else 514), form, origin)
    raise SettingsFault(
        f"{written!r} is no receiver.", hint="Write file:PATH, destination:NAME or syslog+udp|tcp|tls://host:port."
    )
