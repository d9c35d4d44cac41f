"""Messages of Amazon SNS: a signature inside the JSON, by a certificate whose address stands beside it.

Everything in a message is its sender's word until the signature holds, the certificate's address first of all. So the
topic has to be one of ours and the address one of SNS in the topic's own region before anything is fetched.
Source: "Verifying the signatures of Amazon SNS messages" in the SNS developer guide.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import anyio.to_thread
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from approvalbot.errors import DeliveryFailed, SignatureRejected, Unavailable
from approvalbot.sources.proof import same
from approvalbot.sources.remembered import WITHIN_S, Fetch, Remembered

KEEP_S = 24 * 3600
"""A certificate's address names it by its content, so one that was read does not change."""

LOOK_AGAIN_S = 60
"""How long an address without a certificate is not asked again."""

AHEAD_S = 300
"""Seconds that a message may be ahead of our clock."""

SHORTEST_RSA = 2048

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:([a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_.-]{1,256}")
_HOST = re.compile(r"sns\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_CERTIFICATE = re.compile(r"/[A-Za-z0-9_.-]{1,200}\.pem")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z")

_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED: Mapping[str, tuple[str, ...]] = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}
"""By the type of a message: what its signature covers, in this order. A notification may have no subject."""

_URL = re.compile(r"[\x21-\x7e]{1,2000}")


@dataclass(frozen=True, slots=True)
class Certificate:
    """The key of a certificate and when it may be used."""

    key: RSAPublicKey
    valid_from: datetime
    valid_until: datetime

    def signed(self, content: bytes, signature: bytes, now: datetime) -> bool:
        """Whether its key signed this, RSA with SHA-256, and may be used now."""
        try:
            self.key.verify(signature, content, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return self.valid_from <= now <= self.valid_until


Certificates = Remembered[Certificate | None]
"""Certificates by their address; None where there is none."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose signature holds. `text` is what was published."""

    type: str
    id: str
    topic: str
    text: str
    subscribe_url: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Sns:
    """The topics of a source. `max_age` is how long an id is remembered: an older message could be one seen before."""

    topics: tuple[str, ...]
    certificates: Certificates
    fetch: Fetch
    max_age: timedelta

    async def verify(self, headers: Mapping[str, str], envelope: object, now: datetime) -> Message:
        """The message of an envelope, which was read as JSON and nothing else.

        Raises:
            SignatureRejected: it is none of ours, of SNS, of today, or its signature does not hold.
            Unavailable: the certificate cannot be had now.
        """
        if headers.get("x-amz-sns-rawdelivery", "").lower() == "true":
            raise SignatureRejected(
                "Raw delivery carries no signature.", hint="Switch raw message delivery off for this subscription."
            )
        message = self._read(envelope)
        if message is None or not isinstance(envelope, dict) or not self._is_of_today(envelope["Timestamp"], now):
            raise rejected()
        certificate = await self._certificate(envelope["SigningCertURL"], message.topic)
        signature = _decoded(envelope["Signature"])
        if certificate is None or not certificate.signed(signed_text(envelope), signature, now):
            raise rejected()
        return message

    async def confirm(self, message: Message) -> None:
        """Confirm the subscription that a confirmation of SNS asks about, by a GET on the address it names.

        Raises:
            SignatureRejected: the address is not SNS' own for this topic.
            Unavailable: SNS did not confirm it now.
        """
        parts = _of_sns(message.subscribe_url, message.topic)
        asked = {} if parts is None else parse_qs(parts.query)
        wanted = {"Action": ["ConfirmSubscription"], "TopicArn": [message.topic], "Token": [message.token]}
        if parts is None or parts.path not in {"", "/"} or any(asked.get(name) != one for name, one in wanted.items()):
            raise rejected()
        try:
            status, _ = await anyio.to_thread.run_sync(self.fetch, message.subscribe_url, {}, WITHIN_S)
        except DeliveryFailed as fault:
            raise Unavailable("SNS could not be reached to confirm the subscription. Send it again.") from fault
        if status != 200:
            raise Unavailable(f"SNS answered {status} to the confirmation of the subscription. Send it again.")

    def _read(self, envelope: object) -> Message | None:
        """What an envelope says, if it has everything and is of one of our topics."""
        if not isinstance(envelope, dict) or envelope.get("SignatureVersion") != "2":
            return None
        names = {*_SIGNED.get(str(envelope.get("Type")), ()), "Signature", "SigningCertURL"}
        if not isinstance(envelope.get("Subject"), str | None) or "Type" not in names:
            return None
        if not all(isinstance(envelope.get(name), str) for name in names - {"Subject"}):
            return None
        if not any(same(envelope["TopicArn"], topic) for topic in self.topics):
            return None
        confirms = envelope["Type"] != "Notification"
        return Message(
            envelope["Type"],
            envelope["MessageId"],
            envelope["TopicArn"],
            envelope["Message"],
            envelope["SubscribeURL"] if confirms else "",
            envelope["Token"] if confirms else "",
        )

    def _is_of_today(self, stamp: str, now: datetime) -> bool:
        try:
            at = datetime.fromisoformat(stamp) if _STAMP.fullmatch(stamp) else None
        except ValueError:
            return False
        return at is not None and now - self.max_age <= at <= now + timedelta(seconds=AHEAD_S)

    async def _certificate(self, url: str, topic: str) -> Certificate | None:
        parts = _of_sns(url, topic)
        if parts is None or parts.query or not _CERTIFICATE.fullmatch(parts.path):
            return None
        found = await self.certificates.get(url, max_age_s=KEEP_S)
        return found or await self.certificates.get(url, max_age_s=LOOK_AGAIN_S)


def rejected() -> SignatureRejected:
    """The message does not prove its sender."""
    return SignatureRejected(hint="Subscribe a topic that the source names, with SignatureVersion 2 set on the topic.")


def certificates(fetch: Fetch) -> Certificates:
    """The certificates by their addresses."""
    return Remembered(fetch, read_certificate, stale_s=KEEP_S)


def read_certificate(status: int, body: bytes) -> Certificate | None:
    """The certificate that was answered. None where SNS has none: a stranger made the address up.

    Raises:
        ValueError: there may be one, and it cannot be read now.
    """
    if 400 <= status < 500 and status not in {408, 429}:
        return None
    if status != 200:
        raise ValueError(f"the answer was {status}")
    read = x509.load_pem_x509_certificate(body)
    key = read.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < SHORTEST_RSA:
        return None
    return Certificate(key, read.not_valid_before_utc, read.not_valid_after_utc)


def signed_text(envelope: Mapping[str, Any]) -> bytes:
    """What the signature of a message covers: each name and its value, a line each."""
    names = _SIGNED[envelope["Type"]]
    return "".join(f"{name}\n{envelope[name]}\n" for name in names if envelope.get(name) is not None).encode()


def region_of(topic: str) -> str | None:
    """The region of a topic's ARN; None when it is no ARN of a topic."""
    found = _TOPIC.fullmatch(topic)
    return found[1] if found else None


def _of_sns(url: str, topic: str) -> SplitResult | None:
    """The parts of an address, if it is one of SNS in the topic's region."""
    # urlsplit drops line breaks and tabs in silence: what it then judges is not what is called.
    if not _URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = _HOST.fullmatch(parts.netloc)
    own = host is not None and host[1] == region_of(topic)
    return parts if own and parts.scheme == "https" and port is None and not parts.fragment else None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
