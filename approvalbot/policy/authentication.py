"""The `auth:` block of a source: how its senders prove who they are."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, WithJsonSchema, model_validator

from approvalbot.policy.base import Block, Text, named

AuthType = Literal["standard_webhooks", "bearer", "header", "hmac", "github", "okta", "oidc", "mtls", "sns", "none"]

OWN_KEYS: Mapping[str, frozenset[str]] = {
    "oidc": frozenset({"issuer", "audience", "subject", "email", "jwks_url"}),
    "mtls": frozenset({"header", "fingerprints"}),
    "sns": frozenset({"topics"}),
}
"""The keys of the types that have no secret of ours, beside `type`. They belong to no other type, `header` aside."""

_DIGEST = re.compile(r"[0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31}")


def _named_secret(value: str) -> str:
    if not value.startswith(("env:", "file:")) or value in {"env:", "file:"}:
        raise named("literal-secret", "a secret is named, never written; write env:NAME or file:path")
    return value


def _fingerprint(value: str) -> str:
    if not _DIGEST.fullmatch(value):
        raise ValueError(
            f"{value!r} is no SHA-256 of a certificate; openssl x509 -in cert.pem -noout -fingerprint -sha256 gives it"
        )
    return value.replace(":", "").lower()


SecretName = Annotated[
    str, AfterValidator(_named_secret), WithJsonSchema({"type": "string", "pattern": "^(env|file):."})
]
Fingerprint = Annotated[str, AfterValidator(_fingerprint)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s{}?#]+$", max_length=500)]
TopicArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$")
]


class Auth(Block):
    """How a source proves itself. `previous` is the key before the last rotation; both verify until it is removed.

    `header` names the header that carries the key (`header`, `okta`), the signature (`hmac`) or the certificate
    (`mtls`).
    """

    type: AuthType
    secret: SecretName | None = None
    previous: SecretName | None = None
    header: Text | None = None
    unsafe: StrictBool = False
    issuer: Url | None = None
    audience: Text | None = None
    subject: Text | None = None
    email: Text | None = None
    jwks_url: Url | None = None
    fingerprints: Annotated[tuple[Fingerprint, ...], Field(max_length=20)] = ()
    topics: Annotated[tuple[TopicArn, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self._check_foreign_keys()
        match self.type:
            case "none":
                if not self.unsafe:
                    raise named(
                        "open-source",
                        "type: none lets anyone who knows the address open requests;"
                        " write another type, or unsafe: true",
                    )
            case "oidc":
                self._check_oidc()
            case "mtls":
                self._check_has("header", "header: x-forwarded-client-cert")
                self._check_has("fingerprints", "the SHA-256 of each certificate it may use")
            case "sns":
                self._check_has("topics", "the ARNs of the topics it may send")
            case _:
                self._check_has("secret", "secret: env:NAME")
                if self.type in {"header", "hmac"}:
                    self._check_has("header", "the header's name, such as header: x-api-key")
        return self

    @property
    def has_key(self) -> bool:
        """Whether its senders hold a secret that they share with us."""
        return self.type not in {"none", *OWN_KEYS}

    def _check_oidc(self) -> None:
        self._check_has("issuer", "issuer: https://accounts.google.com, or another")
        self._check_has("audience", "what the sender writes as aud, such as our own address")
        if self.subject is None and self.email is None:
            raise ValueError(
                "subject: anybody can get a token of a public issuer, so the token has to name the sender;"
                " add subject or email"
            )

    def _check_has(self, key: str, what: str) -> None:
        if not getattr(self, key):
            raise ValueError(f"{key}: type {self.type} needs {key}; add {what}")

    def _check_foreign_keys(self) -> None:
        own = OWN_KEYS.get(self.type)
        foreign = frozenset[str]().union(*OWN_KEYS.values()) - {"header"} - (own or frozenset())
        if own is not None:
            foreign |= {"secret", "previous", "header", "unsafe"} - own
        for key in sorted(foreign & self.model_fields_set):
            types = [one for one, keys in OWN_KEYS.items() if key in keys]
            belongs = f"; it belongs to type {types[0]}" if types and key != "header" else "; leave it out"
            raise ValueError(f"{key}: type {self.type} has no {key}{belongs}")
