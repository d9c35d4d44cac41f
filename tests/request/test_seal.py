"""Seals and checkpoints: one digest over everything, and no rewriting of what was sealed."""

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvalbot.request.seal import Checkpoint, Seals, seal_of, sealed
from approvalbot.request.trail import GENESIS

AT = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
HASHES = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(1, 9)]


def checkpoint(number: int, seal: str = "") -> Checkpoint:
    return Checkpoint(origin="https://bot", number=number, seal=seal or seal_of(HASHES[:number]), at=AT)


def faults_of(checkpoints: dict[int, Checkpoint], hashes: list[str], start: int = 0) -> list[str]:
    seals = Seals(checkpoints, start, seal_of(HASHES[:start]))
    for number, one in enumerate(hashes[start:], start=start + 1):
        seals.pass_by(number, one)
    return seals.finish()


def test_a_seal_stands_for_every_entry_and_their_order() -> None:
    assert seal_of([]) == GENESIS
    assert seal_of(HASHES[:1]) == sealed(GENESIS, HASHES[0])
    assert len({seal_of(HASHES[:number]) for number in range(9)}) == 9
    assert seal_of(HASHES[:3]) != seal_of([HASHES[1], HASHES[0], HASHES[2]])


@given(st.integers(0, 8), st.integers(0, 8))
def test_seals_go_on_from_any_place(middle: int, end: int) -> None:
    first, last = sorted((middle, end))

    assert seal_of(HASHES[first:last], seal_of(HASHES[:first])) == seal_of(HASHES[:last])


def test_a_trail_agrees_with_its_checkpoints() -> None:
    assert faults_of({3: checkpoint(3), 8: checkpoint(8)}, HASHES) == []


@given(st.integers(0, 7))
def test_a_record_written_anew_as_a_whole_contradicts_the_checkpoint(place: int) -> None:
    forged = [*HASHES[:place], "f" * 64, *HASHES[place + 1 :]]

    faults = faults_of({8: checkpoint(8)}, forged)

    told = "the first 8 entries are not those that the checkpoint of 2026-03-03 12:00 UTC sealed"
    assert faults == [f"{told}; the record was written anew"]


@pytest.mark.parametrize("kept", range(8))
def test_an_end_that_was_cut_is_found_back_to_the_newest_checkpoint(kept: int) -> None:
    (fault,) = faults_of({8: checkpoint(8)}, HASHES[:kept])

    assert "its end was cut" in fault


def test_reading_may_begin_at_a_cut() -> None:
    assert faults_of({5: checkpoint(5), 8: checkpoint(8)}, HASHES, start=5) == []
    assert faults_of({5: checkpoint(5, "0" * 64)}, HASHES, start=5)
    assert faults_of({2: checkpoint(2, "0" * 64)}, HASHES, start=5) == [], "what is gone cannot be held against it"
