from typing import Any

import pytest

from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.tree import AllOf, AnyOf
from approvalbot.policy.conditions.view import View
from approvalbot.policy.faults import EvaluationFault
from tests.events.makers import event_of
from tests.policy.makers import findings_of, holds, tree_of

EVENT: dict[str, Any] = {
    "name": "AttachUserPolicy",
    "count": 12,
    "ratio": 2.0,
    "half": 0.5,
    "flag": True,
    "empty": "",
    "nothing": None,
    "no_items": [],
    "items": ["alpha", "Beta", None],
    "object": {"b": [1, 2], "a": "Suspended"},
    "people": [{"type": "User", "id": "u1"}, {"type": "Group", "id": "g1"}],
    "ip": "10.1.2.3",
    "mapped": "::ffff:10.1.2.3",
    "ip6": "2001:db8::1",
    "service": "iam.amazonaws.com",
    "text_number": "007",
    "big": 9007199254740993,
    "at": "2026-03-03T22:15:00+01:00",
    "same": "ATTACHUSERPOLICY",
    "path": "C:\\Windows\\*.exe",
    "command": "tool /flag",
    "lines": "one\ntwo",
    "any": "field",
    "sharp": "STRASSE",
}

HOLD: list[tuple[str, dict[str, Any]]] = [
    ("equality ignores case", {"name": "attachuserpolicy"}),
    ("a list of values is or", {"name": ["x", "AttachUserPolicy"]}),
    ("keys are anded", {"name": "AttachUserPolicy", "count": 12}),
    ("a number equals its text", {"count": "12"}),
    ("a text equals its number", {"count": 12}),
    ("a float without fraction prints as an integer", {"ratio": "2"}),
    ("a boolean is true or false", {"flag": "true"}),
    ("a field is found ignoring case", {"NAME": "AttachUserPolicy"}),
    ("lists fan out", {"items": "beta"}),
    ("lists on the way fan out", {"people.id": "g1"}),
    ("a selector picks", {"people[type=user].id": "u1"}),
    ("an object is canonical JSON", {"object|contains": '"a":"suspended"'}),
    ("an object equals its canonical JSON", {"object": '{"a":"Suspended","b":[1,2]}'}),
    ("folding expands", {"sharp": "straße"}),
    ("wildcards", {"name": "attach*pol?cy"}),
    ("a star runs over line breaks", {"lines": "one*two"}),
    ("an escaped star is a star", {"path": r"C:\Windows\\\*.exe"}),
    ("contains", {"name|contains": "USER"}),
    ("contains with a live wildcard", {"name|contains": ["h*er", "h?ser"]}),
    ("startswith", {"name|startswith": "attach"}),
    ("endswith", {"name|endswith": ["nothing", "policy"]}),
    ("all", {"items|all": ["alpha", "beta"]}),
    ("contains and all", {"name|contains|all": ["attach", "policy"]}),
    ("cased", {"name|cased": "AttachUserPolicy"}),
    ("cased contains", {"name|contains|cased": "UserP"}),
    ("re searches anywhere", {"name|re": "h[A-Z]ser"}),
    ("re with i", {"name|re|i": "^ATTACH.*y$"}),
    ("re with s", {"lines|re|s": "one.two"}),
    ("re with m", {"lines|re|m": "^two$"}),
    ("exists", {"nothing|exists": True, "no_items|exists": True, "empty|exists": True, "absent|exists": False}),
    ("null holds for missing, null and an empty list", {"absent": None, "nothing": None, "no_items": None}),
    ("null holds for a null among values", {"items": None}),
    ("an empty text", {"empty": ""}),
    ("null in a list is or", {"name": [None, "AttachUserPolicy"]}),
    ("a star means present", {"name": "*", "empty": "*"}),
    ("lt", {"count|lt": 13}),
    ("gte of a decimal text", {"text_number|gte": 7}),
    ("gt of a fraction", {"half|gt": 0.4}),
    ("numbers are exact", {"big|gt": 9007199254740992}),
    ("cidr", {"ip|cidr": "10.0.0.0/8"}),
    ("cidr of a list", {"ip|cidr": ["192.168.0.0/16", "10.1.0.0/16"]}),
    ("an IPv4-mapped address is IPv4", {"mapped|cidr": "10.0.0.0/8"}),
    ("a mapped network is IPv4", {"ip|cidr": "::ffff:10.0.0.0/104"}),
    ("cidr of IPv6", {"ip6|cidr": "2001:db8::/32"}),
    ("fieldref", {"name|fieldref": "same"}),
    ("fieldref and neq", {"name|fieldref|neq": "ip"}),
    ("fieldref and contains", {"same|fieldref|contains": "name"}),
    ("neq", {"name|neq": "x"}),
    ("neq of a missing field", {"absent|neq": "x"}),
    ("neq of a list", {"name|neq": ["x", "y"]}),
    ("base64", {"code|base64": "hello"}),
    ("base64 of another encoding", {"wide|wide|base64": "cmd"}),
    ("base64 at any offset", {"inside|base64offset|contains": "/bin/bash"}),
    ("windash", {"command|windash|contains": " -flag"}),
    ("hour of a date as it stands", {"at|hour": 22}),
    ("minute", {"at|minute": 15}),
    ("day, month, year, week", {"at|day": 3, "at|month": 3, "at|year": 2026, "at|week": 10}),
    ("hour in order", {"at|hour|gte": 20}),
    ("any", {"any": [{"name": "x"}, {"count": 12}]}),
    ("all of maps", {"all": [{"name": "AttachUserPolicy"}, {"count": 12}]}),
    ("not", {"not": {"name": "x"}}),
    ("not of a missing field", {"not": {"absent": "x"}}),
    ("a raw field named any", {"$raw.any": "field"}),
    ("a normalised name", {"$action": "go", "$actor.id": "eve"}),
    ("the dedupe id", {"$event.dedupe_id": "e-1"}),
    ("the time as text", {"$time|startswith": "2026-03-03t21:15"}),
    ("a header", {"$header.X-Team": "blue"}),
    ("a missing normalised value is not there", {"$resource.id|exists": False, "$resource.id": None}),
]

