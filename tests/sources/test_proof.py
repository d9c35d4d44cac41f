import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from approvalbot.errors import ApprovalBotError, BadInput, SignatureRejected
from approvalbot.sources.proof import Proof, verify

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OLD = "whsec_" + base64.b64encode(b"fedcba9876543210fedcba9876543210").decode()
PROOF = Proof("standard_webhooks", (SECRET, OLD))
BODY = b'{"action":"deploy.requested"}'


def signed(secret: str = SECRET, body: bytes = BODY, at: datetime = NOW) -> dict[str, str]:
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


def test_what_the_library_signs_verifies_with_the_current_and_the_previous_key() -> None:
    assert verify(PROOF, signed(), BODY, NOW) == 0
    assert verify(PROOF, signed(OLD), BODY, NOW) == 1


def test_one_good_signature_among_several_is_enough() -> None:
    headers = signed()
    headers["webhook-signature"] = f"v1,AAAA v1a,BBBB {headers['webhook-signature']}"

    assert verify(PROOF, headers, BODY, NOW) == 0


@pytest.mark.parametrize("offset_s", [301, -301, 10_000])
def test_an_old_or_future_timestamp_is_refused(offset_s: int) -> None:
    at = datetime.fromtimestamp(NOW.timestamp() + offset_s, UTC)

    with pytest.raises(SignatureRejected):
        verify(PROOF, signed(at=at), BODY, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": ""},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "abc"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-timestamp": "1772539200.5"},
        {"webhook-timestamp": ""},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,,,"},
        {"webhook-signature": "v1,ünïcode"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "v1,\udcff"},
    ],
)
def test_a_malformed_header_is_refused_and_never_an_error_of_ours(change: dict[str, str]) -> None:
    with pytest.raises(SignatureRejected):
        verify(PROOF, {**signed(), **change}, BODY, NOW)


@given(st.integers(0, len(BODY) * 8 - 1))
def test_one_flipped_bit_of_the_body_is_refused(bit: int) -> None:
    flipped = bytearray(BODY)
    flipped[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SignatureRejected):
        verify(PROOF, signed(), bytes(flipped), NOW)


@given(
    st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "authorization"]), st.text()
    )
)
def test_arbitrary_headers_are_refused_with_our_own_words(headers: dict[str, str]) -> None:
    for proof in (PROOF, Proof("bearer", ("key",)), Proof("header", ("key",), "x-api-key"), Proof("github", ("key",))):
        with pytest.raises(ApprovalBotError):
            verify(proof, headers, BODY, NOW)


def test_a_bearer_key_is_compared_whole() -> None:
    proof = Proof("bearer", ("s3cret", "older"))

    assert verify(proof, {"authorization": "Bearer s3cret"}, BODY, NOW) == 0
    assert verify(proof, {"authorization": "bearer older"}, BODY, NOW) == 1
    for wrong in ("s3cre", "s3crett", "", "Bearer"):
        with pytest.raises(BadInput) as caught:
            verify(proof, {"authorization": f"Bearer {wrong}"}, BODY, NOW)
        assert caught.value.code == "not_authenticated"


def test_an_empty_key_verifies_nothing() -> None:
    with pytest.raises(BadInput):
        verify(Proof("bearer", ("",)), {"authorization": "Bearer "}, BODY, NOW)
    with pytest.raises(BadInput):
        verify(Proof("header", (), "x-api-key"), {"x-api-key": ""}, BODY, NOW)


def test_github_signs_as_github_does() -> None:
    digest = hmac.digest(b"key", BODY, hashlib.sha256).hex()

    assert verify(Proof("github", ("key",)), {"x-hub-signature-256": f"sha256={digest}"}, BODY, NOW) == 0
    with pytest.raises(SignatureRejected):
        verify(Proof("github", ("key",)), {"x-hub-signature-256": f"sha256={digest.upper()}x"}, BODY, NOW)
