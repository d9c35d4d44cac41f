"""How values compare, row by row of the reference: the same in our own conditions and in Sigma rules."""

from typing import Any

import pytest

from tests.policy.makers import holds
from tests.policy.sigma_makers import selects

HUGE = 10**30
ROWS: list[tuple[str, dict[str, Any], Any, bool]] = [
    # Unicode case folding on both sides; folding first, then cutting.
    ("folding", {"f": "GROSS"}, "groß", True),
    ("folding of the rule", {"f": "groß"}, "GROSS", True),
    ("folding under startswith", {"f|startswith": "STRAS"}, "Straße", True),
    ("folding under endswith", {"f|endswith": "SSE"}, "Straße", True),
    ("folding under contains", {"f|contains": "aß"}, "STRASSE", True),
    ("folding with wildcards", {"f": "str*SSE"}, "straße", True),
    ("a question mark is one character after folding", {"f": "stra??e"}, "straße", True),
    ("and not one before", {"f": "stra?e"}, "straße", False),
    ("both sigmas", {"f": "ΟΔΟΣ"}, "οδος", True),
    ("the Kelvin sign", {"f": "\u212a8s"}, "k8s", True),
    ("a dotted capital i folds to two characters", {"f|startswith": "i\u0307"}, "İstanbul", True),
    ("and is no plain i", {"f": "istanbul"}, "İstanbul", False),
    ("a ligature", {"f": "ﬁle"}, "FILE", True),
    ("no normalisation", {"f": "e\u0301"}, "é", False),
    ("no trimming", {"f": "x"}, "x ", False),
    ("cased folds nothing", {"f|cased": "STRASSE"}, "straße", False),
    ("cased beyond ASCII", {"f|cased|endswith": "ße"}, "Straße", True),
    # Numbers, booleans and text.
    ("an integer and its text", {"f": "12"}, 12, True),
    ("a text and its integer", {"f": 12}, "12", True),
    ("no leading zero is made up", {"f": 12}, "012", False),
    ("a float without fraction", {"f": 2}, 2.0, True),
    ("a float of the rule", {"f": 2.0}, 2, True),
    ("a float keeps its fraction", {"f": "0.5"}, 0.5, True),
    ("minus nothing is nothing", {"f": 0}, -0.0, True),
    ("a huge integer", {"f": HUGE}, HUGE, True),
    ("its neighbour", {"f": HUGE}, HUGE + 1, False),
    ("a huge integer and its text", {"f": str(HUGE)}, HUGE, True),
    ("beyond a double", {"f": 2**53 + 1}, 2**53 + 1, True),
    ("beyond a double, its neighbour", {"f": 2**53}, 2**53 + 1, False),
    ("a large float prints in full", {"f": "1" + "0" * 22}, 1e22, True),
    ("a number starts like its text", {"f|startswith": 12}, 1234, True),
    ("a wildcard for a number", {"f": "1?3*"}, 1234, True),
    ("true", {"f": "TRUE"}, True, True),
    ("true is not one", {"f": 1}, True, False),
    ("false is not empty", {"f": ""}, False, False),
    ("huge numbers in order", {"f|gt": HUGE}, HUGE + 1, True),
    ("a huge decimal text in order", {"f|gte": HUGE}, str(HUGE), True),
    ("exact fractions", {"f|lte": 0.1}, "0.1", True),
    ("no order for a boolean", {"f|lt": 5}, False, False),
    ("no order for scientific text", {"f|gt": 1}, "1e3", False),
    # Null, empty, missing.
    ("null holds for null", {"f": None}, None, True),
    ("null holds for an empty list", {"f": None}, [], True),
    ("null does not hold for an empty text", {"f": None}, "", False),
    ("null does not hold for an empty object", {"f": None}, {}, False),
    ("empty holds for an empty text", {"f": ""}, "", True),
    ("empty does not hold for null", {"f": ""}, None, False),
    ("a star holds for an empty text", {"f": "*"}, "", True),
    ("a star holds for false", {"f": "*"}, False, True),
    ("a star holds for an empty object", {"f": "*"}, {}, True),
    ("a star does not hold for null", {"f": "*"}, None, False),
    ("a star does not hold for an empty list", {"f": "*"}, [], False),
    ("a star does not hold for a list of null", {"f": "*"}, [None], False),
    ("contains nothing", {"f|contains": ""}, "x", True),
    ("contains nothing in null", {"f|contains": ""}, None, False),
    ("exists for null", {"f|exists": True}, None, True),
    ("exists for an empty list", {"f|exists": True}, [], True),
    # Lists and objects.
    ("any value", {"f": "b"}, ["a", "B"], True),
    ("lists in lists", {"f": "c"}, [["a"], [["c"]]], True),
    ("a null among values", {"f": None}, ["a", None], True),
    ("not of a list is of all its values", {"f|neq": "a"}, ["a", "b"], False),
    ("an object is its JSON", {"f": '{"a":[1,null,true],"b":"x"}'}, {"b": "X", "a": [1, None, True]}, True),
    ("an object under contains", {"f|contains": '"a":"suspended"'}, {"z": 1, "a": "Suspended"}, True),
    ("an object's float", {"f|contains": '"n":2}'}, {"n": 2.0}, True),
    ("an object's wide integer", {"f|contains": f'"n":{2**60 + 1}}}'}, {"n": 2**60 + 1}, True),
    ("an object's huge integer", {"f|contains": f'"n":{HUGE},"x"'}, {"x": "é", "n": HUGE}, True),
    ("letters beyond ASCII are themselves", {"f|contains": '"é"'}, {"a": "É"}, True),
    ("a list of objects: each for itself", {"f|contains": '{"k":"b","v":2}'}, [{"k": "a"}, {"v": 2, "k": "b"}], True),
    ("and not together", {"f|contains|all": ['"k":"a"', '"k":"b"']}, [{"k": "a"}, {"k": "b"}], True),
    ("one object has not what two have", {"f": '{"k":"a"}{"k":"b"}'}, [{"k": "a"}, {"k": "b"}], False),
    ("re on an object", {"f|re": '"Action":\\s*"\\*"'}, {"Action": "*", "Effect": "Allow"}, True),
    ("keys of an object are sorted", {"f|re": "^.a.*b.*c.$"}, {"c": 1, "a": 1, "b": 1}, False),
    ("deeper keys too", {"f": '{"a":{"b":1,"c":2}}'}, {"a": {"c": 2, "b": 1}}, True),
]


