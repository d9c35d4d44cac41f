"""Tokens of an issuer, as Pub/Sub push sends them: good ones, and everything that is nearly one (threats 35, 52)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws

from approvalbot.sources.oidc import read_keys
from tests.proofs.makers import ACCOUNT, AUDIENCE, claims, ec_key, published, rsa_key, token, unsigned
from tests.proofs.world import World

CERTS = "/certs"


@pytest.fixture(autouse=True)
def issuer(world: World) -> str:
    """The issuer with one RSA and one EC key."""
    world.outdoors.put(CERTS, published(rsa_key("r1"), ec_key("e1")))
    return world.outdoors.url


def send(world: World, written: str, source: str = "pubsub") -> Any:
    return world.post(source, world.event(), authorization=f"Bearer {written}")


def test_a_token_of_the_service_account_opens_a_request(world: World, issuer: str) -> None:
    for key, algorithm in ((rsa_key("r1"), "RS256"), (ec_key("e1"), "ES256")):
        answer = send(world, token(key, claims(issuer), algorithm=algorithm))
        assert answer.status_code == 202, answer.text


# Times are seconds from now, taken in the test: a whole run is longer than a token lives after it was collected.
@pytest.mark.parametrize(
    ("changes", "times"),
    [
        ({"aud": ["https://elsewhere.example.com", AUDIENCE]}, {}),
        ({}, {"exp": -30}),
        ({}, {"iat": 30}),
        ({}, {"nbf": 30}),
        ({"iat": None}, {}),
        ({}, {"exp": 100.5}),
    ],
)
def test_a_token_that_says_the_same_otherwise_is_taken(
    world: World, issuer: str, changes: dict[str, Any], times: dict[str, float]
) -> None:
    now = int(time.time())
    changes = {**changes, **{name: now + offset for name, offset in times.items()}}
    assert send(world, token(rsa_key("r1"), claims(issuer, **changes))).status_code == 202


CLAIMS: list[dict[str, Any]] = [
    {"iss": "https://accounts.evil.example"},
    {"iss": None},
    {"iss": ["https://accounts.google.com"]},
    {"aud": "https://approvals.example.com"},
    {"aud": AUDIENCE + "/"},
    {"aud": None},
    {"aud": []},
    {"aud": {"a": AUDIENCE}},
    {"aud": [[AUDIENCE]]},
    {"email": "pusher@evil.iam.gserviceaccount.com"},
    {"email": ACCOUNT.upper()},
    {"email": None},
    {"email": [ACCOUNT]},
    {"email_verified": False},
    {"email_verified": "true"},
    {"email_verified": None},
    {"exp": int(time.time()) - 120},
    {"exp": None},
    {"exp": "9999999999"},
    {"exp": True},
    {"exp": 10**400},
    {"nbf": int(time.time()) + 3600},
    {"iat": int(time.time()) + 3600},
    {"iat": "now"},
    {"nbf": None, "exp": -1},
]


@pytest.mark.parametrize("changes", CLAIMS, ids=lambda one: json.dumps(one)[:60])
def test_a_token_that_says_anything_else_is_refused(world: World, issuer: str, changes: dict[str, Any]) -> None:
    answer = send(world, token(rsa_key("r1"), claims(issuer, **changes)))

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def as_hmac(said: dict[str, Any]) -> str:
    """The public key, which everybody has, taken as an HMAC key."""
    head, body, _ = unsigned({"alg": "HS256", "kid": "r1"}, said).split(".")
    signature = hmac.digest(rsa_key("r1").as_pem(private=False), f"{head}.{body}".encode(), hashlib.sha256)
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def twice(said: dict[str, Any]) -> str:
    body = json.dumps(said)[:-1] + f', "email": "{ACCOUNT}"' + "}"
    return jws.serialize_compact({"alg": "RS256", "kid": "r1"}, body, rsa_key("r1"), algorithms=["RS256"])


def tampered(said: dict[str, Any]) -> str:
    head, _, signature = token(rsa_key("r1"), {**said, "email": "eve@example.com"}).split(".")
    body = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


FORGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "another key under the same id": lambda said: token(rsa_key("forged"), said, kid="r1"),
    "no algorithm": lambda said: unsigned({"alg": "none", "kid": "r1"}, said),
    "no algorithm, in capitals": lambda said: unsigned({"alg": "NONE", "kid": "r1"}, said),
    "hmac with the public key": as_hmac,
    "an algorithm not taken": lambda said: token(rsa_key("r1"), said, algorithm="RS512"),
    "rsa said, ec key named": lambda said: token(rsa_key("r1"), said, kid="e1"),
    "ec said, rsa key named": lambda said: token(ec_key("e1"), said, algorithm="ES256", kid="r1"),
    "no key id": lambda said: token(rsa_key("r1"), said, kid=None),
    "a key id that is no text": lambda said: unsigned({"alg": "RS256", "kid": ["r1"]}, said, b"x" * 256),
    "a key id nobody knows": lambda said: token(rsa_key("r1"), said, kid="r9"),
    "a critical header": lambda said: unsigned({"alg": "RS256", "kid": "r1", "crit": ["exp"]}, said, b"x" * 256),
    "its own key": lambda said: token(rsa_key("forged"), said, jwk=rsa_key("forged").as_dict(private=False), kid="r1"),
    "changed after it was signed": tampered,
    "a claim twice": twice,
    "an empty signature": lambda said: unsigned({"alg": "RS256", "kid": "r1"}, said),
    "a header that is a list": lambda said: unsigned([1], said),  # type: ignore[arg-type]
    "a signature of rubbish": lambda said: unsigned({"alg": "ES256", "kid": "e1"}, said, b"\x00" * 64),
    "claims that are a list": lambda _said: token(rsa_key("r1"), [1]),  # type: ignore[arg-type]
    "two parts": lambda said: token(rsa_key("r1"), said).rpartition(".")[0],
    "four parts": lambda said: token(rsa_key("r1"), said) + ".x",
    "five parts": lambda said: token(rsa_key("r1"), said) + ".x.y",
    "padding": lambda said: token(rsa_key("r1"), said) + "=",
    "nothing but its scheme": lambda _said: "x",
    "dots": lambda _said: "..",
    "far too long": lambda said: token(rsa_key("r1"), {**said, "filler": "x" * 9000}),
    "nested without end": lambda _said: base64.urlsafe_b64encode(b"[" * 3000).rstrip(b"=").decode() + ".e30.e30",
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_token_is_refused(world: World, issuer: str, how: str) -> None:
    answer = send(world, FORGED[how](claims(issuer)))

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_keys_that_cannot_have_signed_are_left_out(world: World, issuer: str) -> None:
    weak = {
        **rsa_key("r2").as_dict(private=False),
        "n": base64.urlsafe_b64encode(b"\xc1" * 128).decode(),
        "kid": "weak",
    }
    keys = [
        {**rsa_key("enc").as_dict(private=False), "use": "enc"},
        {**rsa_key("other").as_dict(private=False), "alg": "PS256"},
        weak,
        ec_key("p384", "P-384").as_dict(private=False),
        {"kty": "EC", "crv": "P-256", "kid": "off", "x": "AAAA", "y": "AAAA"},
        {"kty": "RSA", "kid": "broken", "n": 7},
        {"kty": "RSA", "kid": 7, "n": "AQAB", "e": "AQAB"},
        {"kty": "new", "kid": "new"},
        "no key",
    ]
    world.outdoors.put("/odd", {"keys": [*keys, *published(rsa_key("r1"))["keys"]]})

    for key in (rsa_key("enc"), rsa_key("other")):
        assert send(world, token(key, claims(issuer)), "odd").status_code == 401
    assert send(world, token(rsa_key("r1"), claims(issuer)), "odd").status_code == 202
    assert list(read_keys(200, world.outdoors.pages["/odd"][1])) == [("r1", "RS256")]


def test_an_issuer_that_does_not_answer_is_our_fault_and_the_sender_comes_again(world: World, issuer: str) -> None:
    for status, body in ((503, b"{}"), (200, b"<html>"), (200, b"[]"), (200, b'{"keys": {}}')):
        world.outdoors.put("/silent", body, status)
        answer = send(world, token(rsa_key("r1"), claims(issuer)), "silent")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0


def test_an_issuer_tells_where_its_keys_are(world: World, issuer: str) -> None:
    world.outdoors.put("/tenant/keys", published(rsa_key("r1")))
    place = {"issuer": f"{issuer}/tenant", "jwks_uri": f"{issuer}/tenant/keys"}
    world.outdoors.put("/tenant/.well-known/openid-configuration", place)

    said = claims(f"{issuer}/tenant", sub="robot-7")
    assert send(world, token(rsa_key("r1"), said), "discovered").status_code == 202
    assert send(world, token(rsa_key("r1"), {**said, "sub": "robot-8"}), "discovered").status_code == 401
    assert send(world, token(rsa_key("r1"), claims(issuer, sub="robot-7")), "discovered").status_code == 401


def test_a_document_of_another_issuer_names_no_keys(world: World, issuer: str) -> None:
    place = {"issuer": "https://accounts.evil.example", "jwks_uri": f"{issuer}/certs"}
    world.outdoors.put("/other/.well-known/openid-configuration", place)

    answer = send(world, token(rsa_key("r1"), claims(f"{issuer}/other", sub="robot-7")), "misled")

    assert answer.status_code == 401


def test_the_keys_are_fetched_once_for_all(world: World, issuer: str) -> None:
    send(world, token(rsa_key("r1"), claims(issuer)))
    world.outdoors.asked.clear()

    for _ in range(5):
        assert send(world, token(rsa_key("r1"), claims(issuer))).status_code == 202
        assert send(world, token(rsa_key("r1"), claims(issuer), kid="guessed")).status_code == 401

    assert world.outdoors.asked.count(CERTS) <= 1


def test_a_waiting_service_holds_the_token_it_sends_events_with(world: World, issuer: str) -> None:
    bearer = {"authorization": f"Bearer {token(rsa_key('r1'), claims(issuer))}"}
    asked = world.bot.http.post("/v1/events/pubsub", content=world.event(), headers=bearer).json()

    found = world.bot.http.get(f"/v1/requests/{asked['id']}", headers=bearer)
    other = {"authorization": f"Bearer {token(rsa_key('r1'), claims(issuer, email='eve@example.com'))}"}

    assert (found.status_code, found.json()["status"]) == (200, "pending")
    assert world.bot.http.get(f"/v1/requests/{asked['id']}", headers=other).status_code == 401
