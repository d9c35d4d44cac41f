"""How a sender proves who it is, over the raw bytes, before anything parses them.

Every comparison is constant-time over bytes, and any fault while verifying is the same 401: which part was wrong is for
the sender's own logs, not for whoever guesses.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never

from approvalbot.errors import BadInput, SignatureRejected

Kind = Literal["standard_webhooks", "bearer", "header", "hmac", "github", "okta", "none"]

TOLERANCE_S = 300
"""How far a signed timestamp may be from now, either way. Source: Standard Webhooks 1.0.0, "Verifying signatures"."""

MOST_SIGNATURES = 10
"""Signatures looked at in one header: a sender in the middle of a rotation sends two or three."""

SHORTEST_SECRET = 24
"""Bytes. Source: Standard Webhooks 1.0.0, "Signature scheme"."""

_HINTS: dict[Kind, str] = {
    "standard_webhooks": "Sign by Standard Webhooks: webhook-id, webhook-timestamp (within 300 s), webhook-signature.",
    "hmac": "Send the hex HMAC-SHA-256 of the body in the source's header.",
    "github": "Send X-Hub-Signature-256 as GitHub does.",
}

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_HEX_256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Proof:
    """What a source's senders must prove. `keys` are the current key and, during a rotation, the previous one.

    `header` names the header that carries the key (`header`, `okta`) or the signature (`hmac`), lower-cased.
    """

    kind: Kind
    keys: tuple[str, ...] = ()
    header: str = ""


def verify(proof: Proof, headers: Mapping[str, str], body: bytes, now: datetime) -> int:
    """Check the proof; gives the index of the key that verified, so that a rotation can be watched.

    `headers` have lower-cased names.

    Raises:
        SignatureRejected: a signature is missing, malformed, old or wrong.
        BadInput: code `not_authenticated`, a bearer or header key is missing or wrong.
    """
    if proof.kind == "none":
        return 0
    for index, key in enumerate(proof.keys):
        if key and _verifies(proof, key, headers, body, now):
            return index
    if proof.kind in {"bearer", "header", "okta"}:
        where = "Authorization: Bearer …" if proof.kind == "bearer" else proof.header
        raise BadInput("not_authenticated", "The key is missing or wrong.", hint=f"Send it as {where}.")
    raise SignatureRejected(hint=_HINTS[proof.kind])


def _verifies(proof: Proof, key: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    match proof.kind:
        case "standard_webhooks":
            return _standard_webhook(key, headers, body, now)
        case "bearer":
            return same(bearer(headers), key)
        case "header" | "okta":
            return same(headers.get(proof.header, ""), key)
        case "hmac":
            return _hex_hmac(key, headers.get(proof.header, ""), body)
        case "github":
            return _hex_hmac(key, headers.get("x-hub-signature-256", ""), body)
        case "none":
            return False
        case _:
            assert_never(proof.kind)


def _standard_webhook(key: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    webhook_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not webhook_id or not _TIMESTAMP.fullmatch(stamp) or abs(now.timestamp() - int(stamp)) > TOLERANCE_S:
        return False
    # The library verifies text, parses the body and raises ValueError on some malformed headers; we verify bytes, and
    # tests hold the two together.
    content = b"%s.%s.%s" % (webhook_id.encode("utf-8", "replace"), stamp.encode(), body)
    wanted = base64.b64encode(hmac.digest(secret_bytes(key), content, hashlib.sha256)).decode()
    given = headers.get("webhook-signature", "").split(" ")[:MOST_SIGNATURES]
    return any(same(one, f"v1,{wanted}") for one in given)


def secret_bytes(key: str) -> bytes:
    """The bytes of a symmetric Standard Webhooks secret: base64 after an optional `whsec_`.

    Raises:
        ValueError: it is not base64, or too short to be a key.
    """
    decoded = base64.b64decode(key.removeprefix("whsec_") + "==", validate=False)
    if len(decoded) < SHORTEST_SECRET:
        raise ValueError(f"a Standard Webhooks secret has 24 to 64 bytes in base64; this one has {len(decoded)}")
    return decoded


def bearer(headers: Mapping[str, str]) -> str:
    """The bearer token of an Authorization header, or an empty text."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _hex_hmac(key: str, given: str, body: bytes) -> bool:
    digest = given.removeprefix("sha256=")
    wanted = hmac.digest(key.encode(), body, hashlib.sha256).hex()
    return bool(_HEX_256.fullmatch(digest)) and same(digest, wanted)


def same(given: str, wanted: str) -> bool:
    """Whether two texts are equal, in a time that tells nothing; an empty text is never equal."""
    return bool(given) and hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), wanted.encode("utf-8", "surrogatepass")
    )
