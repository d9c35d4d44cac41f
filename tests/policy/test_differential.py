"""Our reading of Sigma against pySigma's, on the reference's rules and events and on random ones.

The two agree but for the differences listed below, each with the smallest case that shows it. Most come from SQLite,
which knows no text of a number, no Unicode case and no address.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvalbot.policy.conditions.compile import Judge, compile_tree
from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.view import View
from approvalbot.policy.sigma.detection import parse_detection, sigma_reading
from approvalbot.policy.sigma.logsources import Known
from approvalbot.policy.sigma.rules import read_sigma
from tests.events.makers import event_of, samples
from tests.policy.oracle import Question, plain_verdict
from tests.policy.sigma_corpus import DETECTIONS, EVENTS, EVENTS_WITH_LISTS, LEAVES

MANY = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


def judge_of(detection: Mapping[str, Any]) -> Judge:
    findings: list[Any] = []
    tree = parse_detection(dict(detection), sigma_reading(Known(), Placeholders()), findings)
    assert not findings, findings
    return compile_tree(tree)


def ours(detection: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    return judge_of(detection)(View(event_of(body)))


def alone(leaf: tuple[str, Any]) -> dict[str, Any]:
    """A detection of one condition."""
    return {"selection": dict([leaf]), "condition": "selection"}


def test_every_rule_says_of_every_sample_event_what_pysigma_says(shared: Path) -> None:
    rules = [
        rule
        for path in sorted((shared / "policies/sigma/rules").rglob("*.yml"))
        for rule in read_sigma(path.name, path.read_bytes()).rules
    ]
    asked = [(rule.id, judge_of(rule.document["detection"]), Question.of(rule.document["detection"])) for rule in rules]
    cases = hits = 0

    for sample in samples(shared):
        view = View(event_of(sample["event"], "generic"))
        for rule, judge, question in asked:
            held = judge(view)
            assert held == question.verdict(sample["event"]), (rule, sample["id"])
            cases, hits = cases + 1, hits + held

    assert cases == 93 * 261
    assert hits >= 15


@MANY
@given(LEAVES, EVENTS)
def test_a_random_condition_means_what_pysigma_says(leaf: tuple[str, Any], body: dict[str, Any]) -> None:
    assert ours(alone(leaf), body) == plain_verdict(alone(leaf), body)


@MANY
@given(DETECTIONS, EVENTS)
def test_a_random_rule_means_what_pysigma_says(detection: dict[str, Any], body: dict[str, Any]) -> None:
    assert ours(detection, body) == plain_verdict(detection, body)


@MANY
@given(DETECTIONS, EVENTS_WITH_LISTS)
def test_a_random_rule_means_the_same_where_fields_have_many_values(
    detection: dict[str, Any], body: dict[str, Any]
) -> None:
    assert ours(detection, body) == Question.of(detection).verdict(body)


NEXT = 2**53 + 1
DIFFERENCES: list[tuple[str, tuple[str, Any], dict[str, Any], bool]] = [
    ("a number in the rule equals its text in the event", ("a", 12), {"a": "12"}, True),
    ("a text in the rule equals its number in the event", ("a", "12"), {"a": 12}, True),
    ("so do the values of two fields", ("a|fieldref", "b"), {"a": 12, "b": "12"}, True),
    ("a float without fraction is an integer", ("a", "2"), {"a": 2.0}, True),
    ("and has no point", ("a|endswith", ".0"), {"a": 2.0}, False),
    ("for a pattern too", ("a|re", "^2$"), {"a": 2.0}, True),
    ("integers are exact", ("a", NEXT), {"a": NEXT}, True),
    ("true is no number", ("a", True), {"a": 1}, False),
    ("a text that is no number has no order", ("a|gt", 5), {"a": "abc"}, False),
    ("a boolean has no order", ("a|gte", 1), {"a": True}, False),
    ("a decimal text has the order of its number", ("a|lt", 5), {"a": "3"}, True),
    ("a null is there", ("a|exists", True), {"a": None}, True),
    ("and is not absent", ("a|exists", False), {"a": None}, False),
    ("case is ignored beyond ASCII", ("a", "É*"), {"a": "étoile"}, True),
    ("folding may change the length", ("a", "STRASSE"), {"a": "straße"}, True),
    ("what only begins like an address is none", ("a|cidr", "10.0.0.0/8"), {"a": "10.example.com"}, False),
    ("an IPv4-mapped address is IPv4", ("a|cidr", "10.0.0.0/8"), {"a": "::ffff:10.1.2.3"}, True),
    ("an address has many spellings", ("a|cidr", "::1/128"), {"a": "0:0:0:0:0:0:0:1"}, True),
    ("an hour stands as it is written", ("a|hour", 22), {"a": "2026-03-03T22:15:00+01:00"}, True),
    ("and is not moved to UTC", ("a|hour", 21), {"a": "2026-03-03T22:15:00+01:00"}, False),
    ("a date alone has no hour", ("a|hour", 0), {"a": "2026-03-03"}, False),
    ("a number is no date", ("a|hour", 12), {"a": 0}, False),
    ("weeks are those of ISO 8601", ("a|week", 10), {"a": "2026-03-03T22:15:00"}, True),
    ("a dollar is the end of the whole text", ("a|re", "x$"), {"a": "x\n"}, False),
]


@pytest.mark.parametrize(("name", "leaf", "body", "holds"), DIFFERENCES, ids=[one[0] for one in DIFFERENCES])
def test_a_difference_is_on_purpose(name: str, leaf: tuple[str, Any], body: dict[str, Any], holds: bool) -> None:
    assert ours(alone(leaf), body) is holds
    assert plain_verdict(alone(leaf), body) is not holds


NAMED = {name: place for place, (name, _, _, _) in enumerate(DIFFERENCES)}


def named_difference(key: str, wanted: list[Any], got: Any) -> str | None:
    """Which of the listed differences a condition on mixed types is a case of; None where the two have to agree."""
    _, *modifiers = key.split("|")
    numbers = [one for one in wanted if type(one) in {int, float}]
    texts = [one for one in wanted if isinstance(one, str)]
    if "exists" in modifiers:
        return "a null is there" if got is None else None
    if {"lt", "lte", "gt", "gte"} & {*modifiers}:
        if isinstance(got, bool):
            return "a boolean has no order"
        return "a text that is no number has no order" if isinstance(got, str) else None
    if type(got) in {int, float}:
        if any(isinstance(one, bool) for one in wanted) and got in {0, 1}:
            return "true is no number"
        return "a text in the rule equals its number in the event" if texts else None
    return "a number in the rule equals its text in the event" if isinstance(got, str) and numbers else None


MIXED = st.sampled_from(["x", "12", "1*", "-1", "true", "0.5", "2", "", "0"]) | st.sampled_from([12, -1, 0, 1, 0.5, 2])
MIXED_WANT = MIXED | st.booleans()
MIXED_KEYS = st.sampled_from(["v", "v|neq", "v|all"])
ORDERED = st.tuples(
    st.sampled_from(["v|lt", "v|gte"]), st.lists(st.sampled_from([0, 1, 0.5, -2]), min_size=1, max_size=2)
)
SHAPED = st.tuples(
    st.sampled_from(["v|contains", "v|startswith", "v|cased", "v|contains|cased"]),
    st.lists(st.sampled_from(["1", "2", "t", "0.", "X", ""]), min_size=1, max_size=2),
)
MIXED_LEAVES = st.one_of(
    st.tuples(MIXED_KEYS, st.lists(MIXED_WANT, min_size=1, max_size=2)),
    ORDERED,
    SHAPED,
    st.tuples(st.just("v|exists"), st.lists(st.booleans(), min_size=1, max_size=1)),
    st.tuples(st.just("v"), st.just([None])),
)


@MANY
@given(MIXED_LEAVES, st.fixed_dictionaries({}, optional={"v": MIXED | st.booleans() | st.none()}))
def test_where_types_are_mixed_every_difference_is_one_of_the_listed(
    leaf: tuple[str, list[Any]], body: dict[str, Any]
) -> None:
    if ours(alone(leaf), body) != plain_verdict(alone(leaf), body):
        name = named_difference(leaf[0], leaf[1], body.get("v"))
        assert name in NAMED, (leaf, body)
