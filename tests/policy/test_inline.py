"""Inline tests: what an author may expect, and what each kind of document is told when it comes differently."""

from typing import Any

import orjson
import pytest

from approvalbot.policy.inline.results import TestResult
from approvalbot.policy.inline.running import run_tests
from approvalbot.request.playing import PlayedLifecycle
from tests.policy.makers import SOURCES, entitlement_document, faults_of, load, policy_document

PEOPLE = """
version: 1
kind: Identities
id: people
owner: o
people:
  - {id: ann, name: Ann, emails: [ann@example.com], slack: U0ANN}
  - {id: eve, name: Eve, emails: [eve@example.com], aws: [eve], manager: ann}
"""
DEPLOY = {"id": "d1", "action": "deploy", "actor": {"id": "eve@example.com"}}


def results(*documents: Any, sources: str = SOURCES, **files: str) -> list[TestResult]:
    # Written anew, so that a value used twice does not become a YAML alias.
    written = [one if isinstance(one, str) else orjson.loads(orjson.dumps(one)) for one in documents]
    return list(run_tests(load(*written, sources=sources, **files), lifecycle=PlayedLifecycle()))


def differences(*documents: Any, **how: Any) -> list[str]:
    return [str(one) for result in results(*documents, **how) for one in result.differences]


def of_policy(test: dict[str, Any], **changes: Any) -> list[str]:
    return differences(policy_document(tests=[test], **changes), PEOPLE)


@pytest.mark.parametrize(
    "test",
    [
        {"event": DEPLOY, "expect": "match"},
        {"event": DEPLOY, "expect": "match", "opens": [1], "quorum": 1},
        {"event": {"action": "dance"}, "expect": "no_match"},
        {"event": {"action": "dance"}, "expect": "no_match", "why": "match"},
        {"event": DEPLOY, "source": "okta.system_log", "expect": "no_match"},
        {"events": [{"at": "2026-03-03T10:00:00Z", "event": DEPLOY}], "opens": [1]},
        {"event": DEPLOY, "expect": "match", "summary": "eve@example.com did deploy"},
    ],
)
def test_what_is_as_expected_passes(test: dict[str, Any]) -> None:
    if test.get("source") == "okta.system_log":
        test = {**test, "event": {"uuid": "u", **DEPLOY}}

    assert of_policy(test, message={"summary": "{{ $actor.id }} did {{ $action }}"}) == []


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ({"event": DEPLOY, "expect": "no_match"}, "expect: expected no_match, got match"),
        ({"event": {"action": "dance"}, "expect": "match"}, "expect: expected match, got no_match (match)"),
        ({"event": {"action": "dance"}, "expect": "no_match", "why": "during"}, "why: expected during, got match"),
        ({"event": DEPLOY, "expect": "match", "opens": []}, "opens: expected [], got [1]"),
        ({"event": DEPLOY, "expect": "match", "quorum": 3}, "quorum: expected 3, got 1"),
        ({"event": {"action": "dance"}, "expect": "no_match", "quorum": 1}, "quorum: expected 1, got null"),
        ({"event": DEPLOY, "expect": "match", "summary": "x"}, "summary: expected x, got deploy"),
        ({"event": DEPLOY, "expect": "match", "rules": ["r"]}, "rules: expected [r], got []"),
        ({"event": DEPLOY, "expect": "match", "credit": "me"}, "credit: expected me, got []"),
        ({"event": DEPLOY, "source": "nowhere", "expect": "match"}, "source: expected a source of this folder, got"),
        (
            {"event": DEPLOY, "source": "aws.cloudtrail", "expect": "match"},
            "event: expected an event of aws.cloudtrail",
        ),
        ({"event": {"action": "dance"}, "state": "approved"}, "state: expected approved, got no request opens"),
        ({"event": DEPLOY, "expect": "error"}, "expect: expected error, got match"),
        ({"event": DEPLOY, "state": "aproved"}, "state: expected aproved, got pending"),
    ],
)
def test_what_comes_differently_is_told(test: dict[str, Any], told: str) -> None:
    found = of_policy(test, message={"summary": "{{ $action }}"})

    assert len(found) == 1
    assert told in found[0]


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ({"event": {}}, "the test expects nothing"),
        ({"expect": "match"}, "one of event, events and request"),
        ({"event": {}, "request": {"by": "ann"}, "expect": "match"}, "one of event, events and request"),
        ({"request": {"by": "ann"}, "expect": "match"}, "a policy is tested with an event"),
        ({"event": {}, "expect": "maybe"}, "maybe"),
        ({"event": {}, "expect": "match", "opens": [0]}, "opens"),
        ({"event": {}, "expect": "match", "at": "tomorrow"}, '"tomorrow" is no time; write 2026-03-03T12:00:00Z'),
        ({"events": [{"at": "12:00", "event": {}}], "opens": []}, '"12:00" is no time'),
        ({"event": {}, "votes": [{"by": "ann", "press": "yes"}]}, "press"),
        ({"event": {}, "votes": [{"by": "ann", "press": "approve", "after": "1 m"}]}, "after"),
    ],
)
def test_a_test_that_cannot_be_read_stops_the_load(test: dict[str, Any], told: str) -> None:
    (fault,) = faults_of(policy_document(tests=[test]))

    assert told in str(fault)
    assert fault.path[:2] == ("tests", 0)


