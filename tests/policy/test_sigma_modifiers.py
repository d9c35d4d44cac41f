"""Values and modifiers, row by row of the Sigma specification 2.1 and its modifiers appendix."""

import base64
from typing import Any

import pytest

from tests.policy.sigma_makers import refusal, selects

ESCAPES: list[tuple[str, str, bool]] = [
    # "Escaping": plain backslash, escaped wildcard, backslash and wildcard, both plain, three or four backslashes.
    (r"C:\Temp", r"C:\Temp", True),
    (r"C:\\Temp", r"C:\Temp", True),
    (r"C:\\Temp", r"C:\\Temp", False),
    (r"a\*b", "a*b", True),
    (r"a\*b", "axb", False),
    (r"a\?b", "a?b", True),
    (r"a\?b", "axb", False),
    (r"a\\*b", r"a\xxb", True),
    (r"a\\*b", "a*b", False),
    (r"a\\\*b", r"a\*b", True),
    (r"a\\\*b", r"a\xb", False),
    (r"a\\\b", r"a\\b", True),
    (r"a\\\\b", r"a\\b", True),
    (r"a\\\\b", r"a\b", False),
    # "String Wildcard"
    ("prog?.exe", "progA.exe", True),
    ("prog?.exe", "prog.exe", False),
    ("antivirus_V*.exe", "antivirus_V21.2.1.exe", True),
    ("antivirus_V*.exe", "antivirus_V.exe", True),
    ("a*b", "a\nb", True),
    ("a?b", "a\nb", True),
    # "All values are treated as case-insensitive strings"
    ("WHOAMI.EXE", "whoami.exe", True),
]


@pytest.mark.parametrize(("written", "value", "matches"), ESCAPES)
def test_wildcards_and_escapes(written: str, value: str, matches: bool) -> None:
    assert selects({"f": written}, {"f": value}) is matches


CODE = "IEX (New-Object Net.WebClient)"
OFFSETS = [base64.b64encode(b"x" * n + CODE.encode() + b"yy").decode() for n in range(4)]
WIDE = [base64.b64encode(b"x" * n + CODE.encode("utf-16-le")).decode() for n in range(4)]

