"""Sigma files as a whole: several documents, filters, and what is refused with its line and column."""

from typing import Any

import orjson
import pytest

from approvalbot.policy.documents import Policy
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.snapshots import from_snapshot, snapshot
from tests.events.makers import event_of
from tests.policy.makers import faults_of, load, policy_document
from tests.policy.sigma_makers import AWS, in_one_file, sigma_pack, sigma_rule

RULE = sigma_rule()
OTHER = sigma_rule(
    id="22222222-2222-4333-8444-555555555555", detection={"s": {"eventName": "DeleteUser"}, "condition": "s"}
)
AZURE = """
version: 1
kind: Sources
id: sources
owner: o
sources: [{name: azure.activity, mapping: azure.activity, auth: {type: bearer, secret: env:KEY}}]
"""


def a_filter(**changes: Any) -> dict[str, Any]:
    block = {"rules": [RULE["id"]], "selection": {"userAgent": "terraform"}, "condition": "not selection"}
    document = {"title": "Ours", "logsource": AWS, "filter": {**block, **changes.pop("filter", {})}, **changes}
    return {key: value for key, value in document.items() if value is not None}


def hits(policies: PolicySet, mapping: str = "aws.cloudtrail", **event: Any) -> list[str]:
    found = policies.matcher.match(event_of({"eventSource": "iam", "eventName": "CreateUser", **event}, mapping))
    return [match.rule.id[:1] for match in found if match.rule is not None]


def test_a_file_may_hold_several_rules_each_a_policy_of_its_own() -> None:
    policies = load(sigma_pack(), sigma__a=in_one_file(RULE, OTHER, sigma_rule(id=None), sigma_rule(id=None, name="n")))

    assert [one.policy.key for one in policies.compiled] == [
        f"a-pack/{RULE['id']}",
        f"a-pack/{OTHER['id']}",
        "a-pack/sigma/a.yaml#3",
        "a-pack/n",
    ]


def test_a_filter_is_joined_to_the_rules_it_names() -> None:
    policies = load(
        sigma_pack(include="sigma/rules/**", filters="sigma/filters/*"),
        sigma__rules__a=in_one_file(RULE, OTHER),
        sigma__filters__b=in_one_file(a_filter()),
    )

    assert hits(policies) == ["1"]
    assert hits(policies, userAgent="terraform") == []
    assert hits(policies, eventName="DeleteUser", userAgent="terraform") == ["2"]


def test_a_filter_is_part_of_what_the_policy_is() -> None:
    def digests(*beside: dict[str, Any]) -> dict[str, str]:
        loaded = load(sigma_pack(), sigma__a=in_one_file(RULE, OTHER, *beside))
        return {one.policy.key[-36:][:1]: one.policy.digest for one in loaded.compiled}

    plain, filtered = digests(), digests(a_filter())
    edited = digests(a_filter(filter={"selection": {"userAgent": "pulumi"}}))

    assert len({plain["1"], filtered["1"], edited["1"]}) == 3
    assert plain["2"] == filtered["2"] == edited["2"]


def test_the_rules_that_a_correlation_counts_are_part_of_what_the_policy_is() -> None:
    block = {"type": "event_count", "rules": [RULE["id"]], "group-by": ["user"], "timespan": "10m"}
    counts = {"title": "Many", "name": "many", "level": "high", "correlation": {**block, "condition": {"gte": 3}}}
    edited = sigma_rule(detection={"s": {"eventName": "CreateGroup"}, "condition": "s"})

    first, again, other = (
        load(sigma_pack(), sigma__a=in_one_file(one, counts)).compiled[0].policy.digest for one in (RULE, RULE, edited)
    )

    assert first == again
    assert first != other


def test_a_snapshot_keeps_the_filters_of_its_rule() -> None:
    policy = load(sigma_pack(), sigma__a=in_one_file(RULE, a_filter())).compiled[0].policy

    again = from_snapshot(orjson.loads(orjson.dumps(snapshot(policy))))

    assert isinstance(again, Policy)
    assert again.digest == policy.digest
    assert again.rule is not None
    assert [one["title"] for one in again.rule.beside] == ["Ours"]


@pytest.mark.parametrize("targets", ["any", ["any"], RULE["id"], ["named"]])
def test_a_filter_names_rules_by_id_by_name_or_all_of_its_logsource(targets: Any) -> None:
    elsewhere = sigma_rule(id="33", logsource={"product": "okta", "service": "okta"})

    policies = load(
        sigma_pack(), sigma__a=in_one_file({**RULE, "name": "named"}, elsewhere, a_filter(filter={"rules": targets}))
    )

    assert hits(policies, userAgent="terraform") == []
    assert hits(policies, "okta.system_log", userAgent="terraform", uuid="1") == ["3"]


def test_a_filter_for_a_whole_product_reads_the_names_of_each_rule() -> None:
    rule = sigma_rule(
        logsource={"product": "azure", "service": "auditlogs"},
        detection={"s": {"OperationName": "x"}, "condition": "s"},
    )
    thin = a_filter(logsource={"product": "azure"}, filter={"selection": {"ActivityDisplayName": "y"}})

    policies = load(sigma_pack(), sources=AZURE, sigma__a=in_one_file(rule, thin))
    body = {"operationName": "x", "properties": {"activityDisplayName": "z"}}
    silenced = {"operationName": "x", "properties": {"activityDisplayName": "y"}}

    assert hits(policies, "azure.activity", **body) == ["1"]
    assert hits(policies, "azure.activity", **silenced) == []


def test_a_filter_beside_a_rule_that_a_policy_names_is_joined_too() -> None:
    document = policy_document(match=None, source="aws.cloudtrail", sigma={"file": "sigma/a.yaml"})

    policies = load(document, sigma__a=in_one_file(RULE, a_filter()))

    assert hits(policies) == ["1"]
    assert hits(policies, userAgent="terraform") == []


