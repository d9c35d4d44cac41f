"""What a hostile pattern or a hostile event can cost has a bound; `python -m bench hostile` has the figures."""

import random
import time
from typing import Any

import pytest

from approvalbot.errors import AccessRefused
from approvalbot.policy.access import check_wish
from approvalbot.policy.entitlement import Entitlement
from tests.events.makers import event_of
from tests.policy.makers import entitlement_document, faults_of, load, policy_document

LONG = "".join(random.Random(1).choices("ab", k=65_536))  # noqa: S311 - only has to look like nothing in particular


@pytest.mark.parametrize(
    ("match", "body"),
    [
        ({"a|re": "a[ab]{900}c"}, {"a": LONG}),
        ({"a|re": "|".join(f"a[ab]{{{n}}}x" for n in range(20))}, {"a": LONG}),
        ({"a": "*a" + "?" * 900 + "x*a"}, {"a": LONG + "x" + "a" * 900_000}),
        ({"a|windash|contains": "?a" * 400 + "x -y"}, {"a": LONG * 4 + "x /y"}),
        ({"a|fieldref|contains": "b"}, {"a": [f"x{n}" for n in range(4000)], "b": [f"y{n}" for n in range(4000)]}),
    ],
)
def test_what_would_take_too_long_is_a_fault_at_once_and_never_no_match(match: dict[str, Any], body: Any) -> None:
    policies = load(policy_document(match=match))
    event = event_of(body)
    started = time.process_time()

    (found,) = policies.matcher.match(event)

    assert time.process_time() - started < 0.05
    assert "too" in found.error


def test_two_fields_with_thousands_of_values_are_compared_at_once() -> None:
    policies = load(policy_document(match={"a|fieldref": "b"}))
    far, near = [f"x{n}" for n in range(20_000)], [f"y{n}" for n in range(20_000)]
    started = time.process_time()

    assert policies.matcher.match(event_of({"a": far, "b": near})) == ()
    assert policies.matcher.match(event_of({"a": far, "b": [*near, "X7"]}))[0].error == ""
    assert time.process_time() - started < 0.2


def test_a_pattern_that_is_searched_as_far_as_any_value_reaches_is_not_bounded_further() -> None:
    policies = load(policy_document(match={"a|re": r"\b\d{1,3}(\.\d{1,3}){3}\b"}))

    (found,) = policies.matcher.match(event_of({"a": "x" * 60_000 + " 10.0.0.1"}))

    assert found.error == ""


@pytest.mark.parametrize("pattern", [r"(?i)[\pL]{300}z", "a.{0,1000}b.{0,1000}c", r"[\pL\pN]{900}"])
def test_a_pattern_that_is_too_costly_does_not_load(pattern: str) -> None:
    started = time.process_time()

    (fault,) = faults_of(policy_document(match={"a|re": pattern}))

    assert time.process_time() - started < 0.05
    assert (fault.name, "too costly" in fault.problem) == ("bad-regex", True)


def test_an_input_too_long_for_its_pattern_does_not_fit_it() -> None:
    field = {"id": "why", "label": "Why", "type": "text", "max_length": 3000, "pattern": "(a|b[ab]{900}c)*"}
    terms = Entitlement.model_validate(entitlement_document(inputs=[field]))

    with pytest.raises(AccessRefused) as refused:
        check_wish(terms, duration_s=3600, reason="because", inputs={"why": "\u20ac" * 3000})

    assert refused.value.code == "input_invalid"
