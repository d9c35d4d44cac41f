"""What no HTTP client sends (threat 54): raw bytes to the shipped server, in its own process, and its exact answer."""

import socket
from collections.abc import Iterator

import orjson
import pytest
from starlette.types import Receive, Scope, Send

from approvalbot.cli.demo import TOUR_POLICIES
from approvalbot.cli.stage import Place, Stage, free_port, staged
from approvalbot.web import heads
from approvalbot.web.heads import MOST_HEAD, MOST_HEADERS, Heads
from tests.serving import serving

HOST, CLOSE = b"Host: localhost\r\n", b"Connection: close\r\n"
EVENTS = b"POST /v1/events/deploy-tool HTTP/1.1\r\n" + HOST
ENOUGH_S = 5.0


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    place = Place(tmp_path_factory.mktemp("sockets"), TOUR_POLICIES, free_port(), free_port())
    with staged(place) as running:
        yield running


def said(stage: Stage, sent: bytes) -> bytes:
    """Everything that is answered until the server hangs up."""
    heard = b""
    with socket.create_connection(("127.0.0.1", stage.place.bot_port)) as call:
        call.settimeout(ENOUGH_S)
        call.sendall(sent)
        try:
            while part := call.recv(65_536):
                heard += part
        except ConnectionResetError:
            pass  # It hung up while we were still talking.
    return heard


def told(answer: bytes) -> tuple[int, str]:
    """The status of an answer, and its code where it is a problem."""
    head, _, body = answer.partition(b"\r\n\r\n")
    is_problem = b"application/problem+json" in head
    return int(head.split(b" ", 2)[1]), str(orjson.loads(body)["code"]) if is_problem else ""


BAD, LARGE = (400, "head_invalid"), (431, "head_too_large")

HEADS: dict[str, tuple[bytes, tuple[int, str]]] = {
    "a good one": (b"GET /healthz HTTP/1.1\r\n" + HOST + CLOSE, (200, "")),
    "HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n", (200, "")),
    "HTTP/0.9": (b"GET /healthz\r\n", BAD),
    "HTTP/2.0 in text": (b"GET /healthz HTTP/2.0\r\n" + HOST + CLOSE, BAD),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n", BAD),
    "a handshake of TLS": (bytes.fromhex("16030100c8010000c40303"), BAD),
    "no Host": (b"GET /healthz HTTP/1.1\r\n" + CLOSE, BAD),
    "two Hosts": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n" + CLOSE, BAD),
    "the same Host twice": (b"GET /healthz HTTP/1.1\r\n" + HOST + HOST + CLOSE, BAD),
    "an empty Host": (b"GET /healthz HTTP/1.1\r\nHost:\r\n" + CLOSE, BAD),
    "a Host with a space": (b"GET /healthz HTTP/1.1\r\nHost: a b\r\n" + CLOSE, BAD),
    "a Host with a path": (b"GET /healthz HTTP/1.1\r\nHost: localhost/evil\r\n" + CLOSE, BAD),
    "a Host with a user": (b"GET /healthz HTTP/1.1\r\nHost: me@localhost\r\n" + CLOSE, BAD),
    "a long Host": (b"GET /healthz HTTP/1.1\r\nHost: " + b"a" * 300 + b"\r\n" + CLOSE, BAD),
    "a target of another host": (b"GET http://evil.example/healthz HTTP/1.1\r\n" + HOST + CLOSE, (200, "")),
    "a tunnel": (b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + CLOSE, BAD),
    "a star": (b"OPTIONS * HTTP/1.1\r\n" + HOST + CLOSE, (404, "not_found")),
    "two slashes": (b"GET //evil.example/ HTTP/1.1\r\n" + HOST + CLOSE, (404, "not_found")),
    "a way up": (b"GET /static/../../../etc/passwd HTTP/1.1\r\n" + HOST + CLOSE, (404, "not_found")),
    "an encoded way up": (b"GET /static/%2e%2e%2f%2e%2e%2fetc/passwd HTTP/1.1\r\n" + HOST + CLOSE, (404, "not_found")),
    "broken percents": (b"GET /%zz%%/%00 HTTP/1.1\r\n" + HOST + CLOSE, (404, "not_found")),
    "a space in the target": (b"GET /he althz HTTP/1.1\r\n" + HOST + CLOSE, BAD),
    "letters beyond ASCII": ("GET /é HTTP/1.1\r\n".encode() + HOST + CLOSE, BAD),
    "bytes that are no text": (b"GET /signin?next=\xff HTTP/1.1\r\n" + HOST + CLOSE, BAD),
    "a long target": (b"GET /" + b"a" * (MOST_HEAD + 70_000) + b" HTTP/1.1\r\n" + HOST + CLOSE, LARGE),
    "lines without a return": (b"GET /healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n", BAD),
    "a folded header": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n" + CLOSE, BAD),
    "NUL in a header": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: a\x00b\r\n" + CLOSE, BAD),
    "a lone return in a header": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: a\rb\r\n" + CLOSE, BAD),
    "a header without a colon": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"nonsense\r\n" + CLOSE, BAD),
    "a space before the colon": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X : a\r\n" + CLOSE, BAD),
    "a large header": (b"GET /healthz HTTP/1.1\r\n" + HOST + CLOSE + b"X: " + b"a" * (MOST_HEAD + 9) + b"\r\n", LARGE),
    "many headers": (b"GET /healthz HTTP/1.1\r\n" + HOST + CLOSE + b"X: a\r\n" * MOST_HEADERS, LARGE),
    "as many headers as are taken": (
        b"GET /healthz HTTP/1.1\r\n" + HOST + CLOSE + b"X: a\r\n" * (MOST_HEADERS - 2),
        (200, ""),
    ),
    "NUL in the method": (b"G\x00T / HTTP/1.1\r\n" + HOST + CLOSE, BAD),
    "a method of nobody": (b"BREW /healthz HTTP/1.1\r\n" + HOST + CLOSE, BAD),
    "a long method": (b"A" * 5000 + b" / HTTP/1.1\r\n" + HOST + CLOSE, BAD),
    "a trace": (b"TRACE /healthz HTTP/1.1\r\n" + HOST + CLOSE, (405, "method_not_allowed")),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_has_one_reading_or_is_refused(stage: Stage, name: str) -> None:
    sent, answer = HEADS[name]

    assert told(said(stage, sent + b"\r\n")) == answer


