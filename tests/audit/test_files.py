"""An export in a file: it verifies without the store, and whatever is changed in it is found."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from approvalbot.audit.files import Beginning, exported, verify_file
from approvalbot.audit.formats import as_json_line
from approvalbot.audit.sealing import opened
from approvalbot.errors import BadInput
from approvalbot.request.trail import GENESIS, START, Draft, Record, chain
from tests.audit.kept import KEYS, ORIGIN, Trail
from tests.request.makers import ANN
from tests.request.makers import T0 as AT

Lines = list[bytes]


@pytest.fixture
def lines(redis: Redis) -> Lines:
    kept = Trail(redis)
    kept.ask("A")
    kept.note(why="a reload")
    kept.seal()
    kept.ask("B")
    kept.seal()
    tokens = {opened(token, KEYS).number: token for token in kept.checkpoints.all()}
    beginning = Beginning(START, GENESIS, ORIGIN, KEYS)
    return list(exported(beginning, kept.trail.records(), tokens, as_json_line))


def test_an_export_verifies_without_the_store(lines: Lines) -> None:
    found = verify_file(lines, keys=KEYS)

    assert found.faults == []
    assert (found.entries, found.requests, found.checkpoints, found.last, found.signed) == (7, 2, 2, 7, True)


def test_without_keys_the_checkpoints_are_held_against_it_and_their_signature_is_not(lines: Lines) -> None:
    found = verify_file(lines)

    assert (found.faults, found.signed, found.checkpoints) == ([], False, 2)


def edited(lines: Lines) -> Lines:
    return [line.replace(b'"a reload"', b'"no reload"') for line in lines]


def removed(lines: Lines) -> Lines:
    return [*lines[:3], *lines[4:]]


def swapped(lines: Lines) -> Lines:
    return [*lines[:2], lines[3], lines[2], *lines[4:]]


def doubled(lines: Lines) -> Lines:
    return [*lines[:3], lines[2], *lines[3:]]


def moved_checkpoint(lines: Lines) -> Lines:
    return [lines[0], lines[5], *lines[1:5], *lines[6:]]


def without_its_beginning(lines: Lines) -> Lines:
    start = orjson.loads(lines[0])
    start["trail"]["start"] |= {"number": 2, "last": "0" * 64}
    return [orjson.dumps(start), *lines[3:]]


def with_a_past(lines: Lines) -> Lines:
    start = orjson.loads(lines[0])
    start["trail"]["start"]["heads"] = {"A" * 20: [0, "f" * 64]}
    return [orjson.dumps(start), *lines[1:]]


@pytest.mark.parametrize(
    "change", [edited, removed, swapped, doubled, moved_checkpoint, without_its_beginning, with_a_past]
)
def test_an_export_that_somebody_changed_is_found(lines: Lines, change: Callable[[Lines], Lines]) -> None:
    assert verify_file(change(lines), keys=KEYS).faults


def test_an_end_that_was_cut_is_found_by_a_checkpoint_kept_elsewhere(lines: Lines) -> None:
    token = orjson.loads(lines[-1])["checkpoint"]
    cut = lines[:6]

    assert verify_file(cut, keys=KEYS).faults == [], "the file alone cannot know"
    assert any("its end was cut" in fault for fault in verify_file(cut, keys=KEYS, outside=[token]).faults)


def test_a_checkpoint_of_another_key_is_a_fault(lines: Lines) -> None:
    strange = {"keys": [{**KEYS["keys"][0], "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}

    assert any("does not verify" in fault for fault in verify_file(lines, keys=strange).faults)


@given(st.data())
def test_every_byte_counts(data: st.DataObject) -> None:
    _, _, (entry,) = chain("A" * 20, 0, "", AT, [Draft("voted", ANN, {"choice": "approve"})])
    line = as_json_line(Record(1, GENESIS[:16], orjson.loads(entry.stored())), ORIGIN)
    beginning = Beginning(START, GENESIS, ORIGIN, KEYS).line()
    place = data.draw(st.integers(0, len(line) - 1))
    byte = data.draw(st.integers(33, 126).filter(lambda one: one != line[place]))
    changed = line[:place] + bytes([byte]) + line[place + 1 :]

    assert verify_file([beginning, line], keys=KEYS).faults == []
    assert faults_of([beginning, changed])


def faults_of(lines: Lines) -> list[str]:
    try:
        return verify_file(lines, keys=KEYS).faults
    except BadInput as refused:
        return [refused.text()]


@pytest.mark.parametrize(
    "content",
    [
        [],
        [b""],
        [b"{}"],
        [b"[1]"],
        [b"\xff\xfe"],
        [b'{"trail":{"start":{"number":"x","last":"","heads":{},"seal":""}}}'],
        [b'{"trail":{"start":{"number":0,"last":"","heads":[],"seal":""}}}'],
        [b'{"trail":{"start":{"number":0,"last":"","heads":{"A":[1]},"seal":""}}}'],
        [b'{"trail":null}'],
        [b"x" * (1 << 21)],
    ],
)
def test_what_is_no_export_is_said_to_be_none(content: Lines) -> None:
    with pytest.raises(BadInput, match="of no export"):
        verify_file(content)


@given(st.lists(st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text(max_size=5)), max_size=5))
def test_no_content_breaks_the_reader(values: list[dict[str, Any]]) -> None:
    beginning = Beginning(START, GENESIS, ORIGIN, KEYS).line()
    faults_of([beginning, *(orjson.dumps(one, default=str) for one in values if _fits(one))])


def _fits(value: dict[str, Any]) -> bool:
    return all(not isinstance(one, int) or abs(one) < 2**63 for one in value.values())
