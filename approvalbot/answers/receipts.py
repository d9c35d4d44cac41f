"""Receipts: an answer signed so that it verifies offline, by anyone who has our public key.

A receipt is a JWS in compact form (RFC 7515), signed with Ed25519 (RFC 8037). Its claims bind the request, the event
and the policy by digest, who decided and when, and until when it is good. Where double use matters, a receiver also
calls `POST /v1/requests/{id}/consume`: a signature alone cannot know that it was used before.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from approvalbot.errors import SignatureRejected

TYPE = "approvalbot-receipt+jws"
"""What kind of JWS this is, so that no other token of ours can pass for a receipt (RFC 8725 section 3.11)."""

ALGORITHM = "Ed25519"
"""RFC 9864: the fully specified name; the older "EdDSA" is deprecated there."""

GOOD_FOR_S = 86_400
"""How long a receipt may be acted upon: a day. An approval from last week is no pass for today's run."""


class Receipts:
    """Signs and verifies receipts with one key pair, made from a seed of 32 bytes."""

    def __init__(self, seed: bytes, issuer: str) -> None:
        private = Ed25519PrivateKey.from_private_bytes(seed)
        self._key = OKPKey.import_key(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self._issuer = issuer
        self.key_id = self._key.thumbprint()

    def jwks(self) -> dict[str, Any]:
        """The public keys, as `/.well-known/jwks.json` gives them."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "kid": self.key_id, "use": "sig", "alg": ALGORITHM}]}

    def sign(self, answer: Mapping[str, Any], decided_at: datetime) -> str:
        """The receipt of a settled answer."""
        issued = int(decided_at.timestamp())
        claims = {
            "iss": self._issuer,
            "jti": answer["id"],
            "iat": issued,
            "exp": issued + GOOD_FOR_S,
            "status": answer["status"],
            "allowed": answer["allowed"],
            "kind": answer["kind"],
            "decided_by": answer["decided_by"],
            "reason_code": answer["reason_code"],
            "policy": answer["policy"],
            "event_digest": answer["event_digest"],
            "single_use": True,
        }
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self.key_id}
        payload = json.dumps(claims, separators=(",", ":"))
        return jws.serialize_compact(header, payload, self._key, algorithms=[ALGORITHM])


def verify(receipt: str, jwks: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The claims of a receipt, once its signature and its time are checked against a set of public keys.

    Raises:
        SignatureRejected: not ours, altered, of another kind, or past its time.
    """
    for candidate in jwks.get("keys", []):
        try:
            found = jws.deserialize_compact(receipt, OKPKey.import_key(dict(candidate)), algorithms=[ALGORITHM])
            claims = json.loads(found.payload)
        except (JoseError, ValueError):
            continue
        if found.headers().get("typ") != TYPE or not isinstance(claims, dict):
            continue
        if claims.get("exp", 0) < now.timestamp():
            raise SignatureRejected("The receipt verifies but its time is over.", hint="Ask for the answer again.")
        return claims
    raise SignatureRejected("The receipt does not verify with any of these keys.")
