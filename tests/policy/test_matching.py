import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvalbot.policy.compiled import Compiled
from approvalbot.policy.conditions.view import View
from approvalbot.policy.documents import Policy
from approvalbot.policy.index import offers
from approvalbot.policy.matching import Match, Matcher
from tests.events.makers import event_of
from tests.policy.makers import load, policy_document, tree_of

FIELDS = st.sampled_from(["a", "b.c", "d", "A", "b.C", "l"])
WORDS = st.sampled_from(
    ["x", "xy", "X", "yx", "x*", "*x", "*y*", "x?", "?", "*", "", "xyx", "1", "x\\*", "x" + "?" * 60, "?" * 60]
)
MODIFIERS = st.sampled_from(
    ["", "|contains", "|startswith", "|endswith", "|cased", "|contains|all", "|neq", "|all", "|endswith|cased"]
)
TEXT_LEAVES = st.tuples(FIELDS, MODIFIERS, st.lists(WORDS, min_size=1, max_size=3)).map(
    lambda parts: {f"{parts[0]}{parts[1]}": parts[2]}
)
REGEX_LEAVES = st.tuples(
    FIELDS, st.lists(st.sampled_from(["^x", "y$", "x.", "q", "y[xy]{200}", "x.{60}"]), min_size=1, max_size=2)
).map(lambda parts: {f"{parts[0]}|re": parts[1]})
OTHERS = st.sampled_from(
    [{"a|exists": True}, {"d": None}, {"l|gt": 3}, {"a|fieldref": "d"}, {"a|fieldref|contains": "l"}, {"zz": "q"}]
)
MATCHES = st.recursive(
    TEXT_LEAVES | REGEX_LEAVES | OTHERS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda maps: {"any": maps}),
        st.lists(inner, min_size=1, max_size=3).map(lambda maps: {"all": maps}),
        inner.map(lambda one: {"not": one}),
        st.tuples(inner, inner).map(lambda two: {**two[1], **two[0]}),
    ),
    max_leaves=6,
)
SCALARS = st.sampled_from(["x", "xy", "yx", "X", "", "xyx", "x*", 1, 4, True, None, 1.0, "a" * 70_000, "x" * 70_000])
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "a": SCALARS,
        "A": SCALARS,
        "d": SCALARS | st.lists(SCALARS, max_size=3),
        "l": st.lists(SCALARS, max_size=3),
        "b": st.fixed_dictionaries({}, optional={"c": SCALARS, "C": SCALARS})
        | st.lists(st.just({"c": "x"}), max_size=2),
        "b.c": SCALARS,
    },
)


def compiled(match: dict[str, Any], number: int = 0) -> Compiled:
    policy = Policy.model_validate(policy_document(id=f"policy-{number}", match=match))
    return Compiled(policy, tree_of(match))


def told(matches: tuple[Match, ...]) -> list[tuple[str, str]]:
    return [(match.key, match.error) for match in matches]


@settings(max_examples=300, deadline=None)
@given(st.lists(MATCHES, min_size=1, max_size=8), st.lists(EVENTS, min_size=1, max_size=4))
def test_the_index_finds_exactly_what_judging_every_policy_finds(
    matches: list[dict[str, Any]], bodies: list[dict[str, Any]]
) -> None:
    matcher = Matcher.of(compiled(match, number) for number, match in enumerate(matches))

    for body in bodies:
        event = event_of(body)
        assert told(matcher.match(event)) == told(matcher.match_all(event))


def turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: turned(value[key]) for key in reversed(value)}
    return [turned(item) for item in reversed(value)] if isinstance(value, list) else value


@settings(max_examples=200, deadline=None)
@given(MATCHES, EVENTS)
def test_the_order_of_keys_never_matters(match: dict[str, Any], body: dict[str, Any]) -> None:
    event = event_of(body)
    straight = Matcher.of([compiled(match)]).match(event)
    backwards = Matcher.of([compiled(turned(match))]).match(event)

    assert [bool(one.error) for one in straight] == [bool(one.error) for one in backwards]


@given(MATCHES, EVENTS)
def test_the_reasons_of_a_match_are_values_of_the_event(match: dict[str, Any], body: dict[str, Any]) -> None:
    for found in Matcher.of([compiled(match)]).match(event_of(body)):
        for reason in found.reasons:
            assert all(json.dumps(value) in json.dumps(body) for value in reason.values)


def test_only_policies_of_the_events_own_source_are_looked_at() -> None:
    policies = load(policy_document(), policy_document(id="another", source="okta.system_log"))

    (match,) = policies.matcher.match(event_of({"action": "deploy"}))

    assert match.key == "a-policy"
    assert policies.matcher.match(event_of({"action": "other"})) == ()


def test_a_policy_that_is_off_is_compiled_and_never_matches() -> None:
    policies = load(policy_document(mode="off"))

    assert len(policies.compiled) == 1
    assert policies.matcher.match(event_of({"action": "deploy"})) == ()


