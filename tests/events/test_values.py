import json
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given

from approvalbot.events.digests import canonical_json, digest_of, identity_of
from approvalbot.events.outcomes import outcome_of
from approvalbot.events.times import parse_time, show_time
from approvalbot.events.values import fan_out, scalars, text_of
from tests.events.test_reading import VALUES


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (10**30, "1" + "0" * 30),
        (1.0, "1"),
        (1e3, "1000"),
        (1.5, "1.5"),
        (-0.25, "-0.25"),
        ({"b": [1, None], "a": "é"}, '{"a":"é","b":[1,null]}'),
    ],
)
def test_values_read_as_the_text_people_would_write(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_lists_fan_out_and_scalars_are_found_at_any_depth() -> None:
    assert list(fan_out([1, [2, [None]], {"a": [3]}])) == [1, 2, None, {"a": [3]}]
    assert list(scalars({"k": [1, {"x": "y"}, None, True]})) == [1, "y", True]


def _has_wide_integer(value: Any) -> bool:
    return any(type(one) is int and abs(one) > 2**53 - 1 for one in scalars(value))


@given(VALUES)
def test_the_fast_canonical_json_equals_rfc_8785(value: Any) -> None:
    if not _has_wide_integer(value):
        assert canonical_json(value) == rfc8785.dumps(value)


def test_an_integer_beyond_2_to_the_53_is_written_as_its_digits_so_that_neighbours_differ() -> None:
    assert canonical_json({"n": 2**60}) == b'{"n":"1152921504606846976"}'
    assert digest_of({"n": 2**60}) != digest_of({"n": 2**60 + 1})


@given(VALUES)
def test_an_object_reads_as_canonical_json(value: Any) -> None:
    if not _has_wide_integer(value):
        assert text_of({"k": value}).encode() == rfc8785.dumps({"k": value})


def test_an_object_reads_with_every_integer_exact() -> None:
    value = {"é": [1.0, None, "x"], "b": {"n": 2**60 + 1, "a": [-(10**30)]}, "a": True}

    assert text_of(value) == (
        '{"a":true,"b":{"a":[-1000000000000000000000000000000],"n":1152921504606846977},"é":[1,null,"x"]}'
    )


def test_what_has_no_canonical_json_is_a_value_error() -> None:
    for value in ({"a": "\ud800"}, {"a": float("nan")}):
        with pytest.raises(ValueError, match=r"."):
            canonical_json(value)


def test_an_event_without_id_has_the_identity_of_its_body() -> None:
    assert identity_of("s", "1", {"a": 1}) == identity_of("s", "1", {"a": 2})
    assert identity_of("s", "1", {}) != identity_of("t", "1", {})
    assert identity_of("s", None, {"a": 1, "b": 2}) == identity_of("s", None, {"b": 2, "a": 1})
    assert identity_of("s", None, {"a": 1}) != identity_of("s", None, {"a": 2})


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-08-02T08:23:24Z", "2024-08-02T08:23:24Z"),
        ("2024-08-02T08:23:24z", "2024-08-02T08:23:24Z"),
        ("2024-11-25 22:00:58.000000000", "2024-11-25T22:00:58Z"),
        ("2024-08-02T08:23:24.123456789+01:00", "2024-08-02T07:23:24.123456Z"),
        ("2024-08-02T08:23:24+0100", "2024-08-02T07:23:24Z"),
        ("2024-08-02 08:23:24 UTC", "2024-08-02T08:23:24Z"),
        ("2024-08-02", "2024-08-02T00:00:00Z"),
        (1722587004, "2024-08-02T08:23:24Z"),
        (1722587004123, "2024-08-02T08:23:24.123000Z"),
        ("1722587004", "2024-08-02T08:23:24Z"),
        (1722587004.5, "2024-08-02T08:23:24.500000Z"),
        (1722587004123456, "2024-08-02T08:23:24.123456Z"),
        (1722587004000000000, "2024-08-02T08:23:24Z"),
    ],
)
def test_times_are_read_in_every_form_audit_logs_use(written: Any, moment: str) -> None:
    parsed = parse_time(written)

    assert parsed is not None
    assert parsed.tzinfo is UTC
    assert show_time(parsed) == moment


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "2024-13-01",
        True,
        None,
        {},
        [],
        10**30,
        -(10**17) * 10**4,
        "9" * 5000,
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_names_no_moment_is_none(written: Any) -> None:
    assert parse_time(written) is None


def test_parsed_times_compare_with_any_aware_time() -> None:
    assert parse_time("2026-03-03T12:00:00Z") == datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("Succeeded", "success"),
        (0, "success"),
        ("200", "success"),
        ("ACTIVE", "success"),
        ("client_error", "failure"),
        (50126, "failure"),
        ("503", "failure"),
        ("DENY", "denied"),
        (403, "denied"),
        ("SKIPPED", "unknown"),
        ("queued", "unknown"),
        ({"a": 1}, "unknown"),
    ],
)
def test_outcome_words_fall_into_four(word: Any, outcome: str) -> None:
    assert outcome_of(word) == outcome


def test_canonical_json_is_json() -> None:
    assert json.loads(canonical_json({"a": [1, 1.5, "x"]})) == {"a": [1, 1.5, "x"]}
