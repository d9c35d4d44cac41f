"""ID tokens that sign nobody in (threat 52), and issuers that are not what they say: each over real HTTP."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from approvalbot.dashboard.oidc import Attempt, Identity, Issuer
from approvalbot.errors import ApprovalBotError, SignInRefused, Unavailable
from tests.serving import serving

OURS = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
ANY_ALGORITHM = RSAKey.import_key(OURS.as_pem(private=True))
THEIRS = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
CLIENT, SECRET, TEAM = "111.222", "the-client-secret-of-the-tests-x", "T0OURS"
ATTEMPT = Attempt("state", "the-nonce-of-this-attempt", "verifier")
FAR = 100_000

Claims = dict[str, Any]


@dataclass
class Provider:
    """An issuer that says whatever a test wants. `answers` are by path, and take the place of what it says itself."""

    token: object = ""
    keys: object = field(default_factory=lambda: {"keys": [OURS.as_dict(private=False)]})
    found: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Response] = field(default_factory=dict)
    url: str = ""

    def discovery(self, _request: Request) -> Response:
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        own = {"issuer": self.url, **{name: f"{self.url}{path}" for name, path in paths.items()}}
        return self.answers.get("discovery") or JSONResponse({**own, **self.found})

    def tokens(self, _request: Request) -> Response:
        return self.answers.get("token") or JSONResponse({"ok": True, "id_token": self.token})

    def jwks(self, _request: Request) -> Response:
        return self.answers.get("keys") or JSONResponse(self.keys)


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    routes = [
        Route("/.well-known/openid-configuration", made.discovery),
        Route("/token", made.tokens, methods=["POST"]),
        Route("/keys", made.jwks),
    ]
    with serving(Starlette(routes=routes)) as url:
        made.url = url
        yield made


def issuer_of(provider: Provider) -> Issuer:
    return Issuer(f"{provider.url}/api/", CLIENT, SECRET, "https://us/signin/callback", lambda: frozenset({TEAM}))


def claims(url: str, **changes: Any) -> Claims:
    now = int(time.time())
    good = {
        "iss": url,
        "aud": CLIENT,
        "sub": "U0BOB",
        "iat": now,
        "exp": now + 300,
        "nonce": ATTEMPT.nonce,
        "https://slack.com/user_id": "U0BOB",
        "https://slack.com/team_id": TEAM,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(said: Claims, key: Any = OURS, **header: Any) -> str:
    made = {"alg": "RS256", "kid": OURS.kid, **header}
    return jwt.encode(made, said, key, algorithms=["RS256", "RS512", "PS256", "HS256"])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_a_good_token_names_its_person(provider: Provider) -> None:
    provider.token = signed(claims(provider.url))

    assert issuer_of(provider).identity("code", ATTEMPT) == Identity("U0BOB", TEAM)


WRONG_CLAIMS: dict[str, Claims] = {
    "another issuer": {"iss": "https://evil.example"},
    "the issuer with a slash more": {"iss": "{url}/"},
    "no issuer": {"iss": None},
    "several issuers": {"iss": ["{url}"]},
    "another client": {"aud": "333.444"},
    "no client": {"aud": None},
    "an empty list of clients": {"aud": []},
    "our client among others, for nobody in particular": {"aud": [CLIENT, "333.444"]},
    "our client among others, for one of them": {"aud": [CLIENT, "333.444"], "azp": "333.444"},
    "over": {"exp": int(time.time()) - FAR},
    "no end": {"exp": None},
    "an end that is no time": {"exp": "tomorrow"},
    "an end that is true": {"exp": True},
    "from the future": {"iat": int(time.time()) + FAR},
    "no beginning": {"iat": None},
    "not yet": {"nbf": int(time.time()) + FAR},
    "the nonce of another attempt": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "a list of nonces": {"nonce": [ATTEMPT.nonce]},
    "another team": {"https://slack.com/team_id": "T0EVIL"},
    "no team": {"https://slack.com/team_id": None},
    "a list of teams": {"https://slack.com/team_id": [TEAM]},
    "nobody": {"sub": None, "https://slack.com/user_id": None},
    "somebody who is a number": {"sub": 7, "https://slack.com/user_id": 7},
    "an empty name": {"sub": "", "https://slack.com/user_id": ""},
}


@pytest.mark.parametrize("name", WRONG_CLAIMS)
def test_a_token_that_says_something_else_signs_nobody_in(provider: Provider, name: str) -> None:
    said = json.loads(json.dumps(WRONG_CLAIMS[name]).replace("{url}", provider.url))
    provider.token = signed(claims(provider.url, **said))

    with pytest.raises(SignInRefused):
        issuer_of(provider).identity("code", ATTEMPT)


def _unsigned(url: str) -> str:
    return f"{part({'alg': 'none'})}.{part(claims(url))}."


def _tampered(url: str) -> str:
    head, _, mark = signed(claims(url)).split(".")
    return f"{head}.{part(claims(url, sub='U0CAT', **{'https://slack.com/user_id': 'U0CAT'}))}.{mark}"


def _public_key_as_secret(url: str) -> str:
    head, body = part({"alg": "HS256", "kid": OURS.kid}), part(claims(url))
    mark = hmac.digest(OURS.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


def _own_key_in_the_header(url: str) -> str:
    header = {"alg": "RS256", "jwk": THEIRS.as_dict(private=False)}
    return jws.serialize_compact(header, json.dumps(claims(url)), THEIRS)


def _plain(url: str, payload: bytes) -> str:
    del url
    return jws.serialize_compact({"alg": "RS256", "kid": OURS.kid}, payload, OURS)


WRONG_PROOFS: dict[str, Callable[[str], object]] = {
    "not signed (alg none)": _unsigned,
    "not signed (alg None)": lambda url: _unsigned(url).replace(part({"alg": "none"}), part({"alg": "None"})),
    "its signature taken off": lambda url: signed(claims(url)).rpartition(".")[0] + ".",
    "changed after it was signed": _tampered,
    "signed by somebody else under our key's name": lambda url: signed(claims(url), THEIRS),
    "signed by somebody else": lambda url: signed(claims(url), THEIRS, kid=THEIRS.kid),
    "signed by the key in its own header": _own_key_in_the_header,
    "signed by the client secret": lambda url: signed(claims(url), OctKey.import_key(SECRET), alg="HS256"),
    "signed by the public key as a secret": _public_key_as_secret,
    "another algorithm": lambda url: signed(claims(url), ANY_ALGORITHM, alg="RS512"),
    "another padding": lambda url: signed(claims(url), ANY_ALGORITHM, alg="PS256"),
    "a header that asks for more": lambda url: signed(claims(url), crit=["b64"], b64=False),
    "claims that are a list": lambda url: _plain(url, b"[1]"),
    "claims that are no JSON": lambda url: _plain(url, b"{"),
    "claims that are not UTF-8": lambda url: _plain(url, b"\xff\xfe"),
    "encrypted": lambda _url: ".".join([part({"alg": "RSA-OAEP", "enc": "A128GCM"}), "a", "a", "a", "a"]),
    "two dots": lambda _url: "..",
    "no token": lambda _url: "not a token",
    "an empty one": lambda _url: "",
    "a long one": lambda _url: "a" * 50_000,
    "characters of no token": lambda _url: "é.é.é",
    "a map": lambda url: {"token": signed(claims(url))},
    "a number": lambda _url: 7,
    "nothing": lambda _url: None,
}


@pytest.mark.parametrize("name", WRONG_PROOFS)
def test_a_token_without_a_good_signature_signs_nobody_in(provider: Provider, name: str) -> None:
    provider.token = WRONG_PROOFS[name](provider.url)

    with pytest.raises(SignInRefused):
        issuer_of(provider).identity("code", ATTEMPT)


def test_a_key_that_was_rotated_in_is_fetched_once_more(provider: Provider) -> None:
    issuer = issuer_of(provider)
    provider.token = signed(claims(provider.url))
    issuer.identity("code", ATTEMPT)
    provider.keys = {"keys": [THEIRS.as_dict(private=False)]}
    provider.token = signed(claims(provider.url), THEIRS, kid=THEIRS.kid)

    assert issuer.identity("code", ATTEMPT).user == "U0BOB"


BROKEN: dict[str, dict[str, Any]] = {
    "it names another issuer": {"found": {"issuer": "https://evil.example"}},
    "its tokens come from elsewhere": {"found": {"token_endpoint": "https://evil.example/token"}},
    "its keys come from elsewhere": {"found": {"jwks_uri": "http://127.0.0.1:1/keys"}},
    "its keys lie beside it": {"found": {"jwks_uri": "{url}.evil.example/keys"}},
    "its tokens have no address": {"found": {"token_endpoint": None}},
    "discovery is down": {"answers": {"discovery": Response(status_code=500)}},
    "discovery leads elsewhere": {"answers": {"discovery": Response(status_code=302, headers={"location": "/keys"})}},
    "discovery is no JSON": {"answers": {"discovery": Response("<html>")}},
    "discovery is a list": {"answers": {"discovery": Response("[]")}},
    "discovery never ends": {"answers": {"discovery": Response("x" * 70_000)}},
    "tokens are down": {"answers": {"token": Response(status_code=503)}},
    "tokens are no JSON": {"answers": {"token": Response("{")}},
    "tokens nest without end": {"answers": {"token": Response("[" * 60_000)}},
    "a token is refused": {"answers": {"token": JSONResponse({"ok": False, "error": "invalid_code"})}},
    "keys are down": {"answers": {"keys": Response(status_code=500)}},
    "keys are no JSON": {"answers": {"keys": Response("nope")}},
    "there are no keys": {"keys": {}},
    "an empty list of keys": {"keys": {"keys": []}},
    "keys are a text": {"keys": {"keys": "x"}},
    "keys are numbers": {"keys": {"keys": [1, None]}},
    "a key of no kind": {"keys": {"keys": [{"kty": "x"}]}},
    "a key of half an RSA": {"keys": {"keys": [{"kty": "RSA", "n": "AA"}]}},
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_issuer_that_is_not_what_it_says_signs_nobody_in(provider: Provider, name: str) -> None:
    provider.token = signed(claims(provider.url))
    for what, value in BROKEN[name].items():
        setattr(provider, what, value)
    provider.found = {key: one and one.replace("{url}", provider.url) for key, one in provider.found.items()}

    with pytest.raises(ApprovalBotError) as caught:
        issuer_of(provider).identity("code", ATTEMPT)

    assert isinstance(caught.value, SignInRefused | Unavailable)
