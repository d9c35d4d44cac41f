"""Ids, pure: each is a digest of what it names."""

import hashlib

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def name_of(*parts: str) -> str:
    """An id that is a digest of what it names: 20 Crockford base-32 letters, 100 bits of SHA-256.

    The same event under the same policy has the same id, so a redelivery opens nothing new. A hundred bits keep two
    different things apart for any load we can imagine; the length is what still fits beside a title on a phone.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    number = int.from_bytes(digest[:13], "big") >> 4
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(95, -1, -5))
