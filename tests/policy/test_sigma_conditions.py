"""Selections, keywords and conditions, row by row of the Sigma specification 2.1."""

from typing import Any

import pytest

from approvalbot.policy.conditions.reasons import Reason, reasons
from approvalbot.policy.conditions.view import View
from approvalbot.policy.explain import explain_tree
from approvalbot.policy.explain_text import tree_lines
from tests.events.makers import event_of
from tests.policy.sigma_makers import selects, sigma_holds, sigma_tree

EVENT: dict[str, Any] = {
    "msg": "Mimikatz EVENT::Clear ran",
    "deep": [{"list": ["a -ExternalUrl x", None]}, {"n": 517, "flag": True, "ratio": 2.0}],
    "secretKey": "v",
}

SELECTIONS: list[tuple[str, Any, bool]] = [
    ("a list of texts is keywords", ["event::clear", "event::drop"], True),
    ("none of them", ["event::crash", "event::drop"], False),
    ("a text alone is a keyword", "event::clear", True),
    ("a number alone is a keyword", 517, True),
    ("a number stands inside another", 51, True),
    ("a boolean is a keyword by its text", [True], True),
    ("keywords ignore case", ["MIMIKATZ"], True),
    ("keywords know wildcards", ["mimi*ran"], True),
    ("a wildcard stays inside one value", ["mimikatz*externalurl"], False),
    ("an escaped wildcard is itself", [r"mimi\*"], False),
    ("keys are not searched", ["secretKey"], False),
    ("all", {"|all": ["event::clear", " -ExternalUrl "]}, True),
    ("all wants each", {"|all": ["event::clear", "event::drop"]}, False),
    ("an empty key", {"": ["event::drop", "mimikatz"]}, True),
    ("contains says nothing new", {"|contains": "clear"}, True),
    ("cased", {"|cased": ["Mimikatz"]}, True),
    ("cased wants the case", {"|cased": ["mimikatz"]}, False),
    ("re", {"|re": "Event|EVENT::C"}, True),
    ("re is cased", {"|re": "^mimikatz"}, False),
    ("re with i", {"|re|i": "^mimikatz"}, True),
    ("neq", {"|neq": "event::drop"}, True),
    ("neq of what is there", {"|neq": "event::clear"}, False),
    ("a keyword beside a field", {"secretKey": "v", "": "mimikatz"}, True),
    ("a keyword beside a field is and", {"secretKey": "w", "": "mimikatz"}, False),
    ("a list of maps is or", [{"secretKey": "x"}, {"deep.n": 517}], True),
    ("each map of a list is and", [{"secretKey": "v", "deep.n": 1}, {"deep.n": 2}], False),
    ("texts and maps in one list", ["event::drop", {"secretKey": "v"}], True),
    ("a list in a list", [["event::drop", "mimikatz"], {"secretKey": "w"}], True),
]


@pytest.mark.parametrize(("name", "selection", "holds"), SELECTIONS, ids=[one[0] for one in SELECTIONS])
def test_selections_and_keywords(name: str, selection: Any, holds: bool) -> None:
    assert selects(selection, EVENT) is holds


def test_keywords_take_placeholders_and_encodings() -> None:
    assert selects({"|expand": "%words%"}, {"a": "x DROP y"}, {"words": ("clear", "drop")})
    assert selects({"|wide|base64offset": "cmd"}, {"a": "YwBtAGQA"})
    assert selects({"|windash": " -flag"}, {"a": "run /flag"})


# Selections that hold are named t…, the others f…
NAMED = {"t1": {"a": 1}, "t2": {"b": 2}, "f1": {"a": 2}, "f2": {"b": 3}, "_t": {"a": 1}, "_f": {"a": 9}}
BODY = {"a": 1, "b": 2}
CONDITIONS: list[tuple[Any, bool | None]] = [
    ("t1", True),
    ("f1", False),
    ("not f1", True),
    ("t1 and t2", True),
    ("t1 and f1", False),
    ("t1 or f1", True),
    # Precedence, least to most binding: or, and, not, x of, brackets.
    ("t1 or f1 and f2", True),
    ("(t1 or f1) and f2", False),
    ("f1 and f2 or t1", True),
    ("not f1 and t1", True),
    ("not (f1 and t1)", True),
    ("not t1 or t2", True),
    ("not not t1", True),
    ("1 of them", True),
    ("any of them", True),
    ("all of them", False),
    ("1 of t*", True),
    ("all of t*", True),
    ("all of *1", False),
    ("1 of f*", False),
    ("not 1 of f*", True),
    ("all of t* and not 1 of f*", True),
    ("1 of t1", True),
    ("1 of *", True),
    ("(1 of t* or f1) and not (all of f*)", True),
    ("1 of _f*", False),
    ("1 of _t*", True),
    ("_t", True),
    (["f1", "f2"], False),
    (["f1", "t1"], True),
    ("t1  and\n  t2", True),
    ("T1 and t2", None),
    ("NOT f1 AND t1", True),
    ("ALL OF t*", True),
]


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS)
def test_conditions(condition: Any, holds: bool | None) -> None:
    detection = {**NAMED, "condition": condition}

    if holds is None:
        _, (finding,) = sigma_tree(detection)
        assert "T1 is no selection of this rule" in finding.problem
    else:
        assert sigma_holds(detection, BODY) is holds