PART, WHOLE = b"Transfer-Encoding: chunked\r\n", b"Content-Length: 2\r\n"
NOBODY = (401, "signature_rejected")

BODIES: dict[str, tuple[bytes, tuple[int, str]]] = {
    "a good one": (WHOLE + CLOSE + b"\r\n{}", NOBODY),
    "in chunks": (PART + CLOSE + b"\r\n2\r\n{}\r\n0\r\n\r\n", NOBODY),
    "chunks and a length": (PART + WHOLE + CLOSE + b"\r\n0\r\n\r\n", BAD),
    "a length and chunks": (WHOLE + PART + CLOSE + b"\r\n0\r\n\r\n", BAD),
    "two lengths": (WHOLE + b"Content-Length: 5\r\n" + CLOSE + b"\r\n{}abc", BAD),
    "the same length twice": (WHOLE + WHOLE + CLOSE + b"\r\n{}", BAD),
    "a list of lengths": (b"Content-Length: 2, 2\r\n" + CLOSE + b"\r\n{}", BAD),
    "a length below nothing": (b"Content-Length: -2\r\n" + CLOSE + b"\r\n{}", BAD),
    "a length with a sign": (b"Content-Length: +2\r\n" + CLOSE + b"\r\n{}", BAD),
    "a length in hex": (b"Content-Length: 0x2\r\n" + CLOSE + b"\r\n{}", BAD),
    "a length beyond numbers": (b"Content-Length: 99999999999999999999999\r\n" + CLOSE + b"\r\n{}", BAD),
    "a length beyond what is taken": (b"Content-Length: 99999999\r\n" + CLOSE + b"\r\n{}", (413, "body_too_large")),
    "another encoding": (b"Transfer-Encoding: identity\r\n" + CLOSE + b"\r\n{}", BAD),
    "an encoding that looks like chunks": (b"Transfer-Encoding: xchunked\r\n" + CLOSE + b"\r\n0\r\n\r\n", BAD),
    "chunks that are not last": (b"Transfer-Encoding: chunked, identity\r\n" + CLOSE + b"\r\n0\r\n\r\n", BAD),
    "chunks behind a space": (b"Transfer-Encoding : chunked\r\n" + CLOSE + b"\r\n0\r\n\r\n", BAD),
    "a chunk of no size": (PART + CLOSE + b"\r\nzz\r\n{}\r\n0\r\n\r\n", BAD),
    "a chunk below nothing": (PART + CLOSE + b"\r\n-1\r\n{}\r\n0\r\n\r\n", BAD),
    "a chunk beyond numbers": (PART + CLOSE + b"\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n", BAD),
    "an expectation that is none": (WHOLE + b"Expect: 200-maybe\r\n" + CLOSE + b"\r\n{}", NOBODY),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_has_one_end_or_is_refused(stage: Stage, name: str) -> None:
    sent, answer = BODIES[name]

    heard = said(stage, EVENTS + sent)

    assert told(heard) == answer
    assert heard.count(b"HTTP/1.1 ") == 1, "what stood behind it was not taken for a call of its own"


STRANGERS = (
    b"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n"
    b"X-Forwarded-Port: 443\r\nX-Forwarded-Prefix: /evil\r\nX-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics\r\n"
    b"X-HTTP-Method-Override: DELETE\r\nForwarded: for=127.0.0.1;host=evil.example;proto=https\r\n"
)


@pytest.mark.parametrize("path", [b"/healthz", b"/signin", b"/", b"/signin/slack", b"/v1/requests"])
def test_nothing_is_believed_that_a_stranger_says_of_proxies(stage: Stage, path: bytes) -> None:
    plain = said(stage, b"GET " + path + b" HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n")
    claimed = said(stage, b"GET " + path + b" HTTP/1.1\r\n" + HOST + STRANGERS + CLOSE + b"\r\n")

    assert told(claimed) == told(plain)
    assert b"evil" not in claimed


@pytest.mark.parametrize("path", [b"/signin?next=%s", b"/signin/slack?next=%s", b"/%s", b"/requests/%s", b"/people/%s"])
@pytest.mark.parametrize(
    "line", [b"%0d%0aSet-Cookie:%20x=1", b"%0aLocation:%20https://evil.example", b"%E5%98%8A%E5%98%8DX:1"]
)
def test_no_line_of_an_address_becomes_a_header(stage: Stage, path: bytes, line: bytes) -> None:
    heard = said(stage, b"GET " + path.replace(b"%s", line) + b" HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n")

    status, _ = told(heard)
    head = heard.partition(b"\r\n\r\n")[0].lower()
    assert status < 500
    assert b"\nset-cookie: x" not in head
    assert b"\nlocation: https://evil" not in head
    assert b"\nx:" not in head


def test_calls_behind_each_other_are_answered_in_their_order(stage: Stage) -> None:
    first = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    heard = said(stage, first + b"GET /nothing HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n")

    assert [part.split(b" ", 1)[0] for part in heard.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404"]


def test_a_call_hidden_in_a_body_is_no_call(stage: Stage) -> None:
    hidden = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
    length = b"Content-Length: %d\r\n" % len(hidden)

    heard = said(stage, b"GET /healthz HTTP/1.1\r\n" + HOST + length + CLOSE + b"\r\n" + hidden)

    assert heard.count(b"HTTP/1.1 ") == 1
    assert told(heard) == (200, "")


def test_a_change_of_protocol_is_not_offered(stage: Stage) -> None:
    key = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    upgrade = b"GET / HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n" + key + b"\r\n"

    assert told(said(stage, upgrade))[0] == 403


def test_a_head_that_never_ends_is_cut_off(stage: Stage) -> None:
    with socket.create_connection(("127.0.0.1", stage.place.bot_port)) as call:
        call.settimeout(ENOUGH_S)
        call.sendall(b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: ")
        for _ in range(3 * MOST_HEAD // 4096):
            try:
                call.sendall(b"a" * 4096)
            except OSError:
                break

        assert told(call.recv(65_536)) == LARGE


def test_a_head_that_is_not_there_in_time_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "WITHIN_S", 0.2)

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    listener = socket.create_server(("127.0.0.1", 0))
    with serving(app, listener, http=Heads), socket.create_connection(listener.getsockname()) as call:
        call.settimeout(ENOUGH_S)
        call.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")

        assert call.recv(100) == b""


def test_after_all_of_it_the_log_has_no_fault(stage: Stage) -> None:
    log = (stage.place.data / "web.log").read_text(encoding="utf-8")

    assert "Traceback" not in log
    assert '"level": "error"' not in log
