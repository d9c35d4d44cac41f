"""Inline tests of what is decided with care: unknown accounts, and policies that cannot be evaluated."""

from typing import Any

from tests.policy.makers import policy_document
from tests.policy.test_inline import differences
from tests.policy.test_inline_play import EVENT, GROUPS, PEOPLE, TEAM, access, played, press, refused


def test_an_excluded_account_that_nobody_knows_is_like_an_unknown_actor() -> None:
    event = {**EVENT, "reviewer": "somebody@example.com"}
    votes = [press("bob"), press("ann", after="2m")]

    assert played({"event": event, "votes": [refused("bob", "actor_unknown")]}, exclude=["reviewer"]) == []
    review = {"event": event, "request": "review"}
    assert played({**review, "votes": votes[:1], "state": "pending"}, exclude=["reviewer"]) == []
    assert played({**review, "votes": votes, "state": "approved"}, exclude=["reviewer"]) == []


def test_a_wish_excludes_whom_its_entitlement_names() -> None:
    votes = [refused("ann", "excluded"), press("bob", after="2m")]

    assert access({"votes": votes, "state": "active"}, exclude=["$requester.manager"]) == []


TOO_LONG = {**EVENT, "note": {"a": "x" * 30_000, "b": "x" * 30_000, "c": "x" * 30_000}}


def unjudged(*tests: dict[str, Any], **changes: Any) -> list[str]:
    """What comes differently where the policy cannot be evaluated."""
    changes = {"fixtures": {"groups": GROUPS}, "request": "gate", "approval": {"levels": [TEAM]}, **changes}
    written = [{"event": TOO_LONG, **test} for test in tests]
    return differences(policy_document(match={"note|re": "y$"}, tests=written, **changes), PEOPLE)


def test_a_policy_error_takes_two_people() -> None:
    votes = [press("bob"), press("ann", after="2m")]

    assert unjudged({"votes": votes[:1], "state": "pending"}, {"votes": votes, "state": "approved"}) == []


def test_a_policy_error_is_answered_for_by_the_owner_where_somebody_owns_the_policy() -> None:
    groups = {**GROUPS, "@team-security": ["cat", "dan"]}
    owners = [refused("bob", "not_an_approver"), press("cat", after="2m"), press("dan", after="3m")]
    ours: list[dict[str, Any]] = [
        {"votes": owners[:2], "state": "pending"},
        {"votes": owners, "state": "approved"},
        {"votes": [press("bob", "deny", counts=True)], "state": "denied"},
        {"votes": [press("zoe", "deny", counts=False, why="not_an_approver")], "state": "pending"},
    ]

    assert unjudged(*ours, fixtures={"groups": groups}) == []
    assert unjudged({"votes": [refused("bob", "not_an_approver")]}, owner="cat") == []
    distinct = {"levels": [TEAM], "quorum": 3, "from_distinct_groups": False}
    assert unjudged({"votes": owners, "state": "pending"}, fixtures={"groups": groups}, approval=distinct) == []
