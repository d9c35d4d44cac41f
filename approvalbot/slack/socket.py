"""Socket Mode: everything Slack sends, over a WebSocket that we open, for a bot without a public address.

Nothing is signed here. What vouches for an envelope is the line: we opened it over TLS, with the app's own token, to
the address that Slack gave us. Behind it stands what stands behind the gate: a bound on size, a thread within a second
and a half, once, and Bolt, whose listeners check app, team and person as ever.

Slack moves a line about once an hour, with a word of warning. The next one is open before the old one is let go, and
until then both are read, so that no press falls between them. Several processes may each hold a line; Slack sends each
envelope over one of them.
"""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import orjson
from slack_bolt import BoltRequest
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from approvalbot.errors import Unavailable
from approvalbot.log import get_logger
from approvalbot.slack.api import SlackApi, SlackFault
from approvalbot.slack.gate import MOST_BYTES, WAIT_FOR_THREAD_S
from approvalbot.slack.once import Answer, Once
from approvalbot.slack.ports import Notes

log = get_logger("socket")

KINDS = frozenset({"interactive", "slash_commands", "events_api"})

OPEN_WITHIN_S = 5
"""Seconds for a line to open."""

PING_EVERY_S, PING_WITHIN_S = 5, 10
"""Seconds between pings, and for their answer: a line that died without a word is replaced after fifteen at most."""

LOOK_EVERY_S = 0.5
"""Seconds between looks at the line, besides those that its end asks for."""

STEADY_S = 10
"""Seconds after which a line counts as good: one that is lost later is replaced at once."""

LONGEST_GAP_S = 30
"""The longest wait between two attempts. They begin at once and double from a second on: Slack allows about fifty
calls a minute, and every process has its own."""

BEAT_S, BEAT_KEPT_S = 2.0, 15
"""How often a process notes that its line is up, and for how long the note holds; `doctor` reads it."""

SOCKET_UP = "slack-socket"
"""The note's name."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Line:
    """One open WebSocket. `greeted` is true from Slack's hello on, `leaving` once Slack has said goodbye."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.socket: ClientConnection | None = None
        self.tried = threading.Event()
        self.began_at_s = time.monotonic()
        self.greeted = False
        self.leaving = False
        self.ended = False


