"""Bearer tokens of an OpenID Connect issuer, as Google's Pub/Sub push and Entra ID send them.

A token proves that its issuer vouches for the sender named in it, and for nothing about the body. Everybody can get a
token of a public issuer, so the sender's own name, `subject` or `email`, is always part of what is checked.
"""

import base64
import json
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from approvalbot.errors import BadInput
from approvalbot.sources.proof import bearer, same
from approvalbot.sources.remembered import Fetch, Remembered

ALGORITHMS = ("RS256", "ES256")
"""What the large issuers sign with. A short list leaves no room for `none` and for public keys taken as HMAC keys."""

SKEW_S = 60
"""Seconds the issuer's clock may be off ours. Chosen by us: tokens live an hour, clocks with NTP differ by less."""

KEEP_S = 3600
STALE_S = 6 * 3600
"""How long keys are used before they are looked up again, and at most while the issuer does not answer. Google's may
be cached for about six hours by its own headers."""

LOOK_AGAIN_S = 60
"""A key id that is not known makes us look at most once in so many seconds: issuers rotate weekly, strangers guess."""

MOST_LETTERS = 8192
MOST_KEYS = 100
SHORTEST_RSA = 2048

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

_KINDS = {"RSA": ("RS256", ("kty", "n", "e")), "EC": ("ES256", ("kty", "crv", "x", "y"))}
"""By the kind of a key: the algorithm it is for, and its public parts, which are all that is taken of it."""

Key = RSAKey | ECKey
Keys = Mapping[tuple[str, str], Key]
"""Public keys by their id and the algorithm they are for."""


class KeySets:
    """The keys of issuers: by the address of a key set, or found by the issuer's own discovery document."""

    def __init__(self, fetch: Fetch, now_s: Callable[[], float] = time.monotonic) -> None:
        self._keys: Remembered[Keys] = Remembered(fetch, read_keys, stale_s=STALE_S, now_s=now_s)
        self._places: Remembered[tuple[str, str]] = Remembered(fetch, read_discovery, stale_s=STALE_S, now_s=now_s)

    async def find(self, issuer: str, jwks_url: str | None, kid: str, algorithm: str) -> Key | None:
        """The issuer's key of that id, or None when it has none.

        Raises:
            Unavailable: the issuer's keys cannot be had now.
        """
        url = jwks_url or await self.place(issuer)
        found = (await self._keys.get(url, max_age_s=KEEP_S)).get((kid, algorithm))
        if found is None:
            # Perhaps a new key: an older answer will not do, and no answer is no reason to turn the sender away.
            found = (await self._keys.get(url, max_age_s=LOOK_AGAIN_S, stale=False)).get((kid, algorithm))
        return found

    async def count(self, issuer: str, jwks_url: str | None) -> int:
        """How many keys the issuer has that we could use. Raises as `find` does."""
        return len(await self._keys.get(jwks_url or await self.place(issuer), max_age_s=KEEP_S))

    async def place(self, issuer: str) -> str:
        """Where an issuer says that its keys are (OpenID Connect Discovery 1.0, section 4).

        Raises:
            Unavailable: it does not say now.
            BadInput: code `not_authenticated`, the document is another issuer's.
        """
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        says, place = await self._places.get(url, max_age_s=KEEP_S)
        if says != issuer:
            raise rejected()
        return place


@dataclass(frozen=True, slots=True)
class Oidc:
    """What a token must say. At least one of `subject` and `email` is set."""

    issuer: str
    audience: str
    keys: KeySets
    subject: str | None = None
    email: str | None = None
    jwks_url: str | None = None

    async def verify(self, headers: Mapping[str, str], now: datetime) -> None:
        """Check the bearer token of a request whose headers have lower-cased names.

        Raises:
            BadInput: code `not_authenticated`, the token is missing, malformed, over, or not for us.
            Unavailable: the issuer's keys cannot be had now.
        """
        token = bearer(headers)
        if len(token) > MOST_LETTERS or not _TOKEN.fullmatch(token):
            raise rejected()
        kid, algorithm = _named_key(token)
        key = await self.keys.find(self.issuer, self.jwks_url, kid, algorithm)
        if key is None:
            raise rejected()
        try:
            payload = jws.deserialize_compact(token, key, algorithms=[algorithm]).payload
            claims = json.loads(payload, object_pairs_hook=_single)
        except (JoseError, ValueError, TypeError, RecursionError) as fault:
            raise rejected() from fault
        if not isinstance(claims, dict) or not self._holds(claims, now.timestamp()):
            raise rejected()

    def _holds(self, claims: Mapping[str, Any], now_s: float) -> bool:
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        return (
            _is(claims.get("iss"), self.issuer)
            and any(_is(one, self.audience) for one in audiences)
            and _in_time(claims, now_s)
            and (self.subject is None or _is(claims.get("sub"), self.subject))
            and (self.email is None or (_is(claims.get("email"), self.email) and claims.get("email_verified") is True))
            and not (self.subject is None and self.email is None)
        )


