"""Keys, tokens, certificates and messages as an issuer, a fleet and SNS would make them, made here."""

import base64
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

AUDIENCE = "https://approvals.example.com/v1/events/pubsub"
ACCOUNT = "pusher@acme.iam.gserviceaccount.com"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:cloudtrail"
CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"


@cache
def rsa_key(name: str) -> RSAKey:
    """An RSA key by any name, the same one for the same name."""
    return RSAKey.import_key(rsa.generate_private_key(65537, 2048), {"kid": name})


@cache
def ec_key(name: str, curve: str = "P-256") -> ECKey:
    """The same on a curve."""
    return ECKey.generate_key(curve, {"kid": name})


def published(*keys: RSAKey | ECKey, **more: Any) -> dict[str, Any]:
    """The key set of an issuer."""
    return {"keys": [{**key.as_dict(private=False), "use": "sig", **more} for key in keys]}


def claims(issuer: str, **changes: Any) -> dict[str, Any]:
    """What Pub/Sub writes; None takes a claim away."""
    now = int(time.time())
    written = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": "113774264463038321964",
        "email": ACCOUNT,
        "email_verified": True,
        "iat": now,
        "exp": now + 3600,
        **changes,
    }
    return {name: value for name, value in written.items() if value is not None}


def token(key: RSAKey | ECKey, said: Mapping[str, Any], *, algorithm: str = "RS256", **header: Any) -> str:
    """A signed token; None takes a member of the header away."""
    head = {"alg": algorithm, "typ": "JWT", "kid": key.kid, **header}
    head = {name: value for name, value in head.items() if value is not None}
    return jws.serialize_compact(head, json.dumps(said), key, algorithms=[algorithm])


def unsigned(header: Mapping[str, Any], said: Mapping[str, Any], signature: bytes = b"") -> str:
    """A token put together by hand."""
    parts = (json.dumps(header).encode(), json.dumps(said).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def certificate(name: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, days: int = 365) -> x509.Certificate:
    """A certificate that signed itself; with `days` below zero it has ended."""
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=min(days, 0) - 1))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, SHA256())
    )


@cache
def signer(name: str) -> rsa.RSAPrivateKey:
    """A private key of SNS, or of somebody else; the one called `short` is too short."""
    return rsa.generate_private_key(65537, 1024 if name == "short" else 2048)


@cache
def pem(name: str, *, days: int = 365) -> bytes:
    """The certificate of such a key."""
    return certificate("sns.amazonaws.com", signer(name), days=days).public_bytes(Encoding.PEM)


NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


def message(text: str = "{}", *, by: str = "sns", sign: bool = True, **changes: Any) -> dict[str, Any]:
    """A message as SNS delivers it; None takes a member away."""
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    written = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": text,
        "Timestamp": stamp,
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": f"https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={TOPIC}:c9135db0",
        **changes,
    }
    made = {name: value for name, value in written.items() if value is not None}
    return signed_message(made, by=by) if sign else made


def confirmation(**changes: Any) -> dict[str, Any]:
    """What SNS sends when somebody subscribes us to a topic."""
    secret = "2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92"
    topic = changes.get("TopicArn", TOPIC)
    url = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={topic}&Token={secret}"
    told = "You have chosen to subscribe to the topic.\nTo confirm, visit the SubscribeURL included in this message."
    wanted = {"Type": "SubscriptionConfirmation", "Token": secret, "SubscribeURL": url, "UnsubscribeURL": None}
    return message(told, **{**wanted, **changes})


def signed_message(written: Mapping[str, Any], *, by: str = "sns", old: bool = False) -> dict[str, Any]:
    """The message with its signature; `old` signs by SHA-1 as SignatureVersion 1 does."""
    names = NOTIFICATION if written.get("Type") == "Notification" else CONFIRMATION
    text = "".join(f"{name}\n{written[name]}\n" for name in names if name in written)
    signature = signer(by).sign(text.encode(), PKCS1v15(), SHA1() if old else SHA256())  # noqa: S303 - what AWS once did
    return {**written, "Signature": base64.b64encode(signature).decode()}
