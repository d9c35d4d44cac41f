"""Correlation documents, by the Sigma correlation rules specification: counted as events arrive, through a pack."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from approvalbot.policy.correlation import Correlator, completes
from approvalbot.policy.pipeline import Pipeline
from approvalbot.policy.policyset import PolicySet
from approvalbot.store.counting import CountStore
from tests.events.makers import event_of
from tests.policy.makers import faults_of, load, policy_document
from tests.policy.sigma_makers import in_one_file, sigma_pack, sigma_rule

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
OKTA = {"product": "okta", "service": "okta"}


def named(name: str, **selection: Any) -> dict[str, Any]:
    """A rule that others call by its name."""
    return sigma_rule(id=None, name=name, detection={"s": selection, "condition": "s"})


FAILED = named("failed_login", eventName="ConsoleLogin", result="Failure")
LOGIN = named("good_login", eventName="ConsoleLogin", result="Success")
KEY = named("new_key", eventName="CreateAccessKey")


def correlation(kind: str, *rules: str, **changes: Any) -> dict[str, Any]:
    block: dict[str, Any] = {"type": kind, "rules": list(rules), "group-by": ["user"], "timespan": "10m", **changes}
    document = {"title": "Together", "name": "together", "level": "high", "author": "B. Author"}
    return {**document, "correlation": {key: value for key, value in block.items() if value is not None}}


def loaded(*documents: dict[str, Any], **pack: Any) -> PolicySet:
    return load(sigma_pack(**pack), sigma__rules=in_one_file(*documents))


def opened(policies: PolicySet, *events: dict[str, Any], mapping: str = "aws.cloudtrail") -> list[str]:
    """Which events open a review, a letter each: `.` or `x`. `at` is in minutes."""
    pipeline, said = Pipeline(policies, policies.matcher), []
    for number, event in enumerate(events):
        at = NOON + timedelta(minutes=event.get("at", number))
        vendor = event.get("mapping", mapping)
        whole = {"eventSource": "signin.amazonaws.com", "eventID": str(number), "uuid": str(number), **event}
        outcomes = list(pipeline.feed(event_of(whole, vendor), at))
        assert not [one.match.error for one in outcomes if one.match.error]
        said.append("x" if any(one.stopped is None for one in outcomes) else ".")
    return said


def failed(user: str = "eve", **more: Any) -> dict[str, Any]:
    return {"eventName": "ConsoleLogin", "result": "Failure", "user": user, **more}


def good(user: str = "eve", **more: Any) -> dict[str, Any]:
    return {"eventName": "ConsoleLogin", "result": "Success", "user": user, **more}


def key(user: str = "eve", **more: Any) -> dict[str, Any]:
    return {"eventName": "CreateAccessKey", "user": user, **more}


def test_event_count_counts_each_group_by_itself() -> None:
    policies = loaded(FAILED, correlation("event_count", "failed_login", condition={"gte": 3}))

    assert opened(policies, failed(), failed("bob"), failed(), failed("bob"), failed()) == list("....x")
    assert opened(policies, failed(at=0), failed(at=1), failed(at=12)) == list("...")


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ({"gt": 2}, "..xx"),
        ({"gte": 2}, ".xxx"),
        ({"eq": 3}, "..x."),
        ({"gte": 2, "lte": 3}, ".xx."),
        ({"gt": 1, "lt": 3}, ".x.."),
    ],
)
def test_the_condition_is_one_comparison_or_a_range(condition: dict[str, int], wanted: str) -> None:
    policies = loaded(FAILED, correlation("event_count", "failed_login", condition=condition))

    assert opened(policies, *(failed() for _ in range(4))) == list(wanted)


def test_value_count_counts_different_values_of_one_field_or_of_several_together() -> None:
    one = loaded(FAILED, correlation("value_count", "failed_login", condition={"field": "app", "gte": 2}))
    two = loaded(FAILED, correlation("value_count", "failed_login", condition={"field": ["app", "ip"], "gte": 2}))

    events = [failed(app="a", ip="1"), failed(app="A", ip="1"), failed(app="a", ip="2"), failed(app="b", ip="2")]

    assert opened(one, *events) == list("...x")
    assert opened(two, *events) == list("..xx")
    assert opened(two, failed(), failed(app="a")) == list("..")


def test_a_group_may_have_several_fields_and_a_missing_one_is_a_group_of_its_own() -> None:
    block = correlation("event_count", "failed_login", condition={"gte": 2}, **{"group-by": ["user", "ip"]})

    policies = loaded(FAILED, block)

    assert opened(policies, failed(ip="1"), failed(ip="2"), failed(), failed(), failed(ip="2")) == list("...xx")


def test_temporal_wants_every_rule_in_any_order() -> None:
    policies = loaded(FAILED, KEY, correlation("temporal", "failed_login", "new_key"))

    assert opened(policies, key(), failed("bob"), failed()) == list("..x")
    assert opened(policies, failed(), key()) == list(".x")
    assert opened(policies, failed(at=0), key(at=11)) == list("..")


def test_temporal_may_ask_for_some_of_its_rules() -> None:
    block = correlation("temporal", "failed_login", "good_login", "new_key", condition={"gte": 2})

    assert opened(loaded(FAILED, LOGIN, KEY, block), failed(), failed(), key()) == list("..x")


@pytest.mark.parametrize("condition", [None, {"gte": 2}, {"eq": 2}])
def test_temporal_ordered_wants_them_in_their_order(condition: dict[str, int] | None) -> None:
    policies = loaded(FAILED, KEY, correlation("temporal_ordered", "failed_login", "new_key", condition=condition))

    assert opened(policies, key(), failed(), key()) == list("..x")


ALIASES = {
    "internal_ip": {"internal_error": "destination.ip", "new_connection": "source.ip"},
    "remote_ip": {"internal_error": "source.ip", "new_connection": "destination.ip"},
}


def test_an_alias_is_another_field_for_each_rule() -> None:
    # The specification's own example: the server's address is the destination of one event and the source of the other.
    error, connection = named("internal_error", status=500), named("new_connection", type="connection")
    block = correlation(
        "temporal",
        "internal_error",
        "new_connection",
        aliases=ALIASES,
        **{"group-by": ["internal_ip", "remote_ip"]},
    )
    policies = loaded(error, connection, block)
    base = {"eventName": "x"}
    broken = {**base, "status": 500, "source": {"ip": "198.51.100.7"}, "destination": {"ip": "10.0.0.1"}}
    back = {**base, "type": "connection", "source": {"ip": "10.0.0.1"}, "destination": {"ip": "198.51.100.7"}}
    same_way = {**back, "source": broken["source"], "destination": broken["destination"]}

    assert opened(policies, broken, back) == list(".x")
    assert opened(policies, broken, same_way) == list("..")


def test_a_correlation_counts_another_correlation() -> None:
    # The specification's example: many failed logins are followed by a successful one.
    many = {**correlation("event_count", "failed_login", condition={"gte": 3}), "name": "many_failed"}
    block = correlation("temporal_ordered", "many_failed", "good_login", timespan="1h")
    policies = loaded(FAILED, LOGIN, many, block)

    assert len(policies.compiled) == 1
    assert opened(policies, failed(), failed(), good()) == list("...")
    assert opened(policies, failed(), failed(), failed(), good("bob"), good()) == list("....x")
    assert opened(policies, failed(at=0), failed(at=9), failed(at=18), good(at=19)) == list("....")


def test_what_a_correlation_counts_stands_for_itself_only_where_it_says_so() -> None:
    quiet = correlation("event_count", "failed_login", condition={"gte": 9})

    assert opened(loaded(FAILED, quiet), failed()) == ["."]
    assert opened(loaded(FAILED, {**quiet, "generate": True}), failed()) == ["x"]
    assert opened(
        loaded(FAILED, correlation("event_count", "failed_login", condition={"gte": 9}, generate=True)), failed()
    ) == ["x"]


def test_each_rule_is_judged_on_events_of_its_own_logsource_alone() -> None:
    anything_else = sigma_rule(
        id=None, name="not_quiet", logsource=OKTA, detection={"f": {"quiet": True}, "condition": "not f"}
    )
    policies = loaded(KEY, anything_else, correlation("temporal", "new_key", "not_quiet"))

    assert opened(policies, key(), key()) == list(".."), "an event of AWS is none of Okta"
    assert opened(policies, key(), {"user": "eve", "mapping": "okta.system_log"}) == list(".x")


def test_a_correlation_takes_what_it_does_not_say_from_the_rules_it_counts() -> None:
    block = correlation("event_count", "failed_login", condition={"gte": 2})
    del block["level"]

    (one,) = loaded(
        FAILED, block, severity=None, severity_from="level", select={"level": "medium", "product": "aws"}
    ).compiled

    assert one.policy.severity == "medium"
    assert one.policy.source == ("aws.cloudtrail",)
    assert one.policy.rule is not None
    assert one.policy.rule.text == "Rule by B. Author, A. Author, SigmaHQ, DRL 1.1"


def test_a_policy_names_a_correlation_by_its_file_or_its_id() -> None:
    block = {
        **correlation("event_count", "failed_login", condition={"gte": 2}),
        "id": "99999999-0000-4000-8000-000000000000",
    }
    many = {**correlation("event_count", "together", condition={"gte": 2}), "name": "more"}
    file = in_one_file(FAILED, block)
    document = policy_document(match=None, source="aws.cloudtrail")

    by_file = load({**document, "sigma": {"file": "sigma/rules.yaml"}}, sigma__rules=file)
    by_id = load({**document, "sigma": {"rule": block["id"]}}, sigma__rules=file)
    outermost = load({**document, "sigma": {"file": "sigma/rules.yaml"}}, sigma__rules=in_one_file(FAILED, block, many))

    assert opened(by_file, failed(), failed()) == opened(by_id, failed(), failed()) == list(".x")
    assert opened(outermost, failed(), failed(), failed()) == list("..x")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"type": "value_sum"}, '6:3 correlation.type: "value_sum" is not supported; only counts can be told'),
    ({"type": "event_cuont"}, '"event_cuont" is not supported; did you mean event_count?'),
    ({"type": None}, "null is not supported"),
    ({"rules": ["failed_logins"]}, "correlation.rules: failed_logins names no rule here; did you mean failed_login?"),
    ({"rules": []}, "the correlation names no rules; list their ids or names"),
    ({"rules": ["together"]}, "the correlation counts itself in the end; leave one out"),
    ({"timespan": None}, "null is no timespan; write 10m, 2h, 7d or 1w"),
    ({"timespan": "1h30"}, '"1h30" is no timespan'),
    ({"condition": None}, "correlation.condition: event_count needs one; add condition: {gte: 3}"),
    ({"condition": {"lt": 3}}, "lt: too few events cannot be seen when one arrives"),
    ({"condition": {"eq": 0}}, "eq: 0 means that nothing happened"),
    ({"condition": {"gte": 3, "eq": 4}}, "a condition is one comparison or a range; write {gte: 3}"),
    ({"condition": {"gte": 5, "lt": 3}}, "no count is at least 5 and at most 2"),
    ({"condition": {"neq": 3}}, "correlation.condition.neq: neq is no comparison"),
    ({"condition": "failed_login and new_key"}, '"failed_login and new_key" is no comparison; write a comparison'),
    ({"condition": {"gte": 3, "field": "app"}}, "field: it belongs to value_count alone"),
    ({"type": "value_count"}, "field: it belongs to value_count alone, which needs it"),
    ({"type": "temporal_ordered"}, "temporal_ordered always means all its rules in order; leave it out"),
    ({"group_by": ["user"]}, "group_by is no key of a correlation; did you mean group-by?"),
    ({"aliases": {"who": "user"}}, 'correlation.aliases.who: "user" is no map of fields'),
    ({"aliases": {"who": {"faild_login": "user"}}}, "faild_login is none of the rules of this correlation"),
    ({"aliases": ["who"]}, "aliases is a map of names"),
]


@pytest.mark.parametrize(("changes", "says"), REFUSED)
def test_a_correlation_that_cannot_be_counted_is_refused_by_name_and_place(changes: dict[str, Any], says: str) -> None:
    block = correlation("event_count", "failed_login", **{"condition": {"gte": 3}, **changes})

    faults = faults_of(sigma_pack(), sigma__rules=in_one_file(FAILED), sigma__together=in_one_file(block))

    assert any(says in str(fault) for fault in faults), [str(fault) for fault in faults]
    assert all(fault.file.startswith("sigma/") and fault.line > 1 for fault in faults if says in str(fault))
    assert all(fault.hint or "condition" in fault.path for fault in faults)


def test_two_correlations_that_count_each_other_are_refused() -> None:
    first = {**correlation("event_count", "second", condition={"gte": 2}), "name": "first"}
    second = {**correlation("event_count", "first", condition={"gte": 2}), "name": "second"}

    faults = faults_of(sigma_pack(), sigma__rules=in_one_file(FAILED, first, second))

    assert any("counts itself in the end" in fault.problem for fault in faults)


@pytest.mark.parametrize("kind", ["alias", "chain"])
def test_the_store_counts_as_the_replay_does(redis: Redis, kind: str) -> None:
    many = {**correlation("event_count", "failed_login", condition={"gte": 2}), "name": "many_failed"}
    who = {"who": {"failed_login": "user", "new_key": "owner"}}
    blocks = {
        "alias": [
            FAILED,
            KEY,
            correlation("temporal", "failed_login", "new_key", aliases=who, **{"group-by": ["who"]}),
        ],
        "chain": [FAILED, KEY, many, correlation("temporal_ordered", "many_failed", "new_key")],
    }
    plan = loaded(*blocks[kind]).compiled[0].correlation
    assert plan is not None
    kinds = st.tuples(st.booleans(), st.integers(0, 400), *(st.sampled_from(["a", "b"]) for _ in range(2)))

    @given(st.lists(kinds, max_size=10))
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def same(drawn: list[tuple[bool, int, str, str]]) -> None:
        redis.flushall()
        store, memory, at = CountStore(redis), Correlator(), NOON
        for number, (is_key, gap_s, user, owner) in enumerate(drawn):
            at += timedelta(seconds=gap_s)
            body = key(user, owner=owner) if is_key else failed(user, owner=owner)
            event = event_of({"eventSource": "iam", "eventID": str(number), **body}, "aws.cloudtrail")
            assert completes(plan, "p", event, store, at) == memory.completes(plan, "p", event, at.timestamp())

    same()