FAIL: list[tuple[str, dict[str, Any]]] = [
    ("no trimming", {"name": " AttachUserPolicy"}),
    ("a question mark is exactly one", {"name": "attach?policy"}),
    ("cased", {"name|cased": "attachuserpolicy"}),
    ("re is cased", {"name|re": "attach"}),
    ("re without s stops at a line", {"lines|re": "one.two"}),
    ("re without m anchors at the ends", {"lines|re": "^two$"}),
    ("a star wants something there", {"nothing": "*"}),
    ("a star wants something in the list", {"no_items": "*"}),
    ("a positive test on null fails", {"nothing": "x"}),
    ("a positive test on a missing field fails", {"absent|contains": "x"}),
    ("an empty text is no null", {"empty": None}),
    ("null is no empty text", {"nothing": ""}),
    ("a boolean is no number", {"flag|gte": 0}),
    ("null is no number", {"nothing|lt": 5}),
    ("a date is no number", {"at|gt": 0}),
    ("a text is no number", {"name|gt": 0}),
    ("numbers are exact", {"big|gt": 9007199254740993}),
    ("a service name is no address", {"service|cidr": "0.0.0.0/0"}),
    ("versions must agree", {"ip|cidr": "::/0"}),
    ("null never equals null", {"nothing|fieldref": "absent"}),
    ("neq", {"name|neq": ["x", "attachuserpolicy"]}),
    ("all wants every value", {"items|all": ["alpha", "gamma"]}),
    ("an index picks one", {"people[0].id": "g1"}),
    ("no date has no hour", {"name|hour": 22}),
    ("the hour is not moved to UTC", {"at|hour": 21}),
    ("not", {"not": {"name": "AttachUserPolicy"}}),
    ("any of nothing true", {"any": [{"name": "x"}, {"count": 1}]}),
    ("keys are not searched", {"name": "name"}),
    ("windash wants a dash", {"command|windash|contains": "tool-flag"}),
]

BODY = {
    **EVENT,
    "id": "e-1",
    "action": "go",
    "actor": {"id": "eve"},
    "time": "2026-03-03T22:15:00+01:00",
    "code": "aGVsbG8=",
    "wide": "YwBtAGQA",
    "inside": "eHgvYmluL2Jhc2ggLWk=",
}


@pytest.mark.parametrize(("name", "match"), HOLD, ids=[name for name, _ in HOLD])
def test_a_condition_holds(name: str, match: dict[str, Any]) -> None:
    assert holds(match, BODY, {"x-team": "Blue"})


@pytest.mark.parametrize(("name", "match"), FAIL, ids=[name for name, _ in FAIL])
def test_a_condition_does_not_hold(name: str, match: dict[str, Any]) -> None:
    assert not holds(match, BODY, {"x-team": "Blue"})


