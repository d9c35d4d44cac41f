import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvalbot.policy.conditions.patterns import Pattern, Wild, matcher, parse_pattern
from approvalbot.policy.conditions.regexes import RegexFault, compile_regex

TEXT = st.text(alphabet="ab*?\\\nßİ", max_size=12)


def naive(pattern: str, text: str) -> bool:
    """The rules of the reference, letter by letter, with Python's own regular expressions."""
    source, place = "", 0
    while place < len(pattern):
        letter, following = pattern[place], pattern[place + 1 : place + 2]
        if letter == "\\" and following in {"*", "?", "\\"}:
            source += re.escape(following.casefold())
            place += 2
            continue
        source += ".*" if letter == "*" else "." if letter == "?" else re.escape(letter.casefold())
        place += 1
    return re.fullmatch(source, text.casefold(), re.DOTALL) is not None


@given(TEXT, TEXT)
def test_wildcards_mean_what_a_naive_matcher_says(pattern: str, text: str) -> None:
    assert matcher(parse_pattern(pattern).folded())(text.casefold()) is naive(pattern, text)


@given(st.text(alphabet="ab.*+?{}2,^$\\-\u212a", max_size=12), st.text(alphabet="ab-.{2}K\u212aßs", max_size=20))
def test_the_text_that_a_regular_expression_needs_stands_in_everything_it_finds(source: str, text: str) -> None:
    try:
        regex = compile_regex(source)
    except RegexFault:
        return

    if regex.search(text):
        assert regex.needed in text
        assert regex.needed.casefold() in text.casefold()


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        (".+:assumed-role/aws:.+", ":assumed-role/aws:"),
        (r"^a\.b\.example$", "a.b.example"),
        ("abc*de", "ab"),
        ("x{2,3}abc", "abc"),
        ("deploy|dance", ""),
        (r"\x41bcdef", ""),
        ("(?i)deploy", ""),
        ("[d]eploy", ""),
        ("café", ""),
        (".*", ""),
    ],
)
def test_a_plain_regular_expression_tells_what_it_needs(source: str, needed: str) -> None:
    assert compile_regex(source).needed == needed


@given(TEXT, TEXT)
def test_what_the_index_looks_for_is_found_in_every_match(pattern: str, text: str) -> None:
    parsed = parse_pattern(pattern)
    folded = text.casefold()
    key = parsed.index_key()

    if key is not None and matcher(parsed.folded())(folded):
        kind, literal = key
        held = {
            "equal": folded == literal,
            "prefix": folded.startswith(literal),
            "suffix": folded.endswith(literal),
            "contains": literal in folded,
        }
        assert held[kind]


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        (r"\\*", ("\\", Wild.RUN)),
        (r"\\\*", ("\\*",)),
        (r"\\\\", ("\\\\",)),
        (r"C:\Windows", ("C:\\Windows",)),
        (r"a\?b?", ("a?b", Wild.ONE)),
        ("a**b", ("a", Wild.RUN, "b")),
        ("end\\", ("end\\",)),
        ("", ()),
    ],
)
def test_escapes_are_read_as_the_reference_says(written: str, parts: tuple[object, ...]) -> None:
    assert parse_pattern(written).parts == parts


@pytest.mark.parametrize(
    "pattern",
    ["*a*a*a*a*a*a*a*a*b", "*a?a?a?a?a?a*b", "?" * 40 + "*b", "*" + "a?" * 30 + "c", "a" * 500 + "*" + "b" * 500],
)
def test_a_hostile_pattern_on_a_megabyte_takes_less_than_50_ms(pattern: str) -> None:
    matches = matcher(parse_pattern(pattern).folded())
    text = "a" * 1_000_000
    started = time.perf_counter()

    assert not matches(text)

    assert time.perf_counter() - started < 0.05


def test_neighbouring_parts_are_joined() -> None:
    assert Pattern.of(("a", "", "b", Wild.RUN, Wild.RUN, "c")).parts == ("ab", Wild.RUN, "c")
    assert parse_pattern("").wrapped(Wild.RUN, Wild.RUN).is_any