def test_a_test_of_several_sources_names_one() -> None:
    (fault,) = faults_of(
        policy_document(source=["generic", "aws.cloudtrail"], tests=[{"event": {}, "expect": "match"}])
    )

    assert "write source: generic" in str(fault)


@pytest.mark.parametrize("where", ["test", "step"])
def test_a_series_comes_from_the_source_and_with_the_headers_that_its_test_names(where: str) -> None:
    how = {"source": "github.webhook", "headers": {"X-GitHub-Event": "team"}}
    step = {"at": "2026-03-03T10:00:00Z", "event": {"action": "deleted"}}
    test = {"events": [step], **how} if where == "test" else {"events": [{**step, **how}]}
    match = {"$source.name": "github.webhook", "$header.x-github-event": "team"}

    assert of_policy({**test, "opens": [1]}, source=["generic", "github.webhook"], match=match) == []


def test_a_series_of_several_sources_names_one_too() -> None:
    series = {"events": [{"at": "2026-03-03T10:00:00Z", "event": {}}], "opens": []}

    (fault,) = faults_of(policy_document(source=["generic", "aws.cloudtrail"], tests=[series]))

    assert "write source: generic" in str(fault)


def test_each_test_runs_by_itself_even_of_a_policy_that_is_off() -> None:
    again = {"event": DEPLOY, "expect": "match", "opens": [1]}

    assert differences(policy_document(mode="off", tests=[again, again]), policy_document(id="other")) == []


def test_the_same_delivery_opens_once_and_a_repeat_is_one_question() -> None:
    def at(minute: int, **event: Any) -> dict[str, Any]:
        return {"at": f"2026-03-03T10:{minute:02}:00Z", "event": {**DEPLOY, **event}}

    series = [at(0), at(1), at(2, id="d2"), at(40, id="d3")]

    assert of_policy({"events": series, "opens": [1, 3, 4]}) == []
    assert of_policy({"events": series, "opens": [1, 4]}, dedupe={"key": ["$actor.id"], "window": "30m"}) == []
    assert of_policy({"events": series, "opens": [1, 3, 4]}, dedupe={"key": ["$actor.id"], "on_repeat": "new"}) == []


def test_a_condition_that_cannot_be_judged_is_an_error_that_asks_two_people() -> None:
    long = {**DEPLOY, "note": {"a": "x" * 30_000, "b": "x" * 30_000, "c": "x" * 30_000}}
    test = {"event": long, "expect": "error", "opens": [1], "quorum": 2}

    assert of_policy(test, match={"action": "deploy", "note|re": "y$"}) == []
    assert of_policy({"event": long, "expect": "match"}, match={"note|re": "y$"}) != []


def test_an_actor_nobody_knows_asks_one_more_vote() -> None:
    stranger = {**DEPLOY, "actor": {"id": "ops-laptop"}}

    assert of_policy({"event": stranger, "expect": "match", "quorum": 2}) == []
    assert of_policy({"event": stranger, "expect": "match", "quorum": 1}, request="gate") == []


def test_a_calendar_is_asked_for_its_moments() -> None:
    tests = [
        {"at": "2026-03-03T07:00:00Z", "expect": "inside"},
        {"at": "2026-03-03T06:59:59Z", "expect": "outside"},
        {"at": "2027-03-03T07:00:00Z", "expect": "error"},
        {"at": "2026-03-07T12:00:00Z", "expect": "inside"},
    ]
    calendar = (
        "version: 1\nkind: Calendar\nid: hours\nowner: o\ntz: Europe/Paris\nvalid_until: '2026-12-31'\n"
        f"weekly: {{mon-fri: ['08:00-19:00']}}\ntests: {tests}\n"
    )

    assert differences(calendar) == ["2026-03-07T12:00:00Z: expected inside, got outside"]


