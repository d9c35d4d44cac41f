"""A lean HTTP/1.1 client on one event loop: many connections kept open, one call at a time on each.

A full client costs more per call than the server it measures. This one knows what our servers send, a status line and a
Content-Length, and nothing else.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

CRLF = b"\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer; `sent_at` and `at` are seconds of the machine's monotonic clock."""

    status: int
    body: bytes
    sent_at: float
    at: float

    @property
    def took_s(self) -> float:
        return self.at - self.sent_at


def call(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """The bytes of one call."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + CRLF * 2 + body


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answer: asyncio.Future[Answered] | None = None
        self._sent_at = 0.0
        self._lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, wire: bytes) -> "asyncio.Future[Answered]":
        """Send one call; the answer comes by the future.

        Raises:
            ConnectionResetError: the server has hung up; uvicorn does after 5 s without a call.
        """
        if self._transport is None or self._lost:
            raise ConnectionResetError("the server has hung up")
        self._answer = asyncio.get_running_loop().create_future()
        self._sent_at = time.monotonic()
        self._transport.write(wire)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(CRLF * 2)
        if end < 0:
            return
        length = _length_of(bytes(self._buffer[: end + 2]).lower())
        whole = end + 4 + length
        if len(self._buffer) >= whole and self._answer is not None:
            status, body = int(self._buffer[9:12]), bytes(self._buffer[end + 4 : whole])
            del self._buffer[:whole]
            self._answer.set_result(Answered(status, body, self._sent_at, time.monotonic()))

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server hung up"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _length_of(head: bytes) -> int:
    start = head.find(_LENGTH)
    return int(head[start + len(_LENGTH) : head.find(CRLF, start)]) if start >= 0 else 0


async def connect(port: int) -> Line:
    """A new connection to a server of this machine."""
    _, line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", port)
    return line


async def call_all(port: int, wires: Iterable[bytes], connections: int) -> tuple[list[Answered], float]:
    """Make every call, over as many connections at once; gives the answers and the seconds all of it took."""
    lines = [await connect(port) for _ in range(connections)]
    remaining = iter(wires)
    begun = time.monotonic()
    try:
        parts = await asyncio.gather(*(_drain(line, remaining) for line in lines))
        return [one for part in parts for one in part], time.monotonic() - begun
    finally:
        for line in lines:
            line.close()


async def _drain(line: Line, wires: Iterator[bytes]) -> list[Answered]:
    return [await line.ask(wire) for wire in wires]
