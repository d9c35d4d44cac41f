"""Client certificates, as a proxy tells of them: from our proxies only, by the certificate itself only (threat 54)."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from approvalbot.errors import SettingsFault
from approvalbot.sources.mtls import MOST_LETTERS, Mtls, fingerprint_of
from approvalbot.web.proofs import Outside, proof_of
from tests.proofs.world import FLEET, FLEET_NEXT, STRANGER, World, fingerprint


def pem_of(of: x509.Certificate) -> str:
    return of.public_bytes(Encoding.PEM).decode()


def der_of(of: x509.Certificate) -> str:
    return base64.b64encode(of.public_bytes(Encoding.DER)).decode()


def with_colons(digest: str) -> str:
    return ":".join(digest[place : place + 2] for place in range(0, 64, 2)).upper()


FORMS: dict[str, Callable[[x509.Certificate], str]] = {
    "the digest": fingerprint,
    "the digest as openssl prints it": lambda one: with_colons(fingerprint(one)),
    "RFC 9440": lambda one: f":{der_of(one)}:",
    "nginx's escaped certificate": lambda one: quote(pem_of(one), safe="+/="),
    "a chain, percent-encoded": lambda one: quote(pem_of(one) + pem_of(STRANGER)),
    "envoy": lambda one: (
        f'By=spiffe://acme/bot;Hash={fingerprint(one)};Subject="CN=fleet-1,O=Acme";URI=spiffe://acme/fleet'
    ),
    "envoy with its chain": lambda one: f'Hash="{fingerprint(one)}";Cert="{quote(pem_of(one), safe="")}";DNS=fleet-1',
}


def send(world: World, value: str | bytes, source: str = "fleet") -> httpx.Response:
    headers: Any = {"x-forwarded-client-cert": value}
    return world.bot.http.post(f"/v1/events/{source}", content=world.event(), headers=headers)


@pytest.mark.parametrize("form", FORMS)
def test_a_pinned_certificate_is_known_in_every_form_that_proxies_write(world: World, form: str) -> None:
    for one in (FLEET, FLEET_NEXT):
        answer = send(world, FORMS[form](one))
        assert answer.status_code == 202, answer.text


@pytest.mark.parametrize("form", FORMS)
def test_another_certificate_of_the_same_name_is_refused(world: World, form: str) -> None:
    answer = send(world, FORMS[form](STRANGER))

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


MINE = fingerprint(FLEET)
BAD: dict[str, str | bytes] = {
    "nothing": "",
    "its name": 'Subject="CN=fleet-1"',
    "a verdict alone": "SUCCESS",
    "the digest cut": MINE[:-1],
    "the digest twice": f"{MINE},{MINE}",
    "a sha-1": "ab" * 20,
    "envoy with two hops": f"Hash={MINE};Subject=x,Hash={fingerprint(STRANGER)}",
    "envoy with two hashes": f"Hash={fingerprint(STRANGER)};Hash={MINE}",
    "the hash inside a quoted name": f'Subject="CN=x;Hash={MINE}"',
    "the hash behind an escaped quote": f'Subject="CN=x\\";Hash={MINE};O=\\""',
    "a longer name for the hash": f"XHash={MINE}",
    "base64 that is none": f":{der_of(FLEET)[:-3]}!:",
    "base64 without its colons": der_of(FLEET),
    "a key instead": quote(pem_of(FLEET).replace("CERTIFICATE", "PUBLIC KEY")),
    "the stranger's first, ours after": quote(pem_of(STRANGER) + pem_of(FLEET)),
    "text before it": quote("x" + pem_of(FLEET)),
    "rubbish": bytes(range(0x80, 0x100)),
    "percent signs": "%" * 300,
    "far too long": "x" * (MOST_LETTERS + 1),
    "many quotes": 'a="' * 2000,
    "many pairs": "a=b;" * 3000,
}


@pytest.mark.parametrize("what", BAD)
def test_anything_else_in_the_header_is_refused(world: World, what: str) -> None:
    answer = send(world, BAD[what])

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("form", FORMS)
def test_a_header_that_the_client_added_beside_the_proxys_spoils_both(world: World, form: str) -> None:
    ours, other = FORMS[form](FLEET), FORMS[form](STRANGER)
    for pair in ((ours, other), (other, ours), (ours, ours)):
        headers = [("x-forwarded-client-cert", one) for one in pair]
        answer = world.bot.http.post("/v1/events/fleet", content=world.event(), headers=headers)
        assert answer.status_code == 401


def test_the_header_counts_only_from_a_proxy_of_ours(world: World) -> None:
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=world.bot.http.base_url, transport=transport, trust_env=False) as elsewhere:
        headers = {"x-forwarded-client-cert": MINE, "x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1"}
        answer = elsewhere.post("/v1/events/fleet", content=world.event(), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(
    "peer", ["", "testclient", "10.10.0.1", "::1", "::ffff:10.10.0.1", "10.9.0.1x", "/run/bot.sock"]
)
def test_whoever_is_no_proxy_tells_of_no_certificate(world: World, peer: str) -> None:
    proof = Mtls("x-c", (MINE,), world.bot.house.settings.approvalbot_proxies)

    assert not proof.comes_from_a_proxy(peer)
    assert proof.comes_from_a_proxy("10.9.0.1")
    assert proof.comes_from_a_proxy("::ffff:10.9.0.1")


def test_a_source_with_certificates_and_no_proxy_stops_the_start(world: World) -> None:
    source = world.bot.house.policies.sources["fleet"]

    with pytest.raises(SettingsFault, match="Source fleet: auth type mtls needs APPROVALBOT_PROXIES"):
        proof_of(source, str, Outside.of(world.outdoors.fetch))


def test_a_waiting_service_shows_the_certificate_it_sends_events_with(world: World) -> None:
    asked = send(world, MINE).json()["id"]

    found = world.bot.http.get(f"/v1/requests/{asked}", headers={"x-forwarded-client-cert": MINE})
    other = world.bot.http.get(f"/v1/requests/{asked}", headers={"x-forwarded-client-cert": fingerprint(STRANGER)})

    assert (found.status_code, other.status_code) == (200, 401)


def test_every_form_gives_the_same_digest() -> None:
    assert {fingerprint_of(make(FLEET)) for make in FORMS.values()} == {MINE}