HOLD: list[tuple[str, Any, dict[str, Any]]] = [
    ("values are or", {"EventID": [517, 1102]}, {"EventID": 1102}),
    ("a map is and", {"EventLog": "Security", "EventID": 1}, {"EventLog": "security", "EventID": 1}),
    ("an integer and its text", {"EventID": 4769}, {"EventID": "4769"}),
    ("hexadecimal text", {"TicketOptions": "0x40810000"}, {"TicketOptions": "0x40810000"}),
    ("a boolean and its text", {"isProxy": "true"}, {"isProxy": True}),
    ("a boolean in the rule", {"isProxy": True}, {"isProxy": "TRUE"}),
    ("an empty value", {"f": ""}, {"f": ""}),
    ("null for a missing field", {"f": None}, {}),
    ("null for null", {"f": None}, {"f": None}),
    ("null for an empty list", {"f": None}, {"f": []}),
    ("an empty list and its text", {"f": "[]"}, {"f": []}),
    ("the text of an empty list", {"f": ["x", "[]"]}, {"f": "[]"}),
    ("null or empty in two selections", [{"f": ""}, {"f": None}], {}),
    ("all", {"f|contains|all": ["a", "b"]}, {"f": "b-a"}),
    ("all over several values", {"f|all": ["a", "b"]}, {"f": ["b", "c", "a"]}),
    ("all with one value", {"f|contains|all": "a"}, {"f": "xax"}),
    ("startswith", {"f|startswith": "adm"}, {"f": "ADMIN"}),
    ("endswith", {"f|endswith": "\\cmd.exe"}, {"f": "C:\\Windows\\cmd.exe"}),
    ("contains", {"f|contains": "min"}, {"f": "admin"}),
    ("contains keeps wildcards live", {"f|contains": "a?m*n"}, {"f": "xadmin!"}),
    ("exists true for an empty text", {"f|exists": True}, {"f": ""}),
    ("exists true for null", {"f|exists": True}, {"f": None}),
    ("exists false", {"f|exists": False}, {}),
    ("cased", {"f|cased": "Admin"}, {"f": "Admin"}),
    ("cased with contains", {"f|contains|cased": "Min"}, {"f": "adMin"}),
    ("neq of a text", {"f|neq": "x"}, {"f": "y"}),
    ("neq of a number", {"f|neq": 5}, {"f": 6}),
    ("neq of several", {"f|neq": ["x", "y"]}, {"f": "z"}),
    ("neq of a missing field", {"f|neq": "x"}, {}),
    ("neq negates any kind", {"f|re|neq": "^a"}, {"f": "b"}),
    ("neq of a network", {"f|cidr|neq": "10.0.0.0/8"}, {"f": "11.0.0.1"}),
    ("neq of contains and all", {"f|contains|all|neq": ["a", "b"]}, {"f": "a"}),
    ("windash: the other dashes", {"f|windash|contains": [" -f", " /g"]}, {"f": "tool \u2015f"}),
    ("windash: a slash written", {"f|windash|contains": " /g"}, {"f": "tool -g"}),
    ("windash: not inside a word", {"f|windash": "-param-name"}, {"f": "/param-name"}),
    ("re is not anchored", {"f|re": "b.d"}, {"f": "abcde"}),
    ("re with i", {"f|re|i": "B.D"}, {"f": "abcde"}),
    ("re with m", {"f|re|m": "^b$"}, {"f": "a\nb\nc"}),
    ("re with s", {"f|re|s": "a.b"}, {"f": "a\nb"}),
    ("re with all flags", {"f|re|i|m|s": "^B.C$"}, {"f": "a\nb\nc"}),
    ("re: classes, groups, alternation", {"f|re": "^(ab|cd)[a-z]{1,2}[^0-9]+$"}, {"f": "cdxy!"}),
    ("re: a backslash is the pattern's", {"f|re": r"a\.b\*"}, {"f": "a.b*"}),
    ("base64", {"f|base64": CODE}, {"f": base64.b64encode(CODE.encode()).decode()}),
    *((f"base64offset {n}", {"f|base64offset|contains": CODE}, {"f": text}) for n, text in enumerate(OFFSETS)),
    *(
        (f"wide and base64offset {n}", {"f|wide|base64offset|contains": CODE}, {"f": text})
        for n, text in enumerate(WIDE)
    ),
    ("utf16le is wide", {"f|utf16le|base64": "cmd"}, {"f": base64.b64encode(b"c\0m\0d\0").decode()}),
    ("utf16be", {"f|utf16be|base64": "cmd"}, {"f": base64.b64encode(b"\0c\0m\0d").decode()}),
    ("utf16 has a mark", {"f|utf16|base64": "cmd"}, {"f": base64.b64encode(b"\xff\xfec\0m\0d\0").decode()}),
    ("windash before an encoding", {"f|windash|base64": "x -e"}, {"f": base64.b64encode(b"x /e").decode()}),
    ("an encoded number", {"f|base64": 12}, {"f": base64.b64encode(b"12").decode()}),
    ("lt", {"f|lt": 5}, {"f": 4.5}),
    ("lte", {"f|lte": 5}, {"f": "5"}),
    ("gt", {"f|gt": -5}, {"f": -4}),
    ("gte", {"f|gte": 0.5}, {"f": 0.5}),
    ("minute", {"f|minute": 7}, {"f": "2026-03-03T22:07:59Z"}),
    ("hour", {"f|hour": [22, 23]}, {"f": "2026-03-03 22:07:59"}),
    ("day", {"f|day": 3}, {"f": "2026-03-03"}),
    ("week", {"f|week": 10}, {"f": "2026-03-03"}),
    ("month", {"f|month": 3}, {"f": "2026-03-03"}),
    ("year", {"f|year": 2026}, {"f": "2026-03-03T22:07:59.123+05:30"}),
    ("hour in order", {"f|hour|gte": 20}, {"f": "2026-03-03T22:07:59Z"}),
    ("cidr", {"f|cidr": "10.0.0.0/8"}, {"f": "10.255.0.1"}),
    ("cidr of IPv6", {"f|cidr": "2001:db8::/32"}, {"f": "2001:DB8:0::1"}),
    ("cidr of one address", {"f|cidr": "192.0.2.1"}, {"f": "192.0.2.1"}),
    ("fieldref", {"f|fieldref": "g.h"}, {"f": "x", "g": {"h": "X"}}),
    ("fieldref of several", {"f|fieldref": ["g", "h"]}, {"f": "x", "g": "y", "h": "x"}),
    ("fieldref and startswith", {"f|fieldref|startswith": "g"}, {"f": "abc", "g": "AB"}),
    ("fieldref and endswith", {"f|fieldref|endswith": "g"}, {"f": "abc", "g": "bc"}),
    ("fieldref and contains", {"f|fieldref|contains": "g"}, {"f": "abc", "g": "b"}),
    ("fieldref and neq", {"f|fieldref|neq": "g"}, {"f": "x", "g": "y"}),
    ("fieldref reads wildcards of the event as texts", {"f|fieldref": "g"}, {"f": "a*", "g": "a*"}),
]
FAIL: list[tuple[str, Any, dict[str, Any]]] = [
    ("a map is and", {"a": 1, "b": 2}, {"a": 1}),
    ("all", {"f|contains|all": ["a", "b"]}, {"f": "a"}),
    ("startswith", {"f|startswith": "min"}, {"f": "admin"}),
    ("cased", {"f|cased": "admin"}, {"f": "Admin"}),
    ("exists is about the key", {"f|exists": False}, {"f": None}),
    ("neq", {"f|neq": ["x", "y"]}, {"f": "Y"}),
    ("neq of a pattern", {"f|re|neq": "^a"}, {"f": "ab"}),
    ("re is cased", {"f|re": "B"}, {"f": "b"}),
    ("re without m", {"f|re": "^b$"}, {"f": "a\nb\nc"}),
    ("re without s", {"f|re": "a.b"}, {"f": "a\nb"}),
    ("null is not empty", {"f": None}, {"f": ""}),
    ("a list with entries is not empty", {"f": "[]"}, {"f": ["x"]}),
    ("what is missing is no empty list", {"f": "[]"}, {}),
    ("an empty list has no value", {"f|neq": "[]"}, {"f": []}),
    ("empty is not null", {"f": ""}, {"f": None}),
    ("windash: inside a word", {"f|windash": "-param-name"}, {"f": "-param/name"}),
    ("fieldref", {"f|fieldref": "g"}, {"f": "x"}),
    ("fieldref reads no wildcards", {"f|fieldref": "g"}, {"f": "ab", "g": "a*"}),
    ("no date has no hour", {"f|hour": 22}, {"f": "at 22:07"}),
    ("case of a field name counts", {"F": "x"}, {"f": "x"}),
]


