"""Random Sigma detections and events that both engines can read, small enough that many of them match.

Each field has one type: what the engines say on purpose differently of mixed types is told in `test_differential.py`.
"""

from typing import Any

from hypothesis import strategies as st

TEXT_FIELDS = ("a", "b", "n.x", "n.m.y", "two words", "select")
TEXTS = (
    *("", "x", "X", "xy", "yx", "xyx", "zz", "a*b", "a?b", "a\\b", "\\", "100%", "x_y", "[x]", "O'x", "x y", "ab"),
    *("C:\\Temp\\x.exe", "/usr/bin/x", "run -flag now", "run /flag now", "eHk=", "aHh5", "x\ny", "true", "12", "null"),
)
WANTED = (
    *(
        "x",
        "X*",
        "*x",
        "*y*",
        "x?",
        "?",
        "??",
        "*",
        "",
        "a\\*b",
        "a\\?b",
        "a\\\\b",
        "a\\b",
        "\\\\*",
        "\\\\\\*",
        "\\\\\\\\",
    ),
    *("100%", "x_y", "[x]", "O'x", "x?y", "*.exe", "C:\\\\Temp\\\\*", "C:\\Temp\\x.exe", "xy", "ab", "a*", "zz", "12"),
)
"""Values of rules: every escape that the specification lists, and what LIKE, GLOB and SQL give their own meaning."""

NUMBERS = (0, 1, -1, 2, 12, 120, 2**53, -(2**40), 0.5, 1.5, -2.25)
DATES = ("2026-03-03T22:15:00", "2026-12-31T00:00:00", "2025-01-09 06:59:59", "no date", "")
ADDRESSES = ("10.1.2.3", "10.1.2.255", "192.168.0.1", "8.8.8.8")
NETWORKS = ("10.0.0.0/8", "10.1.2.0/24", "192.168.0.0/16", "8.8.8.8/32", "0.0.0.0/1")

SHAPES = ("", "|contains", "|startswith", "|endswith")
PATTERNS = ("^x", "y$", "x.", "x*y", "[a-c]", "(x|z)y?", "^$", "q", "\\\\", "X", "x{1,2}y", ".")


def lists_of(values: Any) -> Any:
    """One value, or a list of them."""
    one = st.sampled_from(values)
    return one | st.lists(one, min_size=1, max_size=3, unique=True)


def _leaf(fields: tuple[str, ...], modifiers: Any, wanted: Any) -> Any:
    return st.tuples(st.sampled_from(fields), modifiers, wanted).map(lambda parts: (parts[0] + parts[1], parts[2]))