class SocketDoor:
    """Keeps one line open and answers what comes over it. `api` carries the app-level token.

    `local` admits a line without TLS to this machine, which is where the local workspace is.
    """

    def __init__(self, api: SlackApi, once: Once, notes: Notes, *, threads: int, local: bool = False) -> None:
        self._api = api
        self._once = once
        self._notes = notes
        self._local = local
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="socket")
        self._line: Line | None = None
        self._attempts = 0
        self._not_before_s = 0.0
        self._beat_at_s = 0.0
        self._look = threading.Event()
        self._stopped = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="socket", daemon=True)

    def is_up(self) -> bool:
        """Whether Slack reaches this process now."""
        line = self._line
        return line is not None and line.greeted and not line.ended and not self._stopped.is_set()

    def start(self) -> None:
        """Begin to keep a line open. Slack being away holds nobody up: it is tried again until it is back."""
        self._keeper.start()

    def stop(self) -> None:
        """Let the line go, and wait for what is being answered."""
        self._stopped.set()
        self._look.set()
        self._keeper.join(OPEN_WITHIN_S)
        self._workers.shutdown(wait=True)
        if self._line is not None:
            _close(self._line)

    def _keep(self) -> None:
        while not self._stopped.is_set():
            line = self._line
            if line is None or line.ended or line.leaving:
                self._renew(line)
            elif time.monotonic() - line.began_at_s > STEADY_S:
                self._attempts = 0
            self._beat()
            self._look.wait(LOOK_EVERY_S)
            self._look.clear()

    def _renew(self, before: Line | None) -> None:
        self._attempts += 1
        gap_s = min(LONGEST_GAP_S, 2.0 ** (self._attempts - 2)) if self._attempts > 1 else 0.0
        if self._stopped.wait(max(gap_s, self._not_before_s - time.monotonic())):
            return
        fresh = self._opened()
        if fresh is None:
            return
        self._line = fresh
        if before is not None:
            # The old line waits for its goodbye; nobody else has to.
            threading.Thread(target=_close, args=(before,), daemon=True).start()

    def _opened(self) -> Line | None:
        """A new line, or None with the reason in the log."""
        try:
            url = str(self._api.read("apps.connections.open").get("url", ""))
        except SlackFault as fault:
            self._not_before_s = time.monotonic() + (fault.retry_after_s or 0)
            log.warning("socket not opened", error=fault.error, attempt=self._attempts)
            return None
        if not self._is_safe(url):
            log.error("socket refused: its address is not one over TLS", host=urlsplit(url).hostname)
            return None
        line = Line(url)
        threading.Thread(target=self._read, args=(line,), name="socket-line", daemon=True).start()
        if line.tried.wait(OPEN_WITHIN_S + 1) and line.socket is not None:
            return line
        # Should it open after all, nobody counts on it any more.
        line.leaving = True
        return None

    def _is_safe(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme == "wss" or (self._local and parts.scheme == "ws" and parts.hostname in _LOOPBACK)

    def _read(self, line: Line) -> None:
        """Open a line and read it to its end, in a thread of its own."""
        try:
            with connect(
                line.url,
                open_timeout=OPEN_WITHIN_S,
                ping_interval=PING_EVERY_S,
                ping_timeout=PING_WITHIN_S,
                close_timeout=1,
                max_size=MOST_BYTES,
            ) as socket:
                line.socket = socket
                line.tried.set()
                if not line.leaving:
                    for text in socket:
                        self._took(line, text)
        except (WebSocketException, OSError, ValueError) as fault:
            log.warning("socket lost" if line.socket else "socket not opened", error=type(fault).__name__)
        finally:
            line.ended = True
            line.tried.set()
            self._look.set()

    def _took(self, line: Line, text: str | bytes) -> None:
        """One message off the line: a hello, a goodbye, or an envelope for a thread."""
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            log.warning("socket message not understood")
            return
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "hello":
            line.greeted = True
            log.info("socket open", connections=message.get("num_connections"))
            self._look.set()
        elif kind == "disconnect":
            line.leaving = True
            log.info("socket asked to leave", reason=message.get("reason"))
            self._look.set()
        elif kind in KINDS:
            self._workers.submit(self._answer, line, message, time.monotonic())

    def _answer(self, line: Line, envelope: dict[str, object], came_at_s: float) -> None:
        if time.monotonic() - came_at_s > WAIT_FOR_THREAD_S:
            # Unanswered, Slack tells the person that it did not work; a late answer would tell them nothing.
            log.warning("no thread free for an envelope", kind=envelope.get("type"))
            return
        name, payload = envelope.get("envelope_id"), envelope.get("payload")
        if not isinstance(name, str) or not isinstance(payload, dict):
            log.warning("envelope not understood", kind=envelope.get("type"))
            return
        try:
            answer = self._once.run(BoltRequest(body=payload, mode="socket_mode"), name)
        except Exception as fault:  # outermost edge: Bolt's constructor reads the payload, and raises what that raises
            log.exception("envelope not understood", error=type(fault).__name__)
            return
        if answer.status == 200:
            self._acknowledge(line, _said(name, answer, takes=envelope.get("accepts_response_payload") is True))

    def _acknowledge(self, line: Line, said: str) -> None:
        """Slack takes an acknowledgement by any line of the app, so one that was moved meanwhile loses nothing."""
        for one in (line, self._line):
            try:
                if one is not None and one.socket is not None:
                    one.socket.send(said)
                    return
            except ConnectionClosed:
                continue
        log.warning("envelope not acknowledged: the line is lost")

    def _beat(self) -> None:
        if not self.is_up() or time.monotonic() - self._beat_at_s < BEAT_S:
            return
        self._beat_at_s = time.monotonic()
        try:
            self._notes.remember(SOCKET_UP, "up", "1", keep_s=BEAT_KEPT_S)
        except Unavailable:
            log.warning("store unavailable")


def _said(name: str, answer: Answer, *, takes: bool) -> str:
    """An acknowledgement. Bolt answers in HTTP's form: JSON, or plain text for a command."""
    if not takes or not answer.body:
        return orjson.dumps({"envelope_id": name}).decode()
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    payload = orjson.loads(answer.body) if is_json else {"text": answer.body}
    return orjson.dumps({"envelope_id": name, "payload": payload}).decode()


def _close(line: Line) -> None:
    if line.socket is not None:
        with contextlib.suppress(WebSocketException, OSError):
            line.socket.close()
