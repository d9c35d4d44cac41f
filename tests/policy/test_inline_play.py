"""Presses and time of inline tests: played by the same table as the service, without a store or a clock."""

from typing import Any

import pytest

from tests.policy.makers import SOURCES, entitlement_document, faults_of, policy_document
from tests.policy.test_inline import differences

PEOPLE = """
version: 1
kind: Identities
id: people
owner: o
people:
  - {id: ann, name: Ann, emails: [ann@example.com], slack: U0ANN, github: [ann-acme]}
  - {id: bob, name: Bob, emails: [bob@example.com], slack: U0BOB}
  - {id: cat, name: Cat, emails: [cat@example.com]}
  - {id: eve, name: Eve, emails: [eve@example.com], manager: ann}
"""
GROUPS = {"@team": ["ann", "bob", "eve"], "@leads": ["cat"], "@shop-owners": ["bob"], "@engineers": ["eve"]}
TEAM = {"name": "team", "approvers": [{"usergroup": "@team"}], "timeout": "30m"}
LEADS = {"name": "leads", "approvers": [{"usergroup": "@leads"}], "timeout": "30m"}
EVENT = {"action": "deploy", "actor": {"id": "eve@example.com"}, "repository": {"name": "shop"}}


def press(by: str, what: str = "approve", after: str = "1m", **more: Any) -> dict[str, Any]:
    return {"by": by, "press": what, "after": after, **more}


def refused(by: str, why: str, **more: Any) -> dict[str, Any]:
    return press(by, counts=False, why=why, **more)


def played(test: dict[str, Any], *, levels: list[Any] | None = None, **approval: Any) -> list[str]:
    """What comes differently in a test of a gate; `event` and other keys of the policy may be in the test."""
    fixtures = {"groups": test.pop("groups", GROUPS), "people": test.pop("people", {})}
    changes = {name: test.pop(name) for name in ("request", "severity", "mode", "message") if name in test}
    document = policy_document(
        **{"request": "gate", **changes},
        approval={"levels": levels or [TEAM, LEADS], **approval},
        fixtures=fixtures,
        tests=[{"event": EVENT, **test}],
    )
    return differences(document, PEOPLE)


@pytest.mark.parametrize(
    ("votes", "state", "approval"),
    [
        ([], "pending", {}),
        ([press("bob")], "approved", {}),
        ([press("bob", "deny")], "denied", {}),
        ([press("bob@example.com")], "approved", {}),
        ([press("U0BOB")], "approved", {}),
        ([refused("eve", "self_approval")], "pending", {}),
        ([press("eve")], "approved", {"self_approval": True}),
        ([refused("zoe", "not_an_approver")], "pending", {}),
        ([refused("cat", "not_an_approver")], "pending", {}),
        ([press("bob"), refused("ann", "already_decided", after="2m")], "approved", {}),
        ([press("bob"), refused("bob", "already_counted", after="2m")], "pending", {"quorum": 2}),
        ([press("bob"), press("ann", after="2m")], "approved", {"quorum": 2}),
        ([press("bob"), press("bob", "deny", after="2m")], "denied", {"quorum": 2}),
        ([press("bob", "deny"), press("ann", after="2m")], "approved", {"deny_quorum": 2}),
        (
            [refused("bob", "reason_required"), press("bob", reason="r")],
            "approved",
            {"reason": {"approve": "required"}},
        ),
        ([refused("ann", "excluded")], "pending", {"exclude": ["reviewer"]}),
        ([press("ann"), press("bob", after="2m")], "pending", {"quorum": 2, "from_distinct_groups": True}),
        ([press("bob")], "approved", {"assurance": "step_up"}),
    ],
)
def test_presses_count_as_in_the_service(votes: list[dict[str, Any]], state: str, approval: dict[str, Any]) -> None:
    event = {**EVENT, "reviewer": "ann@example.com"}

    assert played({"event": event, "votes": votes, "state": state}, **approval) == []


def test_two_groups_need_two_people_and_one_of_each() -> None:
    both = [{**TEAM, "approvers": [{"usergroup": "@team"}, {"usergroup": "@leads"}]}]

    votes = [press("ann"), press("bob", after="2m"), press("cat", after="3m")]
    assert played({"votes": votes[:2], "state": "pending"}, levels=both, quorum=2, from_distinct_groups=True) == []
    assert played({"votes": votes, "state": "approved"}, levels=both, quorum=2, from_distinct_groups=True) == []


