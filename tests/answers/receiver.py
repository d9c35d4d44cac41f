"""A receiver of deliveries, as kind or as hostile as a test needs it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Behave = Callable[[socket.socket, bytes], None]


class Receiver:
    """What arrived, and where to send."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook"
        self.received: list[tuple[dict[str, str], bytes]] = []


def answer(status: int, body: bytes = b"{}", **headers: str) -> Behave:
    def behave(connection: socket.socket, _body: bytes) -> None:
        lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", "connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return behave


@contextmanager
def receiving(behave: Behave) -> Iterator[Receiver]:
    """A server on loopback that reads one request a connection and answers by `behave`."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    receiver = Receiver(listener.getsockname()[1])
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                try:
                    receiver.received.append(_read(connection))
                    behave(connection, receiver.received[-1][1])
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield receiver
    finally:
        stop.set()
        thread.join()
        listener.close()


def _read(connection: socket.socket) -> tuple[dict[str, str], bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    headers = {}
    for line in head.decode().split("\r\n")[1:]:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return headers, body