@pytest.mark.parametrize(("name", "selection", "body"), HOLD, ids=[one[0] for one in HOLD])
def test_a_selection_holds(name: str, selection: Any, body: dict[str, Any]) -> None:
    assert selects(selection, body)


@pytest.mark.parametrize(("name", "selection", "body"), FAIL, ids=[one[0] for one in FAIL])
def test_a_selection_does_not_hold(name: str, selection: Any, body: dict[str, Any]) -> None:
    assert not selects(selection, body)


LISTS = {"Admins": ("root", "adm*"), "net": ("10.0.0.0/8",), "a.b-c": ("z",)}


@pytest.mark.parametrize(
    ("selection", "value", "holds"),
    [
        ({"f|expand": "%Admins%"}, "root", True),
        ({"f|expand": "%Admins%"}, "administrator", True),
        ({"f|expand": "%Admins%"}, "bob", False),
        ({"f|expand": ["%Admins%", "guest"]}, "guest", True),
        ({"f|contains|expand": "-%Admins%-"}, "x-ROOT-y", True),
        ({"f|expand|cidr": "%net%"}, "10.2.3.4", True),
        ({"f|re|expand": "^%a.b-c%+$"}, "zzz", True),
        # `\%plain%name%` handles `%plain` as plain value and `%name%` as placeholder.
        ({"f|expand": r"\%plain%a.b-c%"}, "%plainz", True),
        ({"f|expand": r"%a.b-c%\\%a.b-c%"}, r"z\z", True),
        ({"f": "%Admins%"}, "%admins%", True),
        ({"f": "%Admins%"}, "root", False),
    ],
)
def test_placeholders_are_filled_only_with_expand(selection: Any, value: str, holds: bool) -> None:
    assert selects(selection, {"f": value}, LISTS) is holds


@pytest.mark.parametrize(
    ("selection", "says"),
    [
        ({"f|foo": "x"}, "|foo is no modifier; known are all, base64"),
        ({"f|contains|startswith": "x"}, "|startswith cannot stand with |contains"),
        ({"f|re|contains": "x"}, "|contains cannot stand with |re"),
        ({"f|i": "x"}, "|i is a flag of |re; write |re|i"),
        ({"f|base64": "a*"}, "|base64 cannot encode wildcards"),
        ({"f|base64offset|contains": "x"}, "one byte leaves no trace of its own in base64; write two or more"),
        ({"f|wide": "cmd"}, "|wide gives bytes, which no text of an event is; write |base64"),
        ({"f|utf16|contains": "cmd"}, "|utf16 gives bytes"),
        ({"f|expand": "%nobody%"}, "no list is named nobody; add nobody: [values] to sigma/lists.yaml"),
        ({"f|expand": ["a", "b"]}, "has no %placeholder% to expand; leave |expand out"),
        ({"f|exists": 1}, "1 is neither true nor false"),
        ({"f|exists|neq": True}, "|neq cannot stand with |exists; exists stands alone"),
        ({"f|cidr": "10.0.0.1/8"}, "write 10.0.0.0/8"),
        ({"f|gt": "x"}, '"x" is no number'),
        ({"f|fieldref": 5}, "5 is no field name"),
        ({"f|fieldref": "a.*"}, '"a.*" is no field name: a name has no wildcards'),
        ({"f|re": r"(?<=a)b"}, "look-around at character 1"),
        ({"f|re": r"(?>a)b"}, "an atomic group at character 1"),
        ({"f|re": "a{,"}, None),
        ({"f|re": "a("}, "is no regular expression: missing )"),
        ({"f": {"nested": 1}}, "a map is no value to compare with"),
        ({"f": [["a"]]}, "a list is no value to compare with"),
        ({"f": []}, "an empty list matches nothing"),
        ({"f|contains": None}, "null has no text for |contains"),
        ({"|exists": True}, "|exists needs a field, and a keyword has none"),
        ({"|startswith": "x"}, "|startswith needs a field"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(selection: Any, says: str | None) -> None:
    if says is None:
        assert selects(selection, {"f": "a{,"})
        return
    finding = refusal(selection)

    assert says in f"{finding.problem}; {finding.hint}"
    assert finding.path == ("selection", *selection)
