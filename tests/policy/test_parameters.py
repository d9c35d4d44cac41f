"""What effects need of an event, taken when its request opens: raw, typed, whole, or not at all."""

from typing import Any

import pytest

from approvalbot.policy.documents import Policy
from approvalbot.policy.parameters import VALUE_MOST, parameters_of
from approvalbot.policy.templates import TemplateFault, fill_values
from tests.events.makers import event_of
from tests.policy.makers import faults_of, load, policy_document

EVENT = {
    "action": "deploy",
    "actor": {"id": "eve"},
    "count": 3,
    "big": 2**70,
    "empty": None,
    "blank": "",
    "tags": ["a", "b"],
    "token": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "deep": {"list": [{"name": "one"}, {"name": "two"}]},
}


def policy(**lists: Any) -> Policy:
    return Policy.model_validate(policy_document(**lists))


def callback(**with_: Any) -> dict[str, Any]:
    return {"callback": {"to": "siem", "with": with_}}


def test_values_are_kept_raw_and_typed_by_their_path() -> None:
    effects = [
        callback(n="{{ count }}", list="{{ tags }}", who="by {{ $actor.id }}", secret="{{ token }}", b="{{ big }}")
    ]

    needed = parameters_of(policy(on_deny=effects), event_of(EVENT))

    assert needed.values == {
        "count": 3,
        "tags": ["a", "b"],
        "$actor.id": "eve",
        "token": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "big": 2**70,
    }
    assert needed.left_out == {}


def test_names_of_the_decision_the_request_and_the_rule_wait_for_their_time() -> None:
    needed = parameters_of(
        policy(on_deny=[callback(a="{{ $decision.summary }}", b="{{ $request.id }}", c="{{ $rule.author }}")]),
        event_of(EVENT),
    )

    assert needed.values == {}
    assert needed.left_out == {}


@pytest.mark.parametrize("path", ["absent", "empty", "deep.absent", "$resource.id"])
def test_a_value_that_is_not_there_leaves_the_effect_out_and_says_which(path: str) -> None:
    needed = parameters_of(
        policy(on_deny=[callback(a=f"{{{{ {path} }}}}"), callback(a="{{ count }}")]), event_of(EVENT)
    )

    assert needed.left_out == {"on_deny.0": f"{path} has no value in this event"}
    assert needed.values == {"count": 3}


def test_a_value_too_long_to_send_whole_is_not_sent_cut() -> None:
    effects = [callback(a="{{ long }}")]

    fits = parameters_of(policy(on_deny=effects), event_of({**EVENT, "long": "x" * (VALUE_MOST - 2)}))
    long = parameters_of(policy(on_deny=effects), event_of({**EVENT, "long": "x" * (VALUE_MOST - 1)}))

    assert fits.left_out == {}
    assert "would have to be cut" in long.left_out["on_deny.0"]
    assert long.values == {}


@pytest.mark.parametrize(
    ("only_if", "follows"), [({"count": 3}, True), ({"count": 4}, False), ({"not": {"count": 4}}, True)]
)
def test_only_if_decides_by_the_event(only_if: dict[str, Any], follows: bool) -> None:
    needed = parameters_of(policy(on_approve=[{**callback(a="{{ absent }}"), "only_if": only_if}]), event_of(EVENT))

    assert needed.left_out == {"on_approve.0": "absent has no value in this event" if follows else ""}


def test_a_condition_that_cannot_be_judged_is_no_condition_that_holds() -> None:
    effects = [{**callback(), "only_if": {"long|re": "x"}}]

    needed = parameters_of(policy(on_deny=effects), event_of({**EVENT, "long": "x" * 70_000}))

    assert "could not be judged" in needed.left_out["on_deny.0"]


def test_an_action_gets_the_facts_that_it_is_checked_against() -> None:
    effect = {
        "action": "github.deployment_callback",
        "with": {"url": "{{ url }}", "environment": "p", "state": "rejected"},
    }
    event = event_of({**EVENT, "url": "https://x", "repository": {"full_name": "acme/shop", "id": 7}})

    assert parameters_of(policy(on_deny=[effect]), event).values == {
        "url": "https://x",
        "repository.full_name": "acme/shop",
        "repository.id": 7,
    }


def test_what_was_kept_fills_a_template_when_the_event_is_gone() -> None:
    kept = {"count": 3, "$actor.id": "eve"}
    names = {"$decision": {"summary": "Denied by Ann"}}

    filled = fill_values({"n": "{{ count }}", "t": "{{ $actor.id }}: {{ $decision.summary }}"}, names, kept=kept)

    assert filled == {"n": 3, "t": "eve: Denied by Ann"}
    with pytest.raises(TemplateFault):
        fill_values("{{ tags }}", names, kept=kept)


def test_what_a_callback_sends_stands_inside_it() -> None:
    document = policy_document(on_deny=[{"callback": {"to": "siem"}, "with": {"a": "b"}}])

    (fault,) = faults_of(document)

    assert "stands inside it" in fault.problem


def test_a_condition_over_an_event_is_refused_where_there_is_none() -> None:
    from tests.policy.makers import entitlement_document  # noqa: PLC0415 - for this test alone

    document = entitlement_document(on_deny=[{"callback": {"to": "siem"}, "only_if": {"action": "x"}}])

    (fault,) = faults_of(document)

    assert "an entitlement has none" in fault.problem
    assert load(entitlement_document(on_deny=[{"callback": {"to": "siem", "with": {"a": "{{ $reason }}"}}}]))


GITHUB = "github.deployment_callback"


@pytest.mark.parametrize(
    ("listed", "state", "says"),
    [
        ("on_deny", "approved", "would let through what nobody approved"),
        ("on_expire", "approved", "would let through what nobody approved"),
        ("on_approve", "maybe", "is no state"),
        ("on_approve", "approved", ""),
        ("on_deny", "rejected", ""),
        ("on_deny", "{{ state }}", ""),
    ],
)
def test_a_yes_may_only_stand_under_an_approval(listed: str, state: str, says: str) -> None:
    effect = {"action": GITHUB, "with": {"url": "{{ url }}", "environment": "p", "state": state}}

    found = [fault.problem for fault in faults_of(policy_document(**{listed: [effect]}))]

    assert bool(found) is bool(says)
    assert all(says in problem for problem in found)
