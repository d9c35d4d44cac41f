"""Kubernetes as its API reference documents it: a pod is looked up, and deleted under its own uid."""

import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from approvalbot.actions.kubernetes import delete_pod
from approvalbot.actions.order import Provider
from approvalbot.errors import DeliveryFailed
from tests.actions.standin import NETWORK, NOW, Got, Say, order, provider, standing_in

POD = "/api/v1/namespaces/prod/pods/web-0"
NAMED = {"cluster": "prod-1", "namespace": "prod", "name": "web-0"}


class Cluster:
    """An API server with one pod, which a stateful set makes anew under the same name."""

    def __init__(self, created: str = "2026-03-01T08:00:00Z") -> None:
        self.uid, self.created, self.deleted = "uid-1", created, list[str]()

    def __call__(self, got: Got) -> Say:
        assert got.headers["authorization"] == "Bearer k8s-token"
        if got.path != POD:
            return Say(404, {"kind": "Status", "message": f'pods "{got.path}" not found', "reason": "NotFound"})
        if got.method == "GET":
            assert got.body == b""
            return Say(200, {"kind": "Pod", "metadata": {"uid": self.uid, "creationTimestamp": self.created}})
        assert got.method == "DELETE"
        options = got.json()
        assert (options["kind"], options["apiVersion"]) == ("DeleteOptions", "v1")
        if options["preconditions"]["uid"] != self.uid:
            return Say(409, {"kind": "Status", "message": "the UID in the precondition does not match"})
        self.deleted.append(self.uid)
        self.uid, self.created = "uid-2", NOW.isoformat().replace("+00:00", "Z")
        return Say(200, {"kind": "Pod"})


def there(url: str, **settings: Any) -> Provider:
    return provider("kubernetes", url, "kubernetes/prod-1", token="k8s-token", **settings)


def refusal(url: str, parameters: dict[str, Any], **settings: Any) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        delete_pod(NETWORK, there(url, **settings), order(parameters))
    return caught.value


def test_the_pod_is_deleted_and_a_second_order_leaves_its_successor_alone() -> None:
    cluster = Cluster()
    with standing_in(cluster) as at:
        first = delete_pod(NETWORK, there(at.url), order(NAMED))
        second = delete_pod(NETWORK, there(at.url), order(NAMED))

    assert first == "deleted"
    assert second == "it was gone already; the pod of that name is another one"
    assert cluster.deleted == ["uid-1"]
    assert at.calls == [f"GET {POD}", f"DELETE {POD}", f"GET {POD}"]


def test_a_pod_that_took_the_name_after_the_event_is_not_the_one_that_was_decided_about() -> None:
    cluster = Cluster(created="2026-03-03T11:57:00Z")
    with standing_in(cluster) as at:
        delete_pod(NETWORK, there(at.url), order(NAMED))

    assert cluster.deleted == []


def test_a_pod_replaced_between_look_and_deletion_is_spared() -> None:
    def replaced(got: Got) -> Say:
        return cluster(got) if got.method == "GET" else Say(409, {"message": "Precondition failed: UID"})

    cluster = Cluster()
    with standing_in(replaced) as at:
        assert delete_pod(NETWORK, there(at.url), order(NAMED)) == "it was gone already"


def test_a_pod_that_is_gone_is_done() -> None:
    with standing_in(lambda _got: Say(404, {"message": "not found"})) as at:
        assert delete_pod(NETWORK, there(at.url), order(NAMED)) == "it was gone already"

    assert at.calls == [f"GET {POD}"]


@pytest.mark.parametrize(
    "name", ["../secrets/x", "web/0", "web?x", "Web_0", "", "-web", "web-", "a" * 254, "web%2f0", "."]
)
def test_a_name_that_means_more_in_a_path_is_refused(name: str) -> None:
    with standing_in(Cluster()) as at:
        for parameters in ({**NAMED, "name": name}, {**NAMED, "namespace": name}):
            assert refusal(at.url, parameters).final
        assert at.got == []


@pytest.mark.parametrize(
    ("status", "final"), [(401, True), (403, True), (302, True), (204, True), (429, False), (500, False), (503, False)]
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_every_other_answer_is_a_failure_told_with_the_servers_own_words(status: int, final: bool, method: str) -> None:
    def answer(got: Got) -> Say:
        odd = got.method == method
        return Say(status, {"message": 'pods "web-0" is forbidden\n*now*'}) if odd else Cluster()(got)

    with standing_in(answer) as at:
        fault = refusal(at.url, NAMED)

    assert fault.final is final
    assert f"kubernetes/prod-1 answered {status}" in fault.text()
    assert "\n" not in fault.text()
    assert "k8s-token" not in fault.text()


def test_a_server_of_our_own_authority_is_believed_and_one_of_another_is_not() -> None:
    key, certificate = _authority()
    with tls_answering(key, certificate, b'{"message":"who are you"}', 403) as url:
        known = refusal(url, NAMED, ca=certificate)
        unknown = refusal(url, NAMED)
        broken = refusal(url, NAMED, ca="no certificate")

    assert "answered 403" in known.text()
    assert "could not be reached: ConnectError" in unknown.text()
    assert "no certificate in PEM" in broken.text()


def _authority() -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cluster")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(minutes=5))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return pem, made.public_bytes(Encoding.PEM).decode()


@contextmanager
def tls_answering(key: str, certificate: str, body: bytes, status: int) -> Iterator[str]:
    """A TLS server on loopback that gives everybody one answer."""
    sent = f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write((certificate + key).encode())
        file.flush()
        context.load_cert_chain(file.name)
    listener, stop = socket.create_server(("127.0.0.1", 0)), threading.Event()
    listener.settimeout(0.1)

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
                with context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(65536)
                    secure.sendall(sent)
            except OSError:
                continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}"
    finally:
        stop.set()
        thread.join()
        listener.close()
