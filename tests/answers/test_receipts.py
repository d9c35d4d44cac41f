from datetime import UTC, datetime, timedelta

import pytest

from approvalbot.answers.receipts import Receipts, verify
from approvalbot.errors import SignatureRejected

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ANSWER = {
    "id": "R",
    "status": "approved",
    "allowed": True,
    "kind": "gate",
    "decided_by": [{"id": "ann", "name": "Ann"}],
    "reason_code": None,
    "policy": {"id": "p", "digest": "d" * 64},
    "event_digest": "e" * 64,
}


def test_a_receipt_verifies_offline_and_says_what_was_decided() -> None:
    receipts = Receipts(b"1" * 32, "https://approvals.example.com")

    claims = verify(receipts.sign(ANSWER, NOW), receipts.jwks(), NOW)

    assert (claims["jti"], claims["allowed"], claims["event_digest"]) == ("R", True, "e" * 64)


def test_every_altered_letter_is_found() -> None:
    receipts = Receipts(b"1" * 32, "x")
    receipt = receipts.sign(ANSWER, NOW)

    for place in range(0, len(receipt), 7):
        letter = "A" if receipt[place] != "A" else "B"
        with pytest.raises(SignatureRejected):
            verify(receipt[:place] + letter + receipt[place + 1 :], receipts.jwks(), NOW)


def test_a_receipt_of_another_house_or_past_its_time_is_refused() -> None:
    receipt = Receipts(b"1" * 32, "x").sign(ANSWER, NOW)

    with pytest.raises(SignatureRejected):
        verify(receipt, Receipts(b"2" * 32, "x").jwks(), NOW)
    with pytest.raises(SignatureRejected, match="time is over"):
        verify(receipt, Receipts(b"1" * 32, "x").jwks(), NOW + timedelta(days=2))


def test_a_key_pair_is_the_same_after_a_restart() -> None:
    assert Receipts(b"1" * 32, "x").jwks() == Receipts(b"1" * 32, "x").jwks()
    assert "d" not in Receipts(b"1" * 32, "x").jwks()["keys"][0]
