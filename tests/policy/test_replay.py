"""Replaying is feeding the pipeline one event after the other, and adding up what became of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvalbot.errors import BadInput
from approvalbot.events.event import Event
from approvalbot.events.normalise import RawEvent, normalise
from approvalbot.policy.envelopes import Delivered
from approvalbot.policy.pipeline import Pipeline
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.replay.running import Replay, Replayed, SourceMissing
from tests.events.makers import T0
from tests.policy.makers import SOURCES, load, policy_document

OFFICE = "{version: 1, kind: Calendar, id: office, owner: me, tz: UTC, weekly: {mon-fri: ['08:00-19:00']}}"
DEDUPE = {"key": ["who"], "window": "10m"}
COUNT = {"type": "event_count", "group_by": ["who"], "timespan": "5m", "condition": {"gte": 2}}
TEMPORAL = {"type": "temporal_ordered", "timespan": "1h", "rules": {"first": {"what": "x"}, "then": {"text|re": "^y"}}}
EVERYTHING = (
    policy_document(id="plain"),
    policy_document(id="gate", request="gate", match={"what": "x"}, during={"calendar": "office", "is": "inside"}),
    policy_document(id="review", match={"what": "x"}, during={"calendar": "office", "is": "outside"}),
    policy_document(id="deduped", dedupe=DEDUPE),
    policy_document(id="anew", dedupe={"on_repeat": "new"}, match={"any": [{"what": "x"}, {"what": "y"}]}),
    policy_document(id="counted", correlate=COUNT, dedupe=DEDUPE),
    policy_document(id="ordered", correlate=TEMPORAL, match={"action|exists": True}),
    policy_document(id="broken", match={"text|re": "z"}),
    policy_document(id="arrival", match={"$received_at|hour|gte": 18}),
    policy_document(id="off", mode="off"),
    policy_document(id="watched", mode="monitor", match={"who": "eve"}),
)
POLICIES = load(*EVERYTHING, OFFICE)
HOW = Delivered(T0, "generic")


def lines_of(*bodies: Any) -> list[bytes]:
    return [body if isinstance(body, bytes) else orjson.dumps(body) for body in bodies]


def replayed(policies: PolicySet, lines: Iterable[bytes], how: Delivered = HOW) -> Replayed:
    run = Replay(policies, how)
    for number, line in enumerate(lines, start=1):
        run.take(number, line)
    return run.finish()


def rows(policies: PolicySet, *bodies: Any, how: Delivered = HOW) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in replayed(policies, lines_of(*bodies), how).json_lines()]


EVENTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "action": st.sampled_from(["deploy", "dance"]),
            "what": st.sampled_from(["x", "y", "z"]),
            "who": st.sampled_from(["eve", "bob"]),
            "text": st.sampled_from(["y", "z", "z" * 70_000]),
            "id": st.integers(0, 6).map(str),
            "time": st.integers(0, 200).map(lambda minutes: (T0 + timedelta(minutes=7 * minutes)).isoformat()),
        },
    ),
    max_size=12,
)


def one_by_one(bodies: list[dict[str, Any]]) -> tuple[list[set[str]], list[set[str]], list[set[str]]]:
    """For each event the policies that match, that open, and that could not be judged; by the pipeline alone."""
    table, pipeline = POLICIES.tables["generic"], Pipeline(POLICIES, POLICIES.matcher)

    def arrived(body: dict[str, Any], at: datetime) -> Event:
        return normalise(table, RawEvent(body), source="generic", headers={}, received_at=at)

    times = [arrived(body, T0).time or T0 for body in bodies]
    matches, opens, errors = ([set[str]() for _ in bodies] for _ in range(3))
    for place in sorted(range(len(bodies)), key=lambda one: times[one]):
        for outcome in pipeline.feed(arrived(bodies[place], times[place]), times[place]):
            key = outcome.match.key
            if outcome.match.error:
                errors[place].add(key)
            if outcome.stopped not in {"during", "when"}:
                matches[place].add(key)
            if outcome.stopped is None:
                opens[place].add(key)
    return matches, opens, errors


@settings(max_examples=200, deadline=None)
@given(EVENTS)
def test_a_replay_is_the_pipeline_fed_one_event_after_the_other_in_the_order_of_their_times(
    bodies: list[dict[str, Any]],
) -> None:
    found = rows(POLICIES, *bodies)

    matches, opens, errors = one_by_one(bodies)
    assert [set(row["policies"]) for row in found] == matches
    assert [set(row.get("opens", [])) for row in found] == opens
    assert [{one["policy"] for one in row.get("errors", [])} for row in found] == errors
    assert [row["line"] for row in found] == list(range(1, len(bodies) + 1))


@settings(max_examples=50, deadline=None)
@given(EVENTS)
def test_the_sums_are_those_of_the_lines(bodies: list[dict[str, Any]]) -> None:
    whole = replayed(POLICIES, lines_of(*bodies))

    assert whole.tally.matches == sum(len(row.policies) for row in whole.rows.values())
    assert whole.tally.opens == sum(len(row.opens) for row in whole.rows.values())
    assert whole.tally.opens == whole.tally.by_hour.total() == whole.tally.actors.total()
    assert whole.read.events == whole.read.lines == len(bodies)


def test_a_line_has_what_there_is_to_say_and_nothing_else() -> None:
    policies = load(policy_document(), policy_document(id="broken", match={"text|re": "z"}))

    assert rows(policies, {"action": "deploy", "id": "1"}, b"", {"action": "x"}, {"text": "y" * 70_000}, b"{") == [
        {"line": 1, "policies": ["a-policy"], "opens": ["a-policy"]},
        {"line": 3, "policies": []},
        {
            "line": 4,
            "policies": ["broken"],
            "opens": ["broken"],
            "errors": [
                {
                    "policy": "broken",
                    "error": "a value of 70,000 bytes is too long for re, which searches at most 65,536 for 'z'",
                }
            ],
        },
        {
            "line": 5,
            "policies": [],
            "error": "body_invalid: The body is not usable JSON: expecting property name enclosed in double quotes at "
            "line 1, column 2.",
        },
    ]


def test_lines_that_are_no_events_are_counted_and_stop_nothing() -> None:
    policies = load(policy_document())
    twice = b'{"action": "deploy", "action": "deploy"}'
    harmless = b'{"action": "x", "action": "x"}'
    unknown = {"source": "nobody", "event": {"action": "deploy"}}

    whole = replayed(policies, lines_of(b"[", b"12", twice, harmless, unknown, {"action": "deploy"}))
    errors = {number: row.error.partition(":")[0] for number, row in whole.rows.items() if row.error}

    assert errors == {1: "body_invalid", 2: "event_invalid", 3: "body_invalid", 5: "unknown_source"}
    assert (whole.read.bad_lines, whole.tally.opens) == (4, 1)


def test_an_event_that_is_none_of_its_source_spoils_no_other_of_its_line() -> None:
    good = {"eventSource": "s", "eventName": "deploy", "eventID": "1"}
    policies = load(policy_document(source="aws.cloudtrail", match={"eventName": "deploy"}))

    (row,) = rows(policies, {"Records": [{"no": "event"}, good]}, how=Delivered(T0, "aws.cloudtrail"))

    assert row["policies"] == ["a-policy"]
    assert "it has no eventSource, eventName" in row["error"]


def test_a_line_of_several_events_is_one_row() -> None:
    one = {"eventSource": "s", "eventName": "deploy"}
    policies = load(
        policy_document(source="aws.cloudtrail", match={"eventName": "deploy"}),
        policy_document(id="other", source="aws.cloudtrail", match={"eventName": "dance"}),
    )
    body = {"Records": [{**one, "eventID": "1"}, {**one, "eventID": "2"}, {**one, "eventName": "dance"}]}

    whole = replayed(policies, lines_of(body), Delivered(T0, "aws.cloudtrail"))

    assert [orjson.loads(line)["policies"] for line in whole.json_lines()] == [["a-policy", "other"]]
    assert (whole.read.lines, whole.read.events, whole.tally.opens) == (1, 3, 3)


def test_an_envelope_brings_source_headers_and_time() -> None:
    policies = load(
        policy_document(
            source="github.webhook", match={"$header.x-github-event": "deployment", "$received_at|hour": 23}
        )
    )
    envelope = {
        "source": "github.webhook",
        "headers": {"X-GitHub-Event": "deployment"},
        "at": "2026-03-03T23:00:00Z",
        "event": {"action": "x"},
    }

    assert [row["policies"] for row in rows(policies, envelope, {**envelope, "at": "2026-03-03T22:00:00Z"})] == [
        ["a-policy"],
        [],
    ]


def test_a_raw_event_of_which_nobody_says_who_sent_it_is_no_fault_of_one_line() -> None:
    with pytest.raises(SourceMissing) as refused:
        rows(POLICIES, {"source": "generic", "event": {}}, {"action": "x"}, how=Delivered(T0))

    assert "line 2: This is a raw event" in refused.value.text()
    assert "Say --source NAME; known are generic, aws.cloudtrail" in refused.value.text()


def test_a_source_that_is_not_there_is_refused_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        Replay(POLICIES, Delivered(T0, "nobody"))

    assert refused.value.code == "unknown_source"


def test_an_event_of_a_tenant_that_may_not_send_opens_nothing_and_is_not_counted_on() -> None:
    sources = SOURCES.replace("mapping: aws.cloudtrail,", "mapping: aws.cloudtrail, tenants: ['1'],")
    document = policy_document(
        source="aws.cloudtrail", match={"eventName": "deploy"}, correlate={**COUNT, "group_by": []}
    )
    ours, theirs = ({"eventName": "deploy", "eventSource": "s", "recipientAccountId": tenant} for tenant in ("1", "2"))
    lines = lines_of({**theirs, "eventID": "1"}, {**ours, "eventID": "2"}, {**theirs, "eventID": "3"})

    whole = replayed(load(document, sources=sources), lines, Delivered(T0, "aws.cloudtrail"))

    assert [list(row.policies) for _, row in sorted(whole.rows.items())] == [["a-policy"]] * 3
    assert whole.rows[1].error.startswith("tenant_not_allowed")
    assert (whole.read.refused, whole.read.bad_lines, whole.tally.opens) == (2, 0, 0)


def test_load_is_told_by_person_hour_and_level_and_groups_that_nobody_knows_by_their_name() -> None:
    approval = {
        "quorum": 2,
        "levels": [
            {"name": "one", "approvers": [{"usergroup": "@team"}, {"usergroup": "@far"}], "timeout": "1h"},
            {"name": "two", "approvers": [{"user": "cat"}, {"usergroup": "@team"}], "timeout": "1h"},
        ],
    }
    policies = load(policy_document(approval=approval, fixtures={"groups": {"@team": ["ann", "bob"]}}))
    times = ["2026-03-03T10:05:00Z", "2026-03-03T10:55:00Z", "2026-03-04T09:00:00Z"]
    bodies = [
        {"action": "deploy", "id": str(number), "time": time, "actor": {"id": f"a{number % 2}"}}
        for number, time in enumerate(times)
    ]

    tally = replayed(policies, lines_of(*bodies)).tally

    assert {name: (load.asked, load.later, load.busiest()) for name, load in tally.loads.items()} == {
        "ann": (3, 0, (datetime(2026, 3, 3, 10, tzinfo=UTC), 2)),
        "bob": (3, 0, (datetime(2026, 3, 3, 10, tzinfo=UTC), 2)),
        "usergroup:@far": (3, 0, (datetime(2026, 3, 3, 10, tzinfo=UTC), 2)),
        "cat": (0, 3, None),
    }
    assert tally.unknown == {"usergroup:@far"}
    assert (tally.presses, tally.actors) == (6, {"a0": 2, "a1": 1})
