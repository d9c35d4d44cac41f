import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvalbot.request.trail import GENESIS, MARK, Draft, Entry, Record, Verifier, append
from tests.request.makers import ANN, T0, make_policy, make_request


def make_records() -> list[Record]:
    policy = make_policy()
    requests = [make_request(policy, id=f"REQUEST{n}") for n in range(3)]
    entries: list[Entry] = []
    for turn in range(4):
        for place, request in enumerate(requests):
            drafts = [Draft("voted", ANN, {"turn": str(turn)})]
            requests[place], more = append(request, T0, drafts)
            entries.extend(more)
    after = [GENESIS[:MARK], *(entry.hash[:MARK] for entry in entries)]
    return [Record(n + 1, after[n], orjson.loads(entry.stored())) for n, entry in enumerate(entries)]


def faults_of(records: list[Record], total: int = 12) -> list[str]:
    heads = {f"REQUEST{place}": (4, make_records()[9 + place].entry["hash"]) for place in range(3)}
    verifier = Verifier(heads, total)
    for record in records:
        verifier.read(record)
    return verifier.finish(heads.get)


def test_an_untouched_trail_verifies() -> None:
    assert faults_of(make_records()) == []


@given(st.integers(0, 11))
def test_every_single_edit_is_found(place: int) -> None:
    records = make_records()
    edited = {**records[place].entry, "what": "approved"}
    records[place] = Record(records[place].number, records[place].after, edited)

    assert any("edited" in fault for fault in faults_of(records))


@given(st.integers(0, 11))
def test_every_single_removal_is_found(place: int) -> None:
    records = make_records()
    del records[place]

    assert faults_of(records)


@given(st.integers(0, 11), st.integers(0, 11))
def test_every_insertion_and_every_swap_is_found(one: int, other: int) -> None:
    inserted = make_records()
    inserted.insert(one, inserted[other])
    swapped = make_records()
    swapped[one], swapped[other] = (
        Record(swapped[one].number, swapped[one].after, swapped[other].entry),
        Record(swapped[other].number, swapped[other].after, swapped[one].entry),
    )

    assert faults_of(inserted)
    assert one == other or faults_of(swapped)


@pytest.mark.parametrize("kept", range(12))
def test_a_cut_end_is_found(kept: int) -> None:
    assert faults_of(make_records()[:kept])
    assert faults_of(make_records()[:kept], total=kept), "also where the count was cut with it"


def test_entries_written_while_the_trail_is_read_are_no_fault() -> None:
    records = make_records()
    before = {f"REQUEST{place}": (3, records[6 + place].entry["hash"]) for place in range(3)}
    after = {f"REQUEST{place}": (4, records[9 + place].entry["hash"]) for place in range(3)}
    verifier = Verifier(before, 9)
    for record in records:
        verifier.read(record)

    assert verifier.finish(after.get) == []


def test_an_entry_that_no_commit_wrote_is_found_even_if_it_chains() -> None:
    records = make_records()
    before = {f"REQUEST{place}": (3, records[6 + place].entry["hash"]) for place in range(3)}
    verifier = Verifier(before, 9)
    for record in records:
        verifier.read(record)

    assert len(verifier.finish(before.get)) == 3