@pytest.mark.parametrize(
    ("test", "state"),
    [
        ({"after": "29m"}, "pending"),
        ({"after": "59m"}, "pending"),
        ({"after": "1h"}, "expired"),
        ({"votes": [press("cat", after="29m", counts=False, why="not_an_approver")]}, "pending"),
        ({"votes": [press("cat", after="30m", counts=True)]}, "approved"),
        ({"votes": [press("bob", after="59m")]}, "approved"),
        ({"votes": [press("bob", after="1h", counts=False, why="already_decided")]}, "expired"),
        ({"votes": [press("bob", after="3d", counts=False)], "after": "1m"}, "expired"),
        ({"votes": [press("bob")], "after": "7d"}, "approved"),
    ],
)
def test_time_passes_and_levels_open(test: dict[str, Any], state: str) -> None:
    assert played({**test, "state": state}) == []


def test_reminders_move_nothing() -> None:
    reminded = [{**TEAM, "remind": ["5m", "10m", "20m"]}]

    assert played({"after": "25m", "state": "pending"}, levels=reminded) == []
    assert played({"after": "30m", "state": "expired"}, levels=reminded) == []


def test_silence_lets_through_only_where_the_policy_takes_that_risk() -> None:
    assert played({"after": "1h", "state": "approved"}, on_timeout="approve", unsafe=True) == []


def test_presses_are_taken_in_the_order_of_their_times() -> None:
    votes = [refused("ann", "already_decided", after="5m"), press("bob", "deny", after="1m", counts=True)]

    assert played({"votes": votes, "state": "denied"}) == []


def test_what_the_fixtures_lack_is_nobody_and_the_next_level_opens_at_once() -> None:
    missing = [{**TEAM, "approvers": [{"usergroup": "@nobody-knows"}]}, LEADS]

    assert played({"votes": [press("cat", after="1s")], "state": "approved"}, levels=missing) == []
    assert played({"after": "30m", "state": "expired"}, levels=missing) == []
    assert played({"after": "29m", "state": "pending"}, levels=[missing[0]]) == []


def test_whoever_asks_is_nobody_to_ask() -> None:
    own = {"@team": ["eve"], "@leads": ["cat"]}

    assert played({"groups": own, "votes": [press("cat", after="1s")], "state": "approved"}) == []


def test_an_actor_nobody_knows_bars_approval_of_a_gate_and_asks_two_of_a_review() -> None:
    stranger = {**EVENT, "actor": {"id": "ops-laptop"}}
    gate = [refused("bob", "actor_unknown"), press("bob", "deny", after="2m")]
    review = [press("bob"), press("ann", after="2m")]

    assert played({"event": stranger, "votes": gate, "state": "denied"}) == []
    assert played({"event": stranger, "votes": review[:1], "state": "pending", "request": "review"}) == []
    assert played({"event": stranger, "votes": review, "state": "approved", "request": "review"}) == []


def test_the_name_in_the_event_bars_the_one_the_test_calls_so() -> None:
    event = {**EVENT, "actor": {"id": "Ops-Laptop"}}
    groups = {**GROUPS, "@team": ["ops-laptop", "bob"]}

    assert played({"event": event, "groups": groups, "votes": [refused("ops-laptop", "self_approval")]}) == []


def test_a_sender_that_does_not_vouch_for_its_actor_names_nobody() -> None:
    document = policy_document(
        request="gate",
        approval={"levels": [TEAM]},
        fixtures={"groups": GROUPS},
        tests=[{"event": EVENT, "votes": [refused("bob", "actor_unknown"), refused("eve", "self_approval")]}],
    )

    assert differences(document, PEOPLE, sources=SOURCES.replace(", trust_actor: true", "")) == []