def test_a_filter_thins_out_what_a_correlation_counts() -> None:
    block = {"type": "event_count", "rules": [RULE["id"]], "timespan": "1h", "condition": {"gte": 1}}
    together = {"title": "Many", "id": "44", "level": "low", "author": "B", "correlation": block}

    policies = load(sigma_pack(), sigma__a=in_one_file(RULE, together, a_filter()))

    assert hits(policies) == ["4"]
    assert hits(policies, userAgent="terraform") == []


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (sigma_rule(taxonomy="ecs"), 'x.yaml:13:1 taxonomy: the names of the taxonomy "ecs" are not known here'),
        (
            sigma_rule(logsource="aws"),
            "x.yaml:6:1 logsource: a logsource is a map of texts; write product: and service:",
        ),
        (sigma_rule(logsource={"product": ["aws"]}), "x.yaml:6:1 logsource: a logsource is a map of texts"),
        (sigma_rule(detection=None), "x.yaml:1:1: this is no Sigma rule: it has no detection, filter or correlation"),
        (
            sigma_rule(detection={"s": {"a": 1}}),
            "x.yaml:9:1 detection: the detection has no condition; write condition: s",
        ),
        (
            sigma_rule(detection={"s": {"a|foo": 1}, "condition": "s"}),
            "x.yaml:11:5 detection.s.a|foo: |foo is no modifier; known are all,",
        ),
        (
            sigma_rule(detection={"s": {"a": 1}, "condition": "s | count() > 5"}),
            "x.yaml:12:3 detection.condition: aggregations such as `| count()` are the old form of correlation",
        ),
        (
            sigma_rule(detection={"s": [{"a": 1}, {"b|re": "(?=x)"}], "condition": "s"}),
            "x.yaml:12:5 detection.s[1].b|re: look-around at character 1",
        ),
        ({"action": "global", **RULE}, "x.yaml:1:1 action: action: global is how Sigma 1 shared parts of rules"),
        ({"action": "repeat", "logsource": AWS}, "action: repeat is how Sigma 1 shared parts of rules"),
        (a_filter(filter={"rules": ["no-such-rule"]}), "x.yaml:6:3 filter.rules: no-such-rule names no rule here"),
        (
            a_filter(filter={"rules": []}),
            "x.yaml:5:1 filter: the filter names no rules; list their ids or names, or write any",
        ),
        (a_filter(logsource=None), "x.yaml:1:1: the filter has no logsource; write the logsource of its rules"),
        (a_filter(filter={"condition": "nothing"}), "filter.condition: nothing is no selection of this rule"),
        (a_filter(filter={"selection": {"a|foo": 1}}), "filter.selection.a|foo: |foo is no modifier"),
        ({"title": "x", "filter": "all", "logsource": AWS}, "x.yaml:2:1 filter: the filter names no rules"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(document: dict[str, Any], says: str) -> None:
    faults = faults_of(sigma_pack(), sigma__a=in_one_file(OTHER), sigma__x=in_one_file(document))
    target = faults_of(sigma_pack(), sigma__a=in_one_file(RULE), sigma__x=in_one_file(document))

    assert any(says in str(fault) for fault in (*faults, *target)), [str(fault) for fault in target]
    assert all(fault.hint for fault in target if says in str(fault) and "no Sigma rule" not in says)


def test_the_faults_of_a_correlation_and_of_its_rules_are_told_at_once() -> None:
    block = {"type": "value_sum", "rules": ["n"], "timespan": "1h"}
    rule = sigma_rule(id=None, name="n", detection={"s": {"a|foo": 1}, "condition": "s"})

    faults = faults_of(sigma_pack(), sigma__a=in_one_file(rule, {"title": "Many", "id": "44", "correlation": block}))

    assert [fault.path[0] for fault in faults] == ["detection", "correlation"]


def test_what_a_refused_rule_says_goes_away_with_its_id_excluded() -> None:
    broken = sigma_rule(id="55", detection={"s": {"a|foo": 1}, "condition": "s"})

    assert faults_of(sigma_pack(), sigma__a=in_one_file(RULE, broken))
    assert len(load(sigma_pack(exclude_ids=["55"]), sigma__a=in_one_file(RULE, broken)).compiled) == 1


def test_an_empty_list_of_placeholders_is_refused_since_it_would_match_nothing() -> None:
    (fault,) = faults_of(sigma_pack(), sigma__a=in_one_file(RULE), sigma__lists="admins: []")

    assert (fault.line, fault.column) == (1, 1)
    assert "an empty list is no list of values" in fault.problem


def test_a_pack_may_name_a_source_for_rules_whose_logsource_is_not_known() -> None:
    rules = in_one_file(
        sigma_rule(
            id="66",
            logsource={"product": "onelogin", "service": "onelogin.events"},
            detection={"s": {"event_type_id": [532, 553]}, "condition": "s"},
        ),
        sigma_rule(
            id="77",
            logsource={"product": "bitbucket", "service": "audit"},
            detection={"s": {"auditType.category": "Projects"}, "condition": "s"},
        ),
    )

    nowhere = load(sigma_pack(), sigma__a=rules)
    here = load(sigma_pack(source="generic"), sigma__a=rules)

    assert [note.text for note in nowhere.notes] == [
        "sigma/a.yaml: no source delivers onelogin/onelogin.events; the rule is not used",
        "sigma/a.yaml: no source delivers bitbucket/audit; the rule is not used",
    ]
    assert hits(here, "generic", event_type_id=532) == ["6"]
    assert hits(here, "generic", event_type_id="553") == ["6"]
    assert hits(here, "generic", auditType={"category": "Projects"}) == ["7"]