def test_identities_are_asked_whose_an_account_is() -> None:
    tests = [
        {"lookup": {"aws": "arn:aws:iam::111122223333:user/division/eve"}, "expect": "eve"},
        {"lookup": {"github": "ANN@example.com"}, "expect": "ann"},
        {"lookup": {"slack": "U0EVE"}, "expect": "none"},
        {"lookup": {"slack": "U0ANN"}, "expect": "eve"},
    ]

    assert differences(PEOPLE + f"tests: {tests}\n") == ["slack U0ANN: expected eve, got ann"]


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ({"body": [{"action": "a"}, {"action": "b"}], "expect": {"events": 2, "$action": "a"}}, []),
        ({"body": [{"action": "a"}], "expect": {"events": 2}}, ["events: expected 2, got 1"]),
        ({"body": {"action": "a"}, "expect": {"$action": "b"}}, ["$action: expected b, got a"]),
        ({"body": {"action": "a"}, "expect": {"$actoin": "b"}}, ["$actoin: expected b, got $actoin is no name"]),
        ({"body": {"action": "a"}, "expect": {"$outcome": None}}, ["$outcome: expected null, got unknown"]),
        ({"body": 12, "expect": {"refused": "event_invalid"}}, []),
        ({"body": 12, "expect": {"events": 1}}, ["refused: expected null, got event_invalid"]),
        ({"body": {"action": "a"}, "expect": {"refused": "event_invalid"}}, ["refused: expected event_invalid, got"]),
        ({"source": "aws.cloudtrail", "body": {"a": 1}, "expect": {"refused": "event_invalid"}}, []),
        ({"source": "nobody", "body": {}, "expect": {"events": 1}}, ["source: expected a source of this folder"]),
    ],
)
def test_a_source_is_asked_what_a_delivery_becomes(test: dict[str, Any], told: list[str]) -> None:
    found = differences(sources=SOURCES + f"tests: {[{'source': 'generic', **test}]}\n".replace("None", "null"))

    assert len(found) == len(told)
    assert all(one in text for one, text in zip(told, found, strict=True)), found


def test_a_tenant_that_is_not_on_the_list_is_refused() -> None:
    listed = SOURCES.replace("mapping: aws.cloudtrail,", "mapping: aws.cloudtrail, tenants: ['111122223333'],")
    body = {"eventSource": "iam", "eventName": "x", "recipientAccountId": "444455556666"}
    tests = [{"source": "aws.cloudtrail", "body": body, "expect": {"refused": "tenant_not_allowed"}}]

    assert differences(sources=listed + f"tests: {tests}\n") == []


@pytest.mark.parametrize(
    ("wish", "test", "told"),
    [
        ({"duration": "1h"}, {"expect": "match", "quorum": 1, "summary": "Eve wants it for 1 h: stuck queue"}, []),
        ({"duration": "9h"}, {"expect": "refused", "why": "duration_too_long"}, []),
        ({"by": "bob"}, {"expect": "refused", "why": "not_requestable"}, []),
        ({"reason": ""}, {"expect": "refused", "why": "reason_too_short"}, []),
        ({"input": {"surprise": "x"}}, {"expect": "refused", "why": "input_invalid"}, []),
        ({"duration": "9h"}, {"expect": "match"}, ["expect: expected match, got refused (duration_too_long)"]),
        ({}, {"expect": "match", "quorum": 2}, ["quorum: expected 2, got 1"]),
        ({"by": "eve@example.com"}, {"expect": "match"}, []),
    ],
)
def test_an_entitlement_is_asked_whether_a_wish_may_be_asked(
    wish: dict[str, Any], test: dict[str, Any], told: list[str]
) -> None:
    document = entitlement_document(
        fixtures={"groups": {"@engineers": ["eve"], "@team": ["ann"]}},
        message={"summary": "{{ $requester.name }} wants it for {{ $duration }}: {{ $reason }}"},
        tests=[{"request": {"by": "eve", "reason": "stuck queue", **wish}, **test}],
    )

    assert differences(document, PEOPLE) == told


def test_a_result_names_its_document_its_line_and_what_was_left_out() -> None:
    document = policy_document(tests=[{"event": DEPLOY, "votes": [{"by": "ann", "press": "approve"}], "after": "2h"}])

    (result,) = run_tests(load(document, PEOPLE))

    assert result.ok
    assert result.left_out == ("votes", "after")
    assert result.name == "test 1"
    assert result.place.startswith("policy-0.yaml:")
    assert "not judged here: votes, after" in str(result)
    assert result.to_json()["left_out"] == ["votes", "after"]