REFUSED: list[tuple[Any, str, str]] = [
    ({"name|endswth": "x"}, "bad-modifier", "|endswth is no modifier; did you mean endswith?"),
    ({"name|contains|contains": "x"}, "bad-modifier", "a modifier stands twice"),
    ({"name|contains|endswith": "x"}, "bad-modifier", "|endswith cannot stand with |contains"),
    ({"name|re|contains": "x"}, "bad-modifier", "|contains cannot stand with |re"),
    ({"name|re|base64": "x"}, "bad-modifier", "|base64 cannot stand with |re"),
    ({"name|cidr|startswith": "10."}, "bad-modifier", "|startswith cannot stand with |cidr"),
    ({"name|gt|contains": 1}, "bad-modifier", "|contains cannot stand with |gt"),
    ({"name|gt|lt": 1}, "bad-modifier", "|lt cannot stand with |gt"),
    ({"name|i": "x"}, "bad-modifier", "|i is a flag of |re; write |re|i"),
    ({"name|exists|all": True}, "bad-modifier", "|all cannot stand with |exists"),
    ({"name|exists": "yes"}, "bad-value", '"yes" is neither true nor false; write true or false'),
    ({"name|cidr": "10.0.0.1/8"}, "bad-value", "write 10.0.0.0/8"),
    ({"name|cidr": "internal"}, "bad-value", "'internal' is not a network"),
    ({"name|gt": "many"}, "bad-value", '"many" is no number'),
    ({"name|re": "(?=x)"}, "bad-regex", "look-around at character 1"),
    ({"name|re": r"(a)\1"}, "bad-regex", "a back-reference at character 4"),
    ({"name|re": "a++"}, "bad-regex", "a possessive quantifier at character 2"),
    ({"name|re": "("}, "bad-regex", "missing )"),
    ({"name|re": "x" * 1001}, "bad-regex", "1,001 bytes, over 1,000"),
    ({"name": []}, "bad-value", "an empty list matches nothing"),
    ({"name": {"x": 1}}, "bad-value", "a map is no value to compare with"),
    ({"name|contains": None}, "bad-value", "null has no text for |contains"),
    ({"name|base64": "a*"}, "bad-value", "|base64 cannot encode wildcards"),
    ({"name|expand": "%users%"}, "bad-value", "no list is named users; add users: [values] to sigma/lists.yaml"),
    ({"name|expand": "users"}, "bad-value", "has no %placeholder% to expand"),
    ({"$actor.nmae": "x"}, "bad-path", "$actor.nmae is no name of an event; did you mean $actor.name?"),
    ({"a..b": "x"}, "bad-path", "'a..b' has an empty step"),
    ({"any": {}}, "bad-value", "any is a list of maps, not an empty map"),
    ({"any": []}, "bad-value", "any is a list of maps, not an empty list"),
    ({"all": ["x"]}, "bad-value", 'a condition is a map of field: value, not "x"'),
    ({"not": []}, "bad-value", "a condition is a map of field: value, not an empty list"),
    ({}, "bad-value", "a condition is a map of field: value, not an empty map"),
]


@pytest.mark.parametrize(("match", "name", "says"), REFUSED)
def test_a_condition_that_cannot_be_read_says_what_to_write(match: Any, name: str, says: str) -> None:
    (finding,) = findings_of(match)

    assert finding.name == name
    assert says in f"{finding.problem}; {finding.hint}"


def test_every_fault_of_a_condition_is_told_at_its_own_key() -> None:
    found = findings_of({"any": [{"a|bad": 1}, {"not": {"$x": 1}}], "b|gt": "x"})

    assert [finding.path for finding in found] == [("any", 0, "a|bad"), ("any", 1, "not", "$x"), ("b|gt",)]


def test_expand_fills_every_combination_of_its_lists() -> None:
    judge = compile_tree(
        tree_of({"user|expand": "%team%-%role%"}, {"team": ("red", "blue"), "role": ("admin", "*root")})
    )

    assert judge(View(event_of({"user": "blue-admin"})))
    assert judge(View(event_of({"user": "red-superroot"})))
    assert not judge(View(event_of({"user": "green-admin"})))


LONG = "a" * 70_000


def test_a_value_too_long_to_search_is_a_fault_and_never_no_match() -> None:
    judge = compile_tree(tree_of({"text|re": "b"}))

    with pytest.raises(EvaluationFault, match="too long for re"):
        judge(View(event_of({"text": LONG})))


@pytest.mark.parametrize(
    ("match", "outcome"),
    [
        ({"text|re": "b", "name": "x"}, False),
        ({"name": "x", "text|re": "b"}, False),
        ({"any": [{"text|re": "b"}, {"name": "y"}]}, True),
        ({"not": {"all": [{"text|re": "b"}, {"name": "x"}]}}, True),
        ({"any": [{"text|re": "b"}, {"name": "x"}]}, None),
        ({"not": {"text|re": "b"}}, None),
        ({"text|re": ["b", "c"], "name": "y"}, None),
        ({"text|re|all": ["b", "c"], "name": "y"}, None),
    ],
)
def test_a_fault_shows_only_where_nothing_else_decides(match: dict[str, Any], outcome: object) -> None:
    judge = compile_tree(tree_of(match))
    view = View(event_of({"text": LONG, "name": "y"}))

    if outcome is None:
        with pytest.raises(EvaluationFault):
            judge(view)
    else:
        assert judge(view) is outcome


def test_an_empty_all_matches_nothing() -> None:
    assert not compile_tree(AllOf(()))(View(event_of({})))
    assert not compile_tree(AnyOf(()))(View(event_of({})))
