"""A test that fails says what decided: the conditions, the calendar, where each event ended, and where texts part."""

from typing import Any

import pytest

from tests.policy.makers import policy_document
from tests.policy.test_inline import DEPLOY, PEOPLE, differences

OFFICE = "{version: 1, kind: Calendar, id: office, owner: me, tz: UTC, weekly: {mon-fri: ['08:00-19:00']}}"
MATCH = {
    "action": ["deploy", "release"],
    "any": [{"target|startswith": "prod"}, {"target": "live"}],
    "not": {"actor.type": "robot"},
}
RULE = """
title: A trail is switched off
id: 11111111-2222-4333-8444-555555555555
level: high
author: Ann Ames
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: cloudtrail.amazonaws.com, eventName: [StopLogging, DeleteTrail]}
  ours: {userIdentity.userName: robot}
  condition: selection and not ours
"""
OTHER = RULE.replace("11111111", "22222222").replace("[StopLogging, DeleteTrail]", "PutTrail").replace("off", "on")
PACK = {
    "version": 1,
    "kind": "SigmaPack",
    "id": "trails",
    "title": "Trails",
    "owner": "me",
    "include": "sigma/*.yaml",
    "severity_from": "level",
    "approval": {"levels": [{"name": "a", "approvers": [{"usergroup": "@a"}], "timeout": "1h"}]},
}
FIRST, SECOND = "11111111-2222-4333-8444-555555555555", "22222222-2222-4333-8444-555555555555"
STOP = {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging"}


def of_policy(test: dict[str, Any], **changes: Any) -> list[str]:
    (told,) = differences(policy_document(tests=[test], **changes), PEOPLE, OFFICE)
    return told.splitlines()


def of_pack(test: dict[str, Any]) -> list[str]:
    told = differences({**PACK, "tests": [test]}, sigma__first=RULE, sigma__second=OTHER)
    return "\n".join(told).splitlines()


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({**DEPLOY, "target": "test"}, ["✗ target|startswith wants prod, got test", "✗ target wants live, got test"]),
        ({**DEPLOY, "action": "x", "target": "live"}, ["✗ action wants deploy or release, got x"]),
        (
            {**DEPLOY, "target": "live", "actor": {"id": "e", "type": "robot"}},
            ["✓ actor.type = robot, under not"],
        ),
    ],
)
def test_an_event_that_does_not_match_is_told_the_conditions_that_failed_and_no_others(
    event: dict[str, Any], told: list[str]
) -> None:
    found = of_policy({"event": event, "expect": "match"}, match=MATCH)

    assert found == ["expect: expected match, got no_match (match)", *(f"  {line}" for line in told)]


def test_an_event_that_matches_is_told_the_conditions_that_held() -> None:
    found = of_policy({"event": {**DEPLOY, "target": "prod-1"}, "expect": "no_match"}, match=MATCH)

    assert found == [
        "expect: expected no_match, got match",
        "  ✓ action = deploy",
        "  ✓ target|startswith prod, got prod-1",
        "  \N{EN DASH} actor.type missing, so not(…) holds",
    ]


def test_a_calendar_that_decided_is_told_with_the_moment_that_counts() -> None:
    test = {"event": {**DEPLOY, "time": "2026-03-03T21:00:00Z"}, "at": "2026-03-03T22:00:00Z", "expect": "match"}

    assert of_policy(test, during={"calendar": "office", "is": "inside"}) == [
        "expect: expected match, got no_match (during)",
        "  ✗ during: 2026-03-03T21:00:00Z is outside office, and the policy asks for inside",
    ]


def test_another_source_is_told_as_such() -> None:
    test = {"event": {"uuid": "u", **DEPLOY}, "source": "okta.system_log", "expect": "match"}

    assert of_policy(test)[1:] == ["  ✗ the event comes from okta.system_log, and the policy reads generic"]