def rejected() -> BadInput:
    """The token does not prove the sender; which part of it was wrong is nobody's business who guesses."""
    return BadInput(
        "not_authenticated",
        "The token is missing, over, or not one that this source takes.",
        hint="Send Authorization: Bearer and a token with the issuer, audience and sender that the source names.",
    )


def read_keys(status: int, body: bytes) -> Keys:
    """The keys of a key set that could sign a token here; what is of another kind or too short is left out.

    Raises:
        ValueError: it is no key set.
    """
    document = _object(status, body)
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise ValueError("it is no key set")
    found: dict[tuple[str, str], Key] = {}
    for written in listed:
        known = _usable(written) if isinstance(written, dict) else None
        if known is not None:
            found.setdefault((str(written["kid"]), known[0]), known[1])
    return found


def read_discovery(status: int, body: bytes) -> tuple[str, str]:
    """The issuer that a discovery document is of, and where its keys are.

    Raises:
        ValueError: it is no discovery document.
    """
    document = _object(status, body)
    issuer, place = document.get("issuer"), document.get("jwks_uri")
    if not isinstance(issuer, str) or not isinstance(place, str):
        raise ValueError("it names no issuer and no jwks_uri")  # noqa: TRY004 - what is fetched is read, or a ValueError
    return issuer, place


def _object(status: int, body: bytes) -> Mapping[str, Any]:
    if status != 200:
        raise ValueError(f"the answer was {status}")
    try:
        document = json.loads(body)
    except RecursionError as fault:
        raise ValueError("it nests too deep") from fault
    if not isinstance(document, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - as above
    return document


def _usable(written: Mapping[str, Any]) -> tuple[str, Key] | None:
    algorithm, names = _KINDS.get(str(written.get("kty")), ("", ()))
    signs = written.get("use", "sig") == "sig" and written.get("alg", algorithm) == algorithm
    if not algorithm or not signs or not isinstance(written.get("kid"), str):
        return None
    try:
        key = _made({name: written[name] for name in names})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None if key is None else (algorithm, key)


def _made(public: dict[str, Any]) -> Key | None:
    # A short key is left out before it is made: the library warns aloud of each.
    if public["kty"] == "RSA" and _bits(public["n"]) < SHORTEST_RSA:
        return None
    key = JWKRegistry.import_key(public)
    if not isinstance(key, RSAKey | ECKey) or public.get("crv", "P-256") != "P-256":
        return None
    key.public_key  # noqa: B018 - it is made when it is first asked for, and only then is a bad one a fault
    return key


def _bits(number: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()


def _named_key(token: str) -> tuple[str, str]:
    """The key id and the algorithm that a token names, which is all that is read of it before it is verified."""
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError, RecursionError) as fault:
        raise rejected() from fault
    kid, algorithm = header.get("kid"), header.get("alg")
    if not isinstance(kid, str) or algorithm not in ALGORITHMS or "crit" in header:
        raise rejected()
    return kid, str(algorithm)


def _in_time(claims: Mapping[str, Any], now_s: float) -> bool:
    ends, begins = _moment(claims.get("exp")), [claims[name] for name in ("nbf", "iat") if name in claims]
    if ends is None or now_s > ends + SKEW_S:
        return False
    moments = [_moment(one) for one in begins]
    return all(one is not None and now_s >= one - SKEW_S for one in moments)


def _moment(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        moment = float(value)
    except OverflowError:
        return None
    return moment if math.isfinite(moment) else None


def _is(given: object, wanted: str) -> bool:
    return isinstance(given, str) and same(given, wanted)


def _single(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a claim stands twice")
    return made