@pytest.mark.parametrize(("name", "condition", "value", "wanted"), ROWS, ids=[one[0] for one in ROWS])
def test_a_value_compares_as_the_reference_says(name: str, condition: dict[str, Any], value: Any, wanted: bool) -> None:
    assert holds(condition, {"f": value}) is wanted
    assert selects(condition, {"f": value}) is wanted


MISSING: list[tuple[dict[str, Any], bool]] = [
    ({"f": None}, True),
    ({"f": ""}, False),
    ({"f": "*"}, False),
    ({"f|neq": "x"}, True),
    ({"f|re|neq": "x"}, True),
    ({"f|exists": False}, True),
    ({"f|exists": True}, False),
    ({"f|gt": 0}, False),
    ({"f|cidr": "0.0.0.0/0"}, False),
    ({"f|fieldref": "g"}, False),
    ({"f|fieldref|neq": "g"}, True),
    ({"f|contains": ""}, False),
]


@pytest.mark.parametrize(("condition", "wanted"), MISSING)
def test_a_missing_field_meets_nothing_but_its_absence(condition: dict[str, Any], wanted: bool) -> None:
    assert holds(condition, {"g": None}) is wanted
    assert selects(condition, {"g": None}) is wanted


PATHS: list[tuple[str, dict[str, Any], bool, bool]] = [
    # name, event, found in our own conditions, found in a Sigma file (where case counts)
    ("a.b", {"a": {"b": "x"}}, True, True),
    ("a.b", {"a.b": "x"}, True, True),
    ("a.b", {"a.b": "y", "a": {"b": "x"}}, False, False),
    ("a.b.c", {"a": {"b.c": "x"}}, True, True),
    ("annotations.authorization.k8s.io/reason", {"annotations": {"authorization.k8s.io/reason": "x"}}, True, True),
    ("a.b", {"a": [{"b": "y"}, {"b": "x"}, {"c": 1}]}, True, True),
    ("a.b", {"a": [[{"b": "x"}]]}, True, True),
    ("a.b", {"a": "x"}, False, False),
    ("A.B", {"a": {"b": "x"}}, True, False),
    ("name", {"Name": "y", "NAME": "x"}, True, False),
    ("Name", {"Name": "y", "NAME": "x"}, False, False),
    ("a.name", {"a": {"Name": "y", "nAME": "x"}}, True, False),
    ("a[0]", {"a[0]": "x"}, True, True),
    ("a[0].b", {"a": [{"b": "x"}]}, True, False),
    ("any", {"any": "x"}, True, True),
    ("two words", {"two words": "x"}, True, True),
    ("ключ", {"ключ": "x"}, True, True),
]


@pytest.mark.parametrize(("name", "body", "ours", "sigma"), PATHS)
def test_a_field_is_found_as_the_reference_says(name: str, body: dict[str, Any], ours: bool, sigma: bool) -> None:
    key = f"$raw.{name}" if name == "any" else name

    assert holds({key: "x"}, body) is ours
    assert selects({name: "x"}, body) is sigma
