"""Receipts: an answer signed so that it verifies offline, by anyone who has our public key.

The claims of a receipt bind the request, the event and the policy by digest, who decided and when, and until when it is
good. Where double use matters, a receiver also calls `POST /v1/requests/{id}/consume`: a signature alone cannot know
that it was used before.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from approvalbot.answers.signing import SigningKey, key_set, signed_claims
from approvalbot.errors import SignatureRejected

TYPE = "approvalbot-receipt+jws"
"""What kind of JWS this is, so that no other token of ours can pass for a receipt (RFC 8725 section 3.11)."""

GOOD_FOR_S = 86_400
"""How long a receipt may be acted upon: a day. An approval from last week is no pass for today's run."""


class Receipts:
    """Signs receipts as `issuer`, with a key pair made from a seed of 32 bytes."""

    def __init__(self, seed: bytes, issuer: str) -> None:
        self.key = SigningKey(seed)
        self._issuer = issuer

    def jwks(self) -> dict[str, Any]:
        """The public key, as a key set."""
        return key_set(self.key)

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
            # What was approved instead of all that was asked: whoever acts on the receipt acts within it.
            **({"terms": answer["terms"]} if "terms" in answer else {}),
            # Whose rule it was, where it was one of Sigma's: its licence wants the author named wherever it goes.
            **({"credit": answer["credit"]} if "credit" in answer else {}),
        }
        return self.key.sign(TYPE, claims)


def verify(receipt: str, jwks: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The claims of a receipt, once its signature and its time are checked against a set of public keys.

    Raises:
        SignatureRejected: not ours, altered, of another kind, or past its time.
    """
    claims = signed_claims(receipt, TYPE, jwks)
    if claims is None:
        raise SignatureRejected("The receipt does not verify with any of these keys.")
    if claims.get("exp", 0) < now.timestamp():
        raise SignatureRejected("The receipt verifies but its time is over.", hint="Ask for the answer again.")
    return claims
