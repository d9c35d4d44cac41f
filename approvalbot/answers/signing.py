"""Signing: a JWS in compact form (RFC 7515) with Ed25519 (RFC 8037), of one stated kind, by a key made from a seed."""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

ALGORITHM = "Ed25519"
"""RFC 9864: the fully specified name; the older "EdDSA" is deprecated there."""


class SigningKey:
    """One key pair, made from a seed of 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        private = Ed25519PrivateKey.from_private_bytes(seed)
        self._key = OKPKey.import_key(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self.key_id = self._key.thumbprint()

    def public(self) -> dict[str, Any]:
        """The public half, as a key set lists it."""
        return {**self._key.as_dict(private=False), "kid": self.key_id, "use": "sig", "alg": ALGORITHM}

    def sign(self, kind: str, claims: Mapping[str, Any]) -> str:
        """The claims, signed. `kind` is the token's `typ`: no other token of ours can pass for one of this kind."""
        header = {"alg": ALGORITHM, "typ": kind, "kid": self.key_id}
        payload = json.dumps(claims, separators=(",", ":"))
        return jws.serialize_compact(header, payload, self._key, algorithms=[ALGORITHM])


def key_set(*keys: SigningKey) -> dict[str, Any]:
    """The public keys, as `/.well-known/jwks.json` gives them."""
    return {"keys": [key.public() for key in keys]}


def signed_claims(token: str, kind: str, keys: Mapping[str, Any]) -> dict[str, Any] | None:
    """The claims of a token of this kind that one of the public keys signed, or None."""
    for candidate in keys.get("keys", []):
        try:
            found = jws.deserialize_compact(token, OKPKey.import_key(dict(candidate)), algorithms=[ALGORITHM])
            claims = json.loads(found.payload)
        except (JoseError, ValueError, TypeError):
            continue
        if found.headers().get("typ") == kind and isinstance(claims, dict):
            return claims
    return None


def unverified_claims(token: str) -> dict[str, Any] | None:
    """What a token says, whoever signed it; None when it is no token."""
    try:
        claims = json.loads(jws.extract_compact(token.encode()).payload)
    except (JoseError, ValueError, TypeError):
        return None
    return claims if isinstance(claims, dict) else None
