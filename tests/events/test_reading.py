import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvalbot.errors import BadInput
from approvalbot.events.reading import MOST_DEPTH, check_keys, read_json
from tests.timing import fastest_s

REFUSED = {
    "a byte order mark": (b"\xef\xbb\xbf{}", "bom"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "UTF-8"),
    "a broken byte": (b'{"a":"\xff"}', "UTF-8"),
    "nothing": (b"", "expecting value"),
    "NaN": (b'{"a":NaN}', "NaN is not a JSON number"),
    "Infinity": (b'{"a":-Infinity}', "-Infinity is not a JSON number"),
    "a number beyond a double": (b'{"a":1e999}', "too large for a double"),
    "5,000 digits": (b'{"a":' + b"9" * 5000 + b"}", "5000 digits"),
    "5,000 decimals": (b'{"a":0.' + b"9" * 5000 + b"}", "5002 characters"),
    "half a surrogate pair": (b'{"a":"\\ud800"}', "surrogate"),
    "half a surrogate pair in a key": (b'{"\\udfff":1,"n":' + b"1" * 20 + b"}", "surrogate"),
    "NUL": (b'{"a":"x\\u0000"}', "NUL"),
    "NUL in a key": (b'{"x\\u0000":1}', "NUL"),
    "65 levels": (b"[" * 65 + b"]" * 65, "64 levels"),
    "65 levels of both kinds": (b'[{"a":' * 33 + b"1" + b"}]" * 33, "64 levels"),
    "a million open brackets": (b"[" * 1_000_000, "64 levels"),
    "half a million objects in each other": (b'{"a":' * 500_000 + b"}" * 500_000, "64 levels"),
    "pairs before what is too deep": (b"[" + b"[],{}," * 1000 + b"[" * 64 + b"]" * 65, "64 levels"),
    "text after the value": (b'{"a":1}x', "column 8"),
    "a duplicate key": (b'{"actor":"eve","actor":"ann"}', 'the key "actor" stands twice'),
    "a duplicate key spelt with escapes": (b'{"actor":1,"\\u0061ctor":2}', 'the key "actor" stands twice'),
    "a duplicate key deep inside": (b'[{"x":[{"b":"\\"","b":"c"}]}]', 'the key "b" stands twice'),
    "a duplicate key beside a wide number": (b'{"a":1,"a":' + b"9" * 30 + b"}", 'the key "a" stands twice'),
}


@given(
    st.sampled_from([body for body, _ in REFUSED.values()])
    | st.from_regex(rb'\{("[ab\\\\"]{1,3}":(1|9{30}|"[ab]"),?){0,4}\}')
)
def test_reading_leniently_and_then_looking_at_the_keys_is_reading_strictly(body: bytes) -> None:
    def lenient() -> Any:
        value = read_json(body, strict=False)
        check_keys(body, value)
        return value

    def outcome(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except BadInput as fault:
            return str(fault)

    assert outcome(lenient) == outcome(lambda: read_json(body, strict=True))


@pytest.mark.parametrize("name", REFUSED)
def test_the_reader_refuses_what_two_readers_could_read_differently(name: str) -> None:
    body, says = REFUSED[name]

    with pytest.raises(BadInput) as caught:
        read_json(body)

    assert caught.value.code == "body_invalid"
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":"\\\\u0000"}', {"a": "\\u0000"}),
        (b'{"a":18446744073709551616}', {"a": 2**64}),
        (b'{"a":-9223372036854775809}', {"a": -(2**63) - 1}),
        (b'{"id":"123456789012345678901234567890"}', {"id": "123456789012345678901234567890"}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}', {"a": "[" * 70}),
        (b"[" * MOST_DEPTH + b"]" * MOST_DEPTH, json.loads("[" * 64 + "]" * 64)),
        (b' {"a" : 1, "b":{"a":2}} \n', {"a": 1, "b": {"a": 2}}),
    ],
)
def test_the_reader_keeps_values_exactly(body: bytes, value: Any) -> None:
    assert read_json(body) == value


def test_without_strict_a_duplicate_key_is_not_looked_for() -> None:
    assert read_json(b'{"a":1,"a":2}', strict=False) == {"a": 2}


@pytest.mark.parametrize(
    "body",
    [b'{"a":"' + b'\\"' * 120_000, b'{"a":' * 40_000, b"[]" * 100_000, b"9" * 250_000, b'"' * 250_000, b"\\" * 250_000],
)
def test_a_hostile_body_of_the_largest_size_costs_less_than_50_ms(body: bytes) -> None:
    def refuse() -> None:
        with pytest.raises(BadInput):
            read_json(body)

    assert fastest_s(refuse, 0.05) < 0.05


SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
VALUES = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 1]))
def test_what_python_writes_is_read_back_unchanged(value: Any, indent: int | None) -> None:
    for ascii_only in (True, False):
        body = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()

        assert read_json(body) == value


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_in_another_way(body: bytes) -> None:
    try:
        value = read_json(body)
    except BadInput:
        return
    assert value == json.loads(body)


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_a_key_written_twice_is_always_found(value: dict[str, Any], random: Any) -> None:
    pairs = [f"{orjson.dumps(key).decode()}:{json.dumps(inner)}" for key, inner in value.items()]
    twice = random.choice(pairs)
    body = "{" + ",".join([*pairs, twice]) + "}"

    with pytest.raises(BadInput, match="stands twice"):
        read_json(body.encode())
