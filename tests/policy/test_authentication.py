"""The `auth:` block: what each type needs, and what belongs to another."""

from typing import Any

import pytest
import yaml

from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.folder import Folder
from approvalbot.policy.parse import load_policies

DIGEST = "ab" * 32
TOPIC = "arn:aws:sns:eu-west-1:111122223333:trail"
OIDC = {"type": "oidc", "issuer": "https://accounts.google.com", "audience": "https://approvals.example.com"}
MTLS = {"type": "mtls", "header": "x-forwarded-client-cert", "fingerprints": [DIGEST]}


def loaded(auth: dict[str, Any], **source: Any) -> Any:
    document = {
        "version": 1,
        "kind": "Sources",
        "id": "sources",
        "owner": "team-platform",
        "sources": [{"name": "tool", "mapping": "generic", "auth": auth, **source}],
    }
    folder = Folder.of({"sources.yaml": yaml.safe_dump(document).encode()})
    return load_policies(folder).sources["tool"].auth


def told(auth: dict[str, Any], **source: Any) -> str:
    with pytest.raises(PolicyFaults) as caught:
        loaded(auth, **source)
    return str(caught.value)


@pytest.mark.parametrize(
    "auth",
    [
        {"type": "okta", "secret": "env:OKTA", "previous": "env:BEFORE"},
        {"type": "okta", "secret": "env:OKTA", "header": "x-hook-key"},
        {**OIDC, "email": "pusher@acme.iam.gserviceaccount.com"},
        {**OIDC, "subject": "113774264463038321964", "jwks_url": "https://www.googleapis.com/oauth2/v3/certs"},
        MTLS,
        {**MTLS, "fingerprints": [DIGEST, "cd" * 32]},
        {"type": "sns", "topics": [TOPIC]},
        {"type": "sns", "topics": ["arn:aws-cn:sns:cn-north-1:111122223333:trail"]},
    ],
)
def test_each_type_loads_with_what_it_needs(auth: dict[str, Any]) -> None:
    assert loaded(auth).type == auth["type"]


def test_a_fingerprint_is_taken_as_openssl_prints_it() -> None:
    printed = ":".join(["AB"] * 32)

    assert loaded({**MTLS, "fingerprints": [printed]}).fingerprints == (DIGEST,)


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        ({"type": "okta"}, "type okta needs secret; add secret: env:NAME"),
        (
            {"type": "oidc", "audience": "us", "subject": "x"},
            "needs issuer; add issuer: https://accounts.google.com",
        ),
        ({"type": "oidc", "issuer": "https://a.example", "subject": "x"}, "needs audience"),
        (OIDC, "anybody can get a token of a public issuer, so the token has to name the sender; add subject or email"),
        ({**OIDC, "subject": "x", "secret": "env:X"}, "type oidc has no secret"),
        ({**OIDC, "subject": "x", "header": "x-token"}, "type oidc has no header"),
        ({**OIDC, "subject": "x", "jwks_url": "ftp://a.example"}, "auth.jwks_url"),
        ({**OIDC, "subject": "x", "issuer": "accounts.google.com"}, "auth.issuer"),
        ({"type": "mtls", "fingerprints": [DIGEST]}, "type mtls needs header"),
        ({"type": "mtls", "header": "x-c"}, "type mtls needs fingerprints; add the SHA-256 of each certificate"),
        ({**MTLS, "fingerprints": ["ab" * 20]}, "is no SHA-256 of a certificate; openssl x509"),
        ({**MTLS, "topics": [TOPIC]}, "type mtls has no topics; it belongs to type sns"),
        ({"type": "sns"}, "type sns needs topics; add the ARNs of the topics it may send"),
        ({"type": "sns", "topics": ["trail"]}, "auth.topics[0]"),
        ({"type": "sns", "topics": [TOPIC], "secret": "env:X"}, "type sns has no secret"),
        (
            {"type": "bearer", "secret": "env:X", "issuer": "https://a.example"},
            "has no issuer; it belongs to type oidc",
        ),
        ({"type": "hmac", "secret": "env:X"}, "type hmac needs header; add the header's name"),
    ],
)
def test_what_is_missing_or_belongs_elsewhere_is_named(auth: dict[str, Any], words: str) -> None:
    assert words in told(auth)


def test_a_source_without_a_key_of_its_own_cannot_be_waited_for() -> None:
    assert "type sns has no key that a waiting service could hold" in told(
        {"type": "sns", "topics": [TOPIC]}, may_wait=True
    )