def test_them_leaves_out_what_begins_with_an_underscore() -> None:
    assert not sigma_holds({"f": {"a": 2}, "_t": {"a": 1}, "condition": "1 of them"}, BODY)
    assert sigma_holds({"t": {"a": 1}, "_f": {"a": 2}, "condition": "all of them"}, BODY)
    assert not sigma_holds({"f": {"a": 2}, "_t": {"a": 1}, "condition": "1 of *"}, BODY)


@pytest.mark.parametrize(
    ("detection", "says"),
    [
        ({"s": {"a": 1}}, "the detection has no condition; write condition: s"),
        ({"s": {"a": 1}, "condition": ""}, "a condition has 1 to 500 words"),
        ({"s": {"a": 1}, "condition": []}, "an empty list is no condition"),
        ({"s": {"a": 1}, "condition": {"a": 1}}, "a map is no condition"),
        ({"s": {"a": 1}, "condition": "t"}, "t is no selection of this rule"),
        ({"s": {"a": 1}, "condition": "1 of t*"}, "t* matches no selection of this rule"),
        ({"s": {"a": 1}, "condition": "2 of s*"}, "2 of … is not in Sigma; write 1 of, any of or all of"),
        ({"s": {"a": 1}, "condition": "(s"}, "a bracket does not close"),
        ({"s": {"a": 1}, "condition": "s)"}, '")" is not expected there'),
        ({"s": {"a": 1}, "condition": "s s"}, '"s" is not expected there'),
        ({"s": {"a": 1}, "condition": "s and"}, "a selection is missing before the end"),
        ({"s": {"a": 1}, "condition": "and s"}, 'a selection is missing before "and"'),
        ({"s": {"a": 1}, "condition": "not"}, "a selection is missing before the end"),
        ({"s": {"a": 1}, "condition": "1 of"}, "a selection is missing before the end"),
        ({"s": {"a": 1}, "condition": "s | count() > 5"}, "aggregations such as `| count()` are the old form"),
        ({"s": {"a": 1}, "condition": "s | near t"}, "are the old form of correlation"),
        ({"s": {"a": 1}, "condition": "s", "timeframe": "5m"}, "timeframe is not read; write a correlation document"),
        ({"s": {}, "condition": "s"}, "the selection is empty"),
        ({"s": [], "condition": "s"}, "the selection is empty"),
        ({"s": None, "condition": "s"}, "the selection is empty"),
        ({"s": [None], "condition": "s"}, "a keyword is a text"),
        ({"condition": "s"}, "s is no selection of this rule"),
        ({}, "a detection is a map of selections, not an empty map"),
        ("s", 'a detection is a map of selections, not "s"'),
        ({"s": {"a": 1}, "condition": "not " * 40 + "s"}, "nests deeper than 32 levels"),
    ],
)
def test_a_detection_that_cannot_be_read_says_why(detection: Any, says: str) -> None:
    _, findings = sigma_tree(detection)

    assert any(says in f"{one.problem}; {one.hint}" for one in findings), findings


TOO_LONG = "y" * 70_000


def test_a_keyword_pattern_that_cannot_search_one_value_still_finds_another() -> None:
    assert selects({"|re": "x"}, {"a": TOO_LONG, "b": "x"})
    assert selects({"|re": "x"}, {"b": "x", "a": TOO_LONG})


def test_keywords_tell_what_they_found_and_are_explained() -> None:
    tree, _ = sigma_tree({"words": {"|cased": ["Mimikatz", "nothing"]}, "condition": "words"})
    view = View(event_of(EVENT))

    assert reasons(tree, view) == (Reason("anywhere", ("cased",), ("Mimikatz EVENT::Clear ran",)),)
    assert list(tree_lines(explain_tree(tree, view)))[-1].strip() == (
        "✓ anywhere in the event|cased: Mimikatz or nothing"
    )