def test_seats_that_the_event_names_are_filled_as_the_service_fills_them() -> None:
    owners = [{**TEAM, "approvers": [{"usergroup": "@{{ repository.name }}-owners", "allow": ["@*-owners"]}]}, LEADS]
    manager = [{**TEAM, "approvers": [{"manager_of": "$actor.id"}]}, LEADS]
    forged = {**EVENT, "repository": {"name": "x @team"}}

    assert played({"votes": [press("bob")], "state": "approved"}, levels=owners) == []
    assert played({"votes": [refused("ann", "not_an_approver"), press("cat", after="2m")]}, levels=owners) == []
    assert played({"event": forged, "votes": [press("cat", after="1s")], "state": "approved"}, levels=owners) == []
    assert played({"votes": [press("ann")], "state": "approved"}, levels=manager) == []


SLACK_SAYS = {"gus": {"full": False}, "old": {"active": False}, "robot": {"person": False}, "bob@example.com": {}}


def test_whom_slack_does_not_count_is_refused_as_in_the_service() -> None:
    votes = [
        refused("gus", "not_a_member"),
        refused("old", "not_a_member"),
        refused("robot", "not_a_person"),
        press("bob", after="2m", counts=True),
    ]
    groups = {"@team": ["gus", "old", "robot", "bob"]}

    assert played({"groups": groups, "people": SLACK_SAYS, "votes": votes, "state": "approved"}) == []


def test_a_level_of_guests_alone_is_nobody_and_the_next_opens() -> None:
    groups = {"@team": ["gus", "robot"], "@leads": ["cat"]}

    assert played({"groups": groups, "people": SLACK_SAYS, "votes": [press("cat", after="1s", counts=True)]}) == []


def test_a_guest_may_not_ask_for_access() -> None:
    document = entitlement_document(
        fixtures={"groups": {"@engineers": ["gus"], "@team": ["bob"]}, "people": SLACK_SAYS},
        tests=[{"request": {**WISH, "by": "gus"}, "expect": "refused", "why": "not_a_member"}],
    )

    assert differences(document, PEOPLE) == []


def test_what_slack_says_is_closed_to_slips() -> None:
    fixtures = {"people": {"gus": {"ful": False}}}

    (fault,) = faults_of(policy_document(fixtures=fixtures, tests=[{"event": EVENT, "expect": "match"}]))

    assert fault.path == ("fixtures", "people", "gus", "ful")
    assert "did you mean full?" in str(fault)


WISH = {"by": "eve", "duration": "1h", "reason": "stuck queue"}


def access(test: dict[str, Any], **changes: Any) -> list[str]:
    document = entitlement_document(
        approval={"levels": [TEAM], **changes}, fixtures={"groups": GROUPS}, tests=[{"request": WISH, **test}]
    )
    return differences(document, PEOPLE)


@pytest.mark.parametrize(
    ("test", "state"),
    [
        ({"votes": [press("bob")]}, "active"),
        ({"votes": [press("bob")], "after": "1h"}, "active"),
        ({"votes": [press("bob")], "after": "61m"}, "ended"),
        ({"votes": [press("bob", "deny")], "after": "2h"}, "denied"),
        ({"votes": [refused("eve", "self_approval")]}, "pending"),
        ({"after": "30m"}, "expired"),
    ],
)
def test_access_is_given_at_once_and_ends_by_itself(test: dict[str, Any], state: str) -> None:
    assert access({**test, "state": state}) == []


def test_the_manager_of_whoever_asks_decides() -> None:
    levels = [{**TEAM, "approvers": [{"manager_of": "$requester.id"}]}]

    assert access({"votes": [press("ann")], "state": "active"}, levels=levels) == []
    assert access({"votes": [refused("bob", "not_an_approver")], "state": "pending"}, levels=levels) == []


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ({"votes": [press("bob")], "state": "denied"}, ["state: expected denied, got approved"]),
        ({"votes": [press("eve", counts=True)]}, ["approve by eve: expected counts, got self_approval"]),
        ({"votes": [press("bob", counts=False)]}, ["approve by bob: expected refused, got counts"]),
        ({"votes": [refused("eve", "excluded")]}, ["approve by eve: expected excluded, got self_approval"]),
        ({"votes": [press("bob", why="self_approval")]}, ["approve by bob: expected self_approval, got counts"]),
        ({"after": "1h", "state": "denied"}, ["state: expected denied, got expired"]),
    ],
)
def test_a_life_that_goes_differently_is_told(test: dict[str, Any], told: list[str]) -> None:
    assert [one.splitlines()[0] for one in played(dict(test))] == told