def test_a_series_is_told_event_by_event() -> None:
    def at(hour: int, **event: Any) -> dict[str, Any]:
        return {"at": f"2026-03-03T{hour:02}:00:00Z", "event": {**DEPLOY, **event}}

    test = {"events": [at(10), at(11, id="d2"), at(12, action="dance"), at(20, id="d3")], "opens": [1, 2]}

    found = of_policy(test, dedupe={"key": ["action"], "window": "8h"})

    assert found == [
        "opens: expected [1, 2], got [1, 4]",
        "  1. 2026-03-03T10:00:00Z: opens",
        "  2. 2026-03-03T11:00:00Z: is a repeat of a question that is open",
        "  3. 2026-03-03T12:00:00Z: does not match",
        "  4. 2026-03-03T20:00:00Z: opens",
    ]


def test_a_quorum_is_told_with_its_row_and_its_extra_vote() -> None:
    approval = {
        "schedule": [{"during": "office", "quorum": 1}, {"otherwise": True, "quorum": 3}],
        "levels": [{"name": "a", "approvers": [{"usergroup": "@a"}], "timeout": "1h"}],
    }
    event = {**DEPLOY, "actor": {"id": "nobody"}}

    assert of_policy({"event": event, "expect": "match", "quorum": 1}, approval=approval) == [
        "quorum: expected 1, got 2",
        "  schedule: during office asks for 1",
        "  whoever acted is nobody that Identities know, which may ask for one more vote",
    ]


def test_long_texts_stand_below_each_other_with_a_mark_where_they_part() -> None:
    message = {"summary": "{{ $actor.id }} wants to deploy the shop to production in Frankfurt"}
    wanted = "eve@example.com wants to deploy the shop to production in Paris"

    found = of_policy({"event": DEPLOY, "expect": "match", "summary": wanted}, message=message)

    assert found == [
        "summary:",
        "  expected  eve@example.com wants to deploy the shop to production in Paris",
        "  got       eve@example.com wants to deploy the shop to production in Frankfurt",
        "                                                                      ^",
    ]


def test_of_a_pack_the_rule_that_came_nearest_is_told() -> None:
    assert of_pack({"event": {**STOP, "eventName": "PutTrails"}, "expect": "match"}) == [
        "expect: expected match, got no_match (match)",
        f"{FIRST} (A trail is switched off):",
        "  ✗ eventName wants StopLogging or DeleteTrail, got PutTrails",
    ]


def test_of_a_pack_the_rules_that_are_missing_and_those_too_many_are_told() -> None:
    found = of_pack({"event": STOP, "expect": "match", "rules": [SECOND, "unknown"]})

    assert found == [
        f"rules: expected [{SECOND}, unknown], got [{FIRST}]",
        f"{SECOND} (A trail is switched on):",
        "  ✗ eventName wants PutTrail, got StopLogging",
        "unknown is no rule of this document",
        f"{FIRST} (A trail is switched off):",
        "  ✓ eventSource = cloudtrail.amazonaws.com",
        "  ✓ eventName = StopLogging",
        "  \N{EN DASH} userIdentity.userName missing, so not(…) holds",
    ]


def test_what_cannot_be_judged_is_told() -> None:
    event = {**DEPLOY, "text": "y" * 20_000}

    found = of_policy({"event": event, "expect": "match"}, match={"text|re": "z[xy]{900}"})

    assert found[0].startswith("expect: expected match, got error (a value of 20,000 bytes")
    assert found[1].startswith("  ! cannot be judged: a value of 20,000 bytes is too long for re")


def test_a_press_that_counts_differently_is_told_with_who_may_press() -> None:
    approval = {"levels": [{"name": "a", "approvers": [{"usergroup": "@a"}, {"usergroup": "@b"}], "timeout": "1h"}]}
    test = {"event": DEPLOY, "votes": [{"by": "zoe", "press": "approve", "counts": True}]}

    found = of_policy(test, approval=approval, fixtures={"groups": {"@a": ["ann", "bob"]}})

    assert found == [
        "approve by zoe: expected counts, got not_an_approver",
        "  level 1: usergroup:@a: ann, bob",
        "  level 1: usergroup:@b: nobody, its members are not in the fixtures",
        "  may not vote: eve@example.com (actor)",
    ]
