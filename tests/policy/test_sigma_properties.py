"""What holds for every Sigma rule and event: the index misses nothing, explaining agrees, order decides nothing."""

import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvalbot.policy.compiled import Compiled
from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.reasons import reasons
from approvalbot.policy.conditions.tree import Node
from approvalbot.policy.conditions.view import View
from approvalbot.policy.documents import Policy
from approvalbot.policy.explain import explain_tree
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.index import offers
from approvalbot.policy.matching import Match, Matcher
from tests.events.makers import event_of
from tests.policy.makers import load, policy_document
from tests.policy.sigma_corpus import DETECTIONS, EVENTS_WITH_LISTS
from tests.policy.sigma_makers import in_one_file, sigma_pack, sigma_rule, sigma_tree

MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
TOO_LONG = st.just("x" * 66_000)
"""What a pattern cannot search: the third verdict."""

BODIES = st.tuples(EVENTS_WITH_LISTS, st.fixed_dictionaries({}, optional={"b": TOO_LONG, "zz": TOO_LONG})).map(
    lambda two: {**two[0], **two[1]}
)


def tree_of(detection: dict[str, Any]) -> Node:
    tree, findings = sigma_tree(detection)
    assert not findings, findings
    return tree


def matcher_of(*detections: dict[str, Any]) -> Matcher:
    policy = [Policy.model_validate(policy_document(id=f"policy-{number}")) for number in range(len(detections))]
    return Matcher.of(Compiled(one, tree_of(two)) for one, two in zip(policy, detections, strict=True))


def told(matches: tuple[Match, ...]) -> list[tuple[str, bool]]:
    return [(match.key, bool(match.error)) for match in matches]


def verdict(tree: Node, body: dict[str, Any]) -> bool | None:
    try:
        return compile_tree(tree)(View(event_of(body)))
    except EvaluationFault:
        return None


def shuffled(value: Any, how: random.Random) -> Any:
    """The same with the keys of every map in another order; lists stay as they are."""
    if isinstance(value, dict):
        keys = list(value)
        how.shuffle(keys)
        return {key: shuffled(value[key], how) for key in keys}
    return [shuffled(item, how) for item in value] if isinstance(value, list) else value


@MANY
@given(st.lists(DETECTIONS, min_size=1, max_size=6), st.lists(BODIES, min_size=1, max_size=3))
def test_the_index_finds_every_sigma_rule_that_judging_all_of_them_finds(
    detections: list[dict[str, Any]], bodies: list[dict[str, Any]]
) -> None:
    matcher = matcher_of(*detections)

    for body in bodies:
        event = event_of(body)
        assert told(matcher.match(event)) == told(matcher.match_all(event))


@MANY
@given(DETECTIONS, BODIES)
def test_an_explanation_says_what_matching_does(detection: dict[str, Any], body: dict[str, Any]) -> None:
    tree = tree_of(detection)

    assert explain_tree(tree, View(event_of(body))).ok is verdict(tree, body)


@MANY
@given(DETECTIONS, BODIES, st.randoms(use_true_random=False))
def test_the_order_of_keys_decides_nothing_in_a_rule_or_an_event(
    detection: dict[str, Any], body: dict[str, Any], how: random.Random
) -> None:
    straight = verdict(tree_of(detection), body)

    assert verdict(tree_of(shuffled(detection, how)), body) is straight
    assert verdict(tree_of(detection), shuffled(body, how)) is straight


@MANY
@given(DETECTIONS, BODIES)
def test_compiling_twice_gives_the_same_tree_index_and_reasons(detection: dict[str, Any], body: dict[str, Any]) -> None:
    first, second = tree_of(detection), tree_of(detection)

    assert first == second
    assert offers(first) == offers(second)
    if verdict(first, body):
        assert reasons(first, View(event_of(body))) == reasons(second, View(event_of(body)))


@settings(max_examples=10, deadline=None)
@given(st.lists(DETECTIONS, min_size=1, max_size=4))
def test_loading_a_pack_twice_gives_the_same_set(detections: list[dict[str, Any]]) -> None:
    rules = in_one_file(*(sigma_rule(id=f"{number}", detection=one) for number, one in enumerate(detections)))

    first, second = (load(sigma_pack(), sigma__rules=rules) for _ in range(2))

    assert first.digest == second.digest
    assert [one.policy.key for one in first.compiled] == [one.policy.key for one in second.compiled]
    assert [one.tree for one in first.compiled] == [one.tree for one in second.compiled]