PLAIN = tuple(text for text in TEXTS if len(text) > 1 and not set("*?\\") & set(text))
WITH_ALL = st.lists(st.sampled_from(WANTED), min_size=2, max_size=3, unique=True)
TEXT_LEAVES = st.one_of(
    _leaf(TEXT_FIELDS, st.sampled_from(SHAPES), lists_of(WANTED)),
    _leaf(TEXT_FIELDS, st.sampled_from([f"{one}|cased" for one in SHAPES]), lists_of(WANTED)),
    _leaf(TEXT_FIELDS, st.sampled_from(["|all", "|contains|all", "|startswith|all", "|cased|all"]), WITH_ALL),
    _leaf(TEXT_FIELDS, st.sampled_from(["|neq", "|contains|neq", "|contains|all|neq", "|cased|neq"]), lists_of(WANTED)),
    _leaf(TEXT_FIELDS, st.sampled_from(["|re", "|re|i", "|re|s", "|re|m", "|re|i|s"]), lists_of(PATTERNS)),
    _leaf(TEXT_FIELDS, st.sampled_from(["|re|neq", "|re|i|neq"]), lists_of(PATTERNS)),
    _leaf(TEXT_FIELDS, st.sampled_from(["|fieldref", "|fieldref|neq"]), st.sampled_from(TEXT_FIELDS)),
    _leaf(
        TEXT_FIELDS,
        st.sampled_from([f"|fieldref{one}" for one in SHAPES[1:]]),
        st.sampled_from(TEXT_FIELDS),
    ),
    _leaf(
        TEXT_FIELDS,
        st.sampled_from(["|base64", "|base64offset|contains", "|wide|base64offset|contains"]),
        lists_of(PLAIN),
    ),
    _leaf(TEXT_FIELDS, st.sampled_from(["|utf16|base64", "|utf16be|base64|contains"]), lists_of(PLAIN)),
    _leaf(
        TEXT_FIELDS,
        st.sampled_from(["|windash", "|windash|contains", "|windash|contains|all"]),
        lists_of((" -flag", "-flag*", "run -flag now")),
    ),
    _leaf(TEXT_FIELDS, st.just("|exists"), st.booleans()),
    _leaf(TEXT_FIELDS, st.just(""), st.none()),
)
NUMBER_LEAVES = st.one_of(
    _leaf(("num", "n.num"), st.just(""), lists_of(NUMBERS)),
    _leaf(("num", "n.num"), st.just("|neq"), lists_of(NUMBERS)),
    _leaf(("num", "n.num"), st.sampled_from(["|lt", "|lte", "|gt", "|gte"]), lists_of(NUMBERS)),
)
OTHER_LEAVES = st.one_of(
    _leaf(("flag",), st.sampled_from(["", "|neq"]), st.booleans()),
    _leaf(
        ("at",), st.sampled_from(["|minute", "|hour", "|day", "|month", "|year"]), lists_of((0, 3, 15, 22, 12, 2026, 6))
    ),
    _leaf(("ip",), st.sampled_from(["|cidr", "|cidr|neq"]), lists_of(NETWORKS)),
)
LEAVES = TEXT_LEAVES | NUMBER_LEAVES | OTHER_LEAVES
MAPS = st.lists(LEAVES, min_size=1, max_size=3, unique_by=lambda leaf: leaf[0]).map(dict)
WORDS = ("x", "xy", "ZZ", "temp", "100%", "x_y", "O'x", "22:15", "12", "-1", "true", "flag now", "[x]", "\\\\")
KEYWORDS = st.one_of(
    st.sampled_from(WORDS),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3, unique=True).map(lambda words: {"|all": words}),
)
SELECTIONS = st.one_of(MAPS, MAPS, st.lists(MAPS, min_size=1, max_size=3), KEYWORDS)
NAMES = ("selection", "selection_b", "filter_a", "filter_b", "_hidden")
CONDITIONS = st.recursive(
    st.sampled_from(
        (*NAMES, "1 of them", "all of them", "1 of selection*", "any of filter_*", "all of filter_*", "all of *_b")
    ),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not {one}"),
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda three: f"({three[0]} {three[1]} {three[2]})"
        ),
    ),
    max_leaves=5,
)
DETECTIONS = st.builds(
    lambda selections, condition: {**dict(zip(NAMES, selections, strict=True)), "condition": condition},
    st.lists(SELECTIONS, min_size=len(NAMES), max_size=len(NAMES)),
    CONDITIONS | st.lists(CONDITIONS, min_size=1, max_size=2),
)


def _object(**fields: Any) -> Any:
    return st.fixed_dictionaries({}, optional=fields)


def events(text: Any, number: Any, flag: Any, address: Any, date: Any) -> Any:
    """Events whose fields hold these."""
    return st.fixed_dictionaries(
        {},
        optional={
            "a": text,
            "b": text,
            "two words": text,
            "select": text,
            "num": number,
            "flag": flag,
            "ip": address,
            "at": date,
            "n": _object(x=text, num=number, m=_object(y=text)),
        },
    )


EVENTS = events(
    st.sampled_from(TEXTS), st.sampled_from(NUMBERS), st.booleans(), st.sampled_from(ADDRESSES), st.sampled_from(DATES)
)


def _some(values: Any) -> Any:
    return st.sampled_from(values) | st.lists(st.sampled_from(values) | st.none(), max_size=3)


EVENTS_WITH_LISTS = events(
    _some(TEXTS), _some(NUMBERS), st.booleans() | st.lists(st.booleans(), max_size=2), _some(ADDRESSES), _some(DATES)
)
