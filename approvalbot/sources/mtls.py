"""Client certificates, as the proxy that ended TLS tells of them.

A connection with a client certificate proves that its holder has the private key, whoever signed the certificate. So
the certificate itself is pinned, by its SHA-256, and no name in it is trusted: which authorities a proxy believes, and
whether it lets a certificate through that it could not verify, does not matter then. The header counts only on a
connection from one of our own proxies; from anywhere else anybody can write it.
"""

import base64
import binascii
import hashlib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from approvalbot.errors import BadInput
from approvalbot.sources.proof import same

MOST_LETTERS = 16 * 1024
"""Letters of the header: a certificate with its chain, percent-encoded, has about eight thousand."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_DIGEST = re.compile(r"[0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31}")
_BYTES = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
_PAIR = re.compile(r'([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^;,"]*)(?:;|$)')
_ENVOY_KEYS = frozenset({"By", "Hash", "Cert", "Chain", "Subject", "URI", "DNS"})
"""Source: Envoy, "HTTP header manipulation", x-forwarded-client-cert."""

_BLOCK = rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*"
_CHAIN = re.compile(rb"\s*(?:" + _BLOCK.replace(b"(", b"(?:", 1) + rb")+")
_FIRST = re.compile(rb"\s*" + _BLOCK)


@dataclass(frozen=True, slots=True)
class Mtls:
    """The certificates of a sender, by SHA-256 in lower-case hex, and the proxies that may tell of them."""

    header: str
    fingerprints: tuple[str, ...]
    proxies: tuple[Network, ...]

    def verify(self, headers: Mapping[str, str], peer: str) -> int:
        """Check the certificate of a request that `peer` sent; gives which of the fingerprints it has.

        Raises:
            BadInput: code `not_authenticated`.
        """
        if self.comes_from_a_proxy(peer):
            given = fingerprint_of(headers.get(self.header, ""))
            # All are compared, so that the time does not tell which one fits.
            fitting = [place for place, wanted in enumerate(self.fingerprints) if same(given, wanted)]
            if fitting:
                return fitting[0]
        raise BadInput(
            "not_authenticated",
            "The client certificate is missing or not one of this source.",
            hint="Connect with a pinned client certificate, through the proxy that tells us of it.",
        )

    def comes_from_a_proxy(self, peer: str) -> bool:
        """Whether the address that connected to us is one of our proxies."""
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self.proxies)


def fingerprint_of(value: str) -> str:
    """The SHA-256 of the certificate that a header tells of, in lower-case hex; empty when it tells of none.

    Read are: the digest itself, with or without colons; the certificate as RFC 9440 writes it (`:base64:`) or as
    percent-encoded PEM, of which the first certificate is the sender's own; and Envoy's `X-Forwarded-Client-Cert`
    with the one element of the last hop.
    """
    value = value.strip()
    if not value or len(value) > MOST_LETTERS:
        return ""
    if _DIGEST.fullmatch(value):
        return value.replace(":", "").lower()
    if written := _BYTES.fullmatch(value):
        return _digest(written[1].encode())
    if value.partition("=")[0] in _ENVOY_KEYS:
        return _hash_of_envoy(value)
    pem = unquote_to_bytes(value.encode("utf-8", "surrogatepass"))
    # The whole value, and not only its first block: what a client put before the proxy's own header is joined to it by
    # a comma, and that certificate may be anybody's.
    first = _FIRST.match(pem) if _CHAIN.fullmatch(pem) else None
    return _digest(b"".join(first[1].split())) if first else ""


def _hash_of_envoy(value: str) -> str:
    """The hash of an element, read pair by pair: a name in a certificate may hold anything, a hash too."""
    found, place = [], 0
    while place < len(value):
        pair = _PAIR.match(value, place)
        if pair is None:
            return ""
        if pair[1] == "Hash":
            found.append(pair[2].strip('"').lower())
        place = pair.end()
    return found[0] if len(found) == 1 and _DIGEST.fullmatch(found[0]) else ""


def _digest(encoded: bytes) -> str:
    try:
        return hashlib.sha256(base64.b64decode(encoded, validate=True)).hexdigest()
    except binascii.Error:
        return ""
