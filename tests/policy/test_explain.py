"""Explanations: the same verdict as matching, leaf by leaf, in words and in JSON."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.tree import AllOf, AnyOf, Node, Not, leaves
from approvalbot.policy.conditions.view import View
from approvalbot.policy.explain import Explained, Explanation, explain_event, explain_tree
from approvalbot.policy.explain_text import explanation_text, tree_lines
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.parse import load_policies
from tests.policy.makers import event, load, policy_document, tree_of

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
TOO_LONG = "x" * 70_000


def tree(match: dict[str, Any], body: dict[str, Any]) -> Explained:
    return explain_tree(tree_of(match), View(event(body)))


def lines(match: dict[str, Any], body: dict[str, Any]) -> list[str]:
    return list(tree_lines(tree(match, body)))


def explained(body: Any = None, now: datetime = NOW, **changes: Any) -> Explanation:
    (found,) = explain_event(load(policy_document(**changes)), event(body), now)
    return found


@pytest.mark.parametrize(
    ("match", "body", "told"),
    [
        ({"a": "x"}, {"a": "X"}, "✓ a = X"),
        ({"a": "x"}, {"a": "y"}, "✗ a wants x, got y"),
        ({"a": "x"}, {}, "✗ a wants x, it is missing"),
        ({"a": "x"}, {"a": None}, "✗ a wants x, got null"),
        ({"a": "x"}, {"a": []}, "✗ a wants x, got nothing"),
        ({"a": "x"}, {"a": ""}, "✗ a wants x, got ''"),
        ({"a": ["x", "y"]}, {"a": "z"}, "✗ a wants x or y, got z"),
        ({"a": None}, {}, "✓ a null, and it is missing"),
        ({"a": ""}, {"a": ""}, "✓ a = ''"),
        ({"a|endswith": "/Admin"}, {"a": "x/Admin"}, "✓ a|endswith /Admin, got x/Admin"),
        ({"a|exists": False}, {}, "✓ a|exists false, and it is missing"),
        ({"a|neq": "x"}, {}, "✓ a|neq x, and it is missing"),
        ({"a": True}, {"a": True}, "✓ a = true"),
        ({"a|gt": 3}, {"a": 3}, "✗ a|gt wants 3, got 3"),
        ({"a.b": 1}, {"a": [{"b": 1}, {"b": 2}]}, "✓ a.b = 1, 2"),
        ({"a|contains": "q"}, {"a": {"z": 1, "b": 2}}, '✗ a|contains wants q, got {"b":2,"z":1}'),
        ({"not": {"a": "x"}}, {}, "\u2013 a missing, so not(…) holds"),
        ({"a|re": "^x"}, {"a": "y"}, "✗ a|re wants ^x, got y"),
    ],
)
def test_a_leaf_is_one_line_with_both_sides(match: dict[str, Any], body: dict[str, Any], told: str) -> None:
    assert lines(match, body) == [told]


def test_a_tree_is_indented_by_level_and_says_what_it_combines() -> None:
    match = {"any": [{"a": "x", "b": "y"}, {"not": {"a": "z"}}], "c": "d"}

    assert lines(match, {"a": "z", "b": "y", "c": "d"}) == [
        "✗ all of",
        "  ✗ any of",
        "    ✗ all of",
        "      ✗ a wants x, got z",
        "      ✓ b = y",
        "    ✗ not",
        "      ✓ a = z",
        "  ✓ c = d",
    ]


def test_many_values_are_cut_with_their_number() -> None:
    (told,) = lines({"a": [f"v{n}" for n in range(12)]}, {"a": list(range(14))})

    assert told.startswith("✗ a wants v0 or v1")
    assert " or 2 more, got 0, 1, 2" in told
    assert told.endswith("9, +4")


def test_what_the_event_says_stays_on_its_line() -> None:
    (told,) = lines({"a": "x"}, {"a": "y\n✓ a = x\x1b[2J\u202e"})

    assert "\n" not in told
    assert "\x1b" not in told
    assert "\u202e" not in told


@pytest.mark.parametrize(
    ("value", "most"), [("y" * 5000, 200), ({"k": "y" * 5000}, 200), ([{"k": "y" * 5000}] * 40, 10 * 220)]
)
def test_what_the_event_says_is_cut_in_json_and_in_text(value: Any, most: int) -> None:
    found = tree({"a": "x"}, {"a": value})

    assert len(orjson.dumps(found.to_json()["got"])) <= most + 20
    assert len(found.to_json()["got"]) <= 10
    assert len("".join(tree_lines(found))) <= 10 * 220


def test_json_has_everything_that_policy_tools_read() -> None:
    made = explained({"action": "dance"}).to_json()

    assert {key: made[key] for key in ("policy", "match", "stage", "error", "notes")} == {
        "policy": "a-policy",
        "match": False,
        "stage": "index",
        "error": "",
        "notes": [],
    }
    assert len(made["sha256"]) == 64
    leaf = {"op": "leaf", "ok": False, "field": "action", "modifiers": [], "want": "deploy", "got": ["dance"]}
    assert made["tree"] == {**leaf, "missing": False}


@pytest.mark.parametrize(
    ("changes", "body", "stage"),
    [
        ({"source": "okta.system_log"}, {"action": "deploy"}, "source"),
        ({}, {"action": "dance"}, "index"),
        ({"match": {"action": "deploy", "b|re": "x"}}, {"action": "deploy"}, "match"),
        ({}, {"action": "deploy"}, ""),
    ],
)
def test_the_stage_that_stopped_it_is_named(changes: dict[str, Any], body: dict[str, Any], stage: str) -> None:
    found = explained(body, **changes)

    assert (found.stage, found.match) == (stage, not stage)
    assert explanation_text(found).startswith("a-policy (A policy) " + ("does not match: " if stage else "matches"))


def test_a_calendar_stops_it_at_its_hours() -> None:
    hours = "version: 1\nkind: Calendar\nid: hours\nowner: o\ntz: UTC\nweekly: {mon-fri: ['08:00-19:00']}\n"
    night = load(policy_document(during={"calendar": "hours", "is": "outside", "clock": "open"}), hours)

    (by_day,) = explain_event(night, event(), NOW)
    (by_night,) = explain_event(night, event(), NOW.replace(hour=23))

    assert (by_day.stage, by_night.stage) == ("during", "")
    assert "its calendar says not now" in explanation_text(by_day)


def test_a_calendar_that_has_ended_stops_nothing_and_says_why() -> None:
    ended = "version: 1\nkind: Calendar\nid: hours\nowner: o\ntz: UTC\nweekly: {mon: ['08:00-19:00']}\n"
    policies = load(
        policy_document(during={"calendar": "hours", "is": "outside", "clock": "open"}),
        ended + "valid_until: '2025-12-31'\n",
    )

    (found,) = explain_event(policies, event(), NOW)

    assert found.match
    assert "the calendar hours ends on 2025-12-31" in found.error
    assert "cannot be judged, so somebody is asked" in explanation_text(found)


def test_what_cannot_be_judged_is_said_and_counts_as_a_match() -> None:
    found = explained({"note": TOO_LONG}, match={"note|re": "y$"})

    assert found.match
    assert found.tree.ok is None
    assert "somebody is asked" in explanation_text(found)
    assert "\n  ! note|re cannot be judged: " in explanation_text(found)


def test_notes_say_what_a_match_does_not() -> None:
    counted = {"type": "event_count", "timespan": "10m", "condition": {"gte": 2}}

    found = explained({"action": "deploy"}, mode="monitor", correlate=counted)

    assert found.notes == ("the policy is in mode monitor", "counts towards event_count within 600 s")
    assert "\n  note: the policy is in mode monitor" in explanation_text(found)


def test_policies_that_match_come_first() -> None:
    policies = load(policy_document(match={"action": "dance"}), policy_document(id="second"))

    assert [one.policy for one in explain_event(policies, event(), NOW)] == ["second", "a-policy"]


def test_a_sigma_selection_is_called_by_its_name(shared: Path) -> None:
    policies = load_policies(shared / "policies")
    body = {"eventSource": "guardduty.amazonaws.com", "eventName": "CreateIPSet"}

    found = next(
        one
        for one in explain_event(policies, event(body, "aws.cloudtrail"), NOW)
        if one.policy.endswith("6e61ee20-ce00-4f8d-8aee-bedd8216f7e3")
    )

    assert found.match
    assert "(selection)" in explanation_text(found)


FIELDS = st.sampled_from(["a", "b", "c.d", "missing"])
VALUES = st.sampled_from(["x", "y", "", None, "x*", "*", 3, True])
LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.builds(lambda name, value: tree_of({name: value}), FIELDS, VALUES),
    st.builds(lambda name: tree_of({f"{name}|re": "^x"}), FIELDS),
    st.builds(lambda name, value: tree_of({f"{name}|neq": value}), FIELDS, st.sampled_from(["x", "y"])),
    st.builds(lambda name, there: tree_of({f"{name}|exists": there}), FIELDS, st.booleans()),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: AllOf(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)
WORDS = st.sampled_from(["x", "y", "", None, 3, True, TOO_LONG, ["x", "y"], []])
BODIES = st.fixed_dictionaries(
    {"action": st.just("deploy")}, optional={"a": WORDS, "b": WORDS, "c": st.fixed_dictionaries({"d": WORDS})}
)


@given(TREES, BODIES)
def test_an_explanation_never_says_other_than_matching_does(node: Node, body: dict[str, Any]) -> None:
    view = View(event(body))
    try:
        judged: bool | None = compile_tree(node)(view)
    except EvaluationFault:
        judged = None

    found = explain_tree(node, view)

    assert found.ok is judged
    assert (found.error != "") is (judged is None)
    assert orjson.dumps(found.to_json())
    assert sum(1 for _ in found.leaves()) == len(leaves(node))
