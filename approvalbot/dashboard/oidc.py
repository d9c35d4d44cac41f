"""Sign in with Slack: OpenID Connect's code flow, from the address to send a browser to, to a verified identity.

The issuer is the origin of the Web API, so the same code signs in with Slack and with the local workspace. State and
nonce are used once; PKCE goes along where the issuer offers it; the ID token is verified with the issuer's keys, one
algorithm, exact issuer and audience.

Source: OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3.7; docs.slack.dev, "Sign in with Slack".
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from approvalbot.errors import SignInRefused, Unavailable

ALGORITHM = "RS256"
"""What Slack signs ID tokens with (its discovery document); nothing else is read, so `none` and HMAC never are."""

LEEWAY_S = 60
"""Seconds by which the two clocks may differ."""

TIMEOUT_S = 10.0
KEYS_FOR_S = 3600.0
LONGEST = 64 * 1024
"""Bytes of any answer of the issuer."""

USER, TEAM = "https://slack.com/user_id", "https://slack.com/team_id"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in: the Slack user and team. Never an e-mail or a name, which a user may change."""

    user: str
    team: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is remembered of a sign-in until its browser comes back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """A fresh one."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))


@dataclass
class Issuer:
    """The OpenID provider behind a Slack. `redirect_uri` is ours."""

    api_url: str
    client_id: str
    client_secret: str
    redirect_uri: str
    teams: Callable[[], frozenset[str]]
    clock: Callable[[], float] = time.time
    _found: tuple[float, dict[str, Any]] | None = field(default=None, init=False)
    _keys: tuple[float, dict[str, Any]] | None = field(default=None, init=False)

    @property
    def origin(self) -> str:
        """The issuer's identifier: the origin of the Web API."""
        parts = urlsplit(self.api_url)
        return f"{parts.scheme}://{parts.netloc}"

    def authorize_url(self, attempt: Attempt) -> str:
        """Where to send the browser."""
        found = self._discovered()
        asked = {
            "response_type": "code",
            "scope": "openid profile email",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": attempt.state,
            "nonce": attempt.nonce,
        }
        if self._offers_pkce(found):
            challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest())
            asked |= {"code_challenge": challenge.decode().rstrip("="), "code_challenge_method": "S256"}
        return f"{found['authorization_endpoint']}?{urlencode(asked)}"

    def identity(self, code: str, attempt: Attempt) -> Identity:
        """Who the code stands for.

        Raises:
            SignInRefused: the issuer does not take the code, or its token is not for us, not now, or of another team.
            Unavailable: the issuer does not answer.
        """
        found = self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        if self._offers_pkce(found):
            form["code_verifier"] = attempt.verifier
        answer = self._call("POST", str(found["token_endpoint"]), data=form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInRefused("Slack did not take the sign-in: {error}.", error=str(answer.get("error", "no token")))
        return self._verified(token, attempt.nonce)

    def _verified(self, token: str, nonce: str) -> Identity:
        for fresh in (False, True):
            try:
                decoded = jwt.decode(token, KeySet.import_key_set(self._key_set(fresh=fresh)), algorithms=[ALGORITHM])
                break
            except (JoseError, ValueError, KeyError) as fault:
                # A key we do not know may be one that was rotated in since we last looked.
                if fresh:
                    raise SignInRefused("The sign-in's token does not verify.") from fault
        self._check(decoded.claims, nonce)
        user, team = decoded.claims.get(USER) or decoded.claims.get("sub"), decoded.claims.get(TEAM)
        if not isinstance(user, str) or not isinstance(team, str) or not user:
            raise SignInRefused("The sign-in's token names nobody.")
        if team not in self.teams():
            raise SignInRefused("You signed in with another Slack workspace.", hint="Use the one approvalbot serves.")
        return Identity(user, team)

    def _check(self, claims: Mapping[str, Any], nonce: str) -> None:
        registry = jwt.JWTClaimsRegistry(
            now=int(self.clock()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.origin},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(dict(claims))
        except (JoseError, TypeError, ValueError) as fault:
            raise SignInRefused("The sign-in's token is not for this house, or not for now.") from fault
        # The registry takes a list that holds the right value for the value; neither of these is ever a list.
        if not isinstance(claims["iss"], str) or not isinstance(claims["nonce"], str):
            raise SignInRefused("The sign-in's token is not for this house, or not for now.")
        audience = claims["aud"]
        if isinstance(audience, list) and (len(audience) > 1 and claims.get("azp") != self.client_id):
            raise SignInRefused("The sign-in's token is for somebody else too.")

    def _discovered(self) -> dict[str, Any]:
        if self._found is None or self.clock() - self._found[0] > KEYS_FOR_S:
            found = self._call("GET", f"{self.origin}/.well-known/openid-configuration")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != self.origin or any(not self._is_own(found.get(one)) for one in wanted):
                raise Unavailable("Slack's sign-in is not what it says it is; nobody is signed in.")
            self._found = (self.clock(), found)
        return self._found[1]

    def _is_own(self, url: object) -> bool:
        return isinstance(url, str) and url.startswith(f"{self.origin}/")

    @staticmethod
    def _offers_pkce(found: Mapping[str, Any]) -> bool:
        methods = found.get("code_challenge_methods_supported")
        return isinstance(methods, list) and "S256" in methods

    def _key_set(self, *, fresh: bool) -> Any:
        if fresh or self._keys is None or self.clock() - self._keys[0] > KEYS_FOR_S:
            self._keys = (self.clock(), self._call("GET", str(self._discovered()["jwks_uri"])))
        return self._keys[1]

    def _call(self, method: str, url: str, *, data: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            with httpx.Client(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S) as client:
                response = client.request(method, url, data=dict(data) if data else None)
            if response.status_code >= 500 or len(response.content) > LONGEST:
                raise Unavailable("Slack's sign-in did not answer; try again.")
            answer = response.json()
        except (httpx.HTTPError, ValueError, RecursionError) as fault:
            raise Unavailable("Slack's sign-in did not answer; try again.") from fault
        if not isinstance(answer, dict):
            raise Unavailable("Slack's sign-in gave an answer that is none; try again.")
        return answer
