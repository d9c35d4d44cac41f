"""The codes and tokens of Sign in with Slack (OpenID Connect Core 1.0; claim names after docs.slack.dev)."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from joserfc import jwt
from joserfc.jwk import RSAKey

from approvalbot.workspace.errors import Json, Refusal
from approvalbot.workspace.state.clock import Clock
from approvalbot.workspace.state.directory import Directory

CODE_LIFE_S = 600.0
ID_TOKEN_LIFE_S = 300


Flow = Literal["openid", "oauth"]
"""Where a code was given: at Sign in with Slack, or at the installation of the app."""


@dataclass(slots=True)
class Code:
    """What the sign-in page promised to one redirect address."""

    user: str
    redirect_uri: str
    scopes: tuple[str, ...]
    nonce: str
    made_at_s: float
    flow: Flow = "openid"
    used: bool = False


class Provider:
    """Makes codes, and signs id_tokens with a key of its own that is new with every start."""

    def __init__(self, client_id: str, clock: Clock) -> None:
        self._client_id = client_id
        self._clock = clock
        self._codes: dict[str, Code] = {}

    @cached_property
    def key(self) -> RSAKey:
        """The signing key, made at its first use: it takes a moment, and most runs never sign in."""
        return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)

    def make_code(
        self, user: str, redirect_uri: str, scopes: tuple[str, ...], nonce: str = "", flow: Flow = "openid"
    ) -> str:
        """A code for one person and one redirect address."""
        value = f"{secrets.randbelow(10**12)}.{secrets.token_hex(24)}"
        self._codes[value] = Code(user, redirect_uri, scopes, nonce, self._clock.now_s(), flow)
        return value

    def use_code(self, value: str, redirect_uri: str, flow: Flow) -> Code:
        """Spend a code.

        Raises:
            Refusal: `invalid_code` (unknown, used or too old), `oauth_authorization_url_mismatch` (given for the
                other flow) or `bad_redirect_uri`.
        """
        code = self._codes.get(value)
        if code is None or code.used or self._clock.now_s() - code.made_at_s > CODE_LIFE_S:
            raise Refusal("invalid_code")
        if code.flow != flow:
            raise Refusal("oauth_authorization_url_mismatch")
        if code.redirect_uri != redirect_uri:
            raise Refusal("bad_redirect_uri")
        code.used = True
        return code

    def id_token(self, directory: Directory, origin: str, code: Code, access_token: str) -> str:
        """The signed id_token for a code."""
        now = int(self._clock.now_s())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = self.claims(directory, origin, code.user, code.scopes) | {
            "iss": origin,
            "aud": self._client_id,
            "iat": now,
            "auth_time": now,
            "exp": now + ID_TOKEN_LIFE_S,
            "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
        }
        if code.nonce:
            claims["nonce"] = code.nonce
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def claims(self, directory: Directory, origin: str, user: str, scopes: tuple[str, ...]) -> Json:
        """Who a person is, as far as the scopes allow."""
        person = directory.people[user]
        is_stranger = person.team_id == directory.cast.other_team.id
        team = directory.cast.other_team if is_stranger else directory.team
        claims: Json = {
            "sub": person.id,
            "https://slack.com/user_id": person.id,
            "https://slack.com/team_id": team.id,
        }
        if "email" in scopes:
            verified_at = person.updated_at if person.email else None
            claims |= {"email": person.email, "email_verified": True, "date_email_verified": verified_at}
        if "profile" in scopes:
            given, _, family = person.real_name.partition(" ")
            claims |= {
                "name": person.real_name,
                "given_name": given,
                "family_name": family,
                "picture": f"{origin}/avatars/{person.id}/512.svg",
                "locale": "en-US",
                "https://slack.com/team_name": team.name,
                "https://slack.com/team_domain": team.domain,
            }
        return claims
