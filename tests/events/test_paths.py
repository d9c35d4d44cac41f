from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvalbot.events.paths import PathFault, _exact, _plain, compile_path

RAW: dict[str, Any] = {
    "a.b": 1,
    "A": {"b": {"c": [{"d": 1}, {"d": [2, None]}, {"x": 1}]}},
    "target": [{"type": "User", "id": "u1", "sub.key": {"z": 1}}, {"type": "Group", "id": "g1"}],
    "one": {"type": "User", "id": "u2"},
    "own.id": 3,
    "own": {"id": 4, "none": None},
    "annotations": {"authorization.k8s.io/reason": "r", "Authorization.k8s.io/decision": "d"},
    "eventName": "X",
    "EVENTNAME": "Y",
    "dotted.key": {"more": 1},
    "dotted": {"key": {"other": 2}},
    "nothing": None,
    "empty": [],
    "nested": [[{"v": 1}], [[{"v": 2}]]],
    "sel[0]": "literal",
}


@pytest.mark.parametrize(
    ("name", "terminals"),
    [
        ("a.b", [1]),
        ("A.b.c.d", [1, [2, None]]),
        ("A.b.c[].d", [1, [2, None]]),
        ("one.id", ["u2"]),
        ("one.ID", ["u2"]),
        ("own.id", [3]),
        ("own[].id", [3]),
        ("own.none", [None]),
        ("target.id", ["u1", "g1"]),
        ("target[].id", ["u1", "g1"]),
        ("target[0].id", ["u1"]),
        ("target[5].id", []),
        ("target[type=user].id", ["u1"]),
        ("target[type=User].sub.key.z", [1]),
        ("target[type=User][0].id", ["u1"]),
        ("one[type=USER].id", ["u2"]),
        ("annotations.authorization.k8s.io/reason", ["r"]),
        ("annotations.authorization.k8s.io/decision", ["d"]),
        ("eventName", ["X"]),
        ("eventname", ["X", "Y"]),
        ("TARGET.ID", ["u1", "g1"]),
        ("dotted.key.more", [1]),
        ("dotted.key.other", []),
        ("nothing", [None]),
        ("nothing.x", []),
        ("empty", [[]]),
        ("empty.x", []),
        ("eventName.x", []),
        ("absent", []),
        ("nested.v", [1, 2]),
        ("sel[0]", ["literal"]),
    ],
)
def test_a_path_finds_what_the_rules_say(name: str, terminals: list[Any]) -> None:
    assert compile_path(name)(RAW, {}) == terminals


def test_the_longest_key_wins_over_the_steps() -> None:
    assert compile_path("a.b")({"a": {"b": 2}, "a.b": 1}, {}) == [1]
    assert compile_path("a.b")({"a": {"b": 2}}, {}) == [2]


def test_in_a_sigma_file_brackets_are_part_of_the_key() -> None:
    assert compile_path("sel[0]", selectors=False)(RAW, {}) == ["literal"]
    assert compile_path("target[0].id", selectors=False)(RAW, {}) == []


@pytest.mark.parametrize("name", ["", "a..b", ".a", "a.", "a[", "a[x]", "[0]", "a[=x]", "a[0]b", "a[0", "x" * 1001])
def test_a_path_that_cannot_be_read_says_so(name: str) -> None:
    with pytest.raises(PathFault):
        compile_path(name)


def test_a_path_never_fails_on_an_unexpected_value() -> None:
    for raw in ([], "text", None, 1, [1, "x", None]):
        assert compile_path("a.b")(raw, {}) == []
        assert compile_path("a")(raw, {}) == []


NAMES = st.sampled_from(["a", "A", "b", "B", "a.b", "A.b", "c"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, 1, "x", []]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4) | VALUES, st.booleans())
def test_the_short_way_of_two_steps_finds_what_the_long_way_finds(raw: Any, any_case: bool) -> None:
    slow = (_plain if any_case else _exact)("a.b", ("a", "b"))

    assert compile_path("a.b", any_case=any_case)(raw, {}) == slow(raw, {})