def test_matches_come_in_the_order_of_their_files_and_name_why() -> None:
    policies = load(
        policy_document(match={"action": ["deploy", "x"], "target.env|startswith": "PROD", "not": {"quiet": True}}),
        policy_document(id="another", match={"any": [{"action": "deploy"}, {"action": "y"}]}),
    )

    first, second = policies.matcher.match(event_of({"action": "deploy", "target": {"env": "prod-1"}}))

    assert (first.key, second.key) == ("a-policy", "another")
    assert [(reason.field, reason.values) for reason in first.reasons] == [
        ("action", ("deploy",)),
        ("target.env", ("prod-1",)),
    ]
    assert [reason.field for reason in second.reasons] == ["action"]


def test_a_policy_that_cannot_be_judged_is_a_match_with_an_error_and_hides_no_other() -> None:
    policies = load(policy_document(match={"text|re": "x"}), policy_document(id="another", match={"action": "deploy"}))

    broken, good = policies.matcher.match(event_of({"action": "deploy", "text": "y" * 70_000}))

    assert "too long for re" in broken.error
    assert broken.reasons == ()
    assert good.error == ""


@pytest.mark.parametrize(
    ("match", "keys"),
    [
        ({"eventSource": "iam", "eventName": "Do"}, [("eventName", "equal", "do")]),
        ({"a": ["X", "y*"]}, [("a", "equal", "x"), ("a", "prefix", "y")]),
        ({"any": [{"a": "x"}, {"b|endswith": "y"}]}, [("a", "equal", "x"), ("b", "suffix", "y")]),
        ({"a|contains|all": ["ab", "c"], "b|re": "x"}, [("a", "contains", "ab")]),
        ({"any": [{"a": "x"}, {"b|exists": True}]}, None),
        ({"not": {"a": "x"}}, None),
        ({"a|neq": "x"}, None),
        ({"a": None}, None),
        ({"a": "*"}, None),
        ({"a|gt": 3}, None),
        ({"a|cased": "Xy"}, [("a", "equal", "xy")]),
        ({"a|re": "^Deploy-.*x"}, [("a", "search", "deploy-")]),
        ({"a|re": ["^Deploy", "(x)"]}, None),
        ({"a|re|i": "^Deploy"}, None),
    ],
)
def test_the_index_files_a_policy_under_its_most_selective_necessary_condition(
    match: dict[str, Any], keys: list[tuple[str, str, str]] | None
) -> None:
    choices = offers(tree_of(match))
    best = min(choices, key=lambda one: sum(key.cost for key in one), default=None)

    found = None if best is None else [(key.field.name if key.field else "", key.kind, key.text) for key in best]

    assert found == keys


def test_a_condition_that_many_policies_share_is_not_what_they_are_filed_under() -> None:
    policies = load(*(policy_document(id=f"p-{n}", match={"kindly": "same", "own": f"v{n}"}) for n in range(20)))
    plan = policies.matcher.plans["generic"]

    candidates = plan.index.candidates(View(event_of({"kindly": "same", "own": "v7"})))

    assert [plan.compiled[number].policy.id for number in candidates] == ["p-7"]


def test_a_value_that_all_policies_ask_for_tells_less_than_one_of_a_field_that_is_common_elsewhere() -> None:
    matches = [{"action": f"a{n}", "target": "production"} for n in range(10)]
    policies = load(*(policy_document(id=f"p-{n}", match=match) for n, match in enumerate(matches)))
    index = policies.matcher.plans["generic"].index

    assert len(index.candidates(View(event_of({"action": "a7", "target": "production"})))) == 1


def test_a_field_that_one_policy_alone_would_look_at_is_not_looked_at_in_every_event() -> None:
    many = [policy_document(id=f"p-{n}", match={"name": f"n{n // 3}"}) for n in range(30)]
    policies = load(*many, policy_document(id="rare", match={"name": "n1", "errorMessage": "no such thing"}))
    (fields,) = ([of.name for of, _ in plan.index._plan] for plan in policies.matcher.plans.values())
    found = policies.matcher.match(event_of({"name": "n1", "errorMessage": "no such thing"}))

    assert fields == ["name"]
    assert {match.key for match in found} == {"p-3", "p-4", "p-5", "rare"}


def test_one_event_against_ten_thousand_policies_costs_about_as_much_as_against_ten() -> None:
    def cost_of(count: int) -> float:
        matcher = Matcher.of(compiled({"own": f"v{n}", "action": "deploy"}, n) for n in range(count))
        events = [event_of({"action": "deploy", "own": f"w{n}", "id": str(n)}) for n in range(300)]
        best = float("inf")
        for _ in range(5):
            started = time.perf_counter()
            for event in events:
                matcher.match(event)
            best = min(best, time.perf_counter() - started)
        return best

    # The target is 1.5; the slack keeps a busy machine from failing the suite.
    assert cost_of(10_000) / cost_of(10) < 3
