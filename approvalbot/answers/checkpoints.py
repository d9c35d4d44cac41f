"""Checkpoints of the trail as signed tokens: what is posted where nobody who writes the store can change it."""

from collections.abc import Mapping
from typing import Any

from approvalbot.answers.signing import SigningKey, signed_claims, unverified_claims
from approvalbot.errors import SignatureRejected

TYPE = "approvalbot-checkpoint+jws"
"""The kind of JWS: a receipt can never pass for a checkpoint."""


def sign_checkpoint(key: SigningKey, claims: Mapping[str, Any]) -> str:
    """A checkpoint as a token."""
    return key.sign(TYPE, claims)


def read_checkpoint(token: str, keys: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a checkpoint says. Without `keys` its signature is not looked at.

    Raises:
        SignatureRejected: no checkpoint, or none that one of these keys signed.
    """
    claims = unverified_claims(token) if keys is None else signed_claims(token, TYPE, keys)
    if claims is None:
        raise SignatureRejected("A checkpoint does not verify with any of these keys.")
    return claims
