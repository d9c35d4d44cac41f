"""The lints of Sigma rules and packs."""

from typing import Any

import pytest
import yaml

from approvalbot.policy.folder import Folder
from approvalbot.policy.lint.finding import Lint
from approvalbot.policy.lint.running import Knowledge, lint_folder
from approvalbot.policy.parse import load_written
from tests.policy.makers import SOURCES, policy_document
from tests.policy.test_lint import TWO_LEVELS

RULE: dict[str, Any] = {
    "title": "A user was made",
    "id": "11111111-2222-4333-8444-555555555555",
    "status": "test",
    "level": "high",
    "author": "A. Author",
    "logsource": {"product": "aws", "service": "cloudtrail"},
    "detection": {
        "selection": {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser"},
        "condition": "selection",
    },
}
PACK: dict[str, Any] = {
    "version": 1,
    "kind": "SigmaPack",
    "id": "a-pack",
    "owner": "o",
    "title": "A pack",
    "include": ["sigma/rules/*.yml"],
    "severity_from": "level",
    "approval": {"levels": TWO_LEVELS},
    "tests": [
        {"event": {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser"}, "expect": "match"},
        {"event": {"eventSource": "iam.amazonaws.com", "eventName": "GetUser"}, "expect": "no_match"},
    ],
}


def lints(*documents: Any, licence: bool = True, **sigma: Any) -> list[Lint]:
    held = {"sources.yaml": SOURCES.encode()}
    held |= {f"document-{place}.yaml": yaml.safe_dump(one).encode() for place, one in enumerate(documents)}
    held |= {f"sigma/{name.replace('__', '/')}.yml": yaml.safe_dump(one).encode() for name, one in sigma.items()}
    if licence:
        held["sigma/LICENSE.md"] = b"Detection Rule License 1.1"
    return lint_folder(load_written(Folder.of(held)), Knowledge())


def names(*documents: Any, **how: Any) -> list[str]:
    return [one.name for one in lints(*documents, **how)]


def detection(**changes: Any) -> dict[str, Any]:
    return {**RULE, "detection": {**RULE["detection"], **changes}}


def a_filter(condition: str) -> dict[str, Any]:
    selection = {"userIdentity.arn|endswith": ":role/OrgBootstrap"}
    return {
        "title": "Our own",
        "id": "99999999-2222-4333-8444-555555555555",
        "logsource": RULE["logsource"],
        "filter": {"rules": [RULE["id"]], "selection": selection, "other": {"readOnly": True}, "condition": condition},
    }


def test_a_clean_pack_is_left_alone() -> None:
    assert names(PACK, rules__a=RULE) == []


def test_a_rule_without_its_author_may_not_be_shown() -> None:
    rule = {key: value for key, value in RULE.items() if key != "author"}

    assert names(PACK, rules__a=rule) == ["credit-missing"]


def test_the_licence_lies_beside_the_rules() -> None:
    (found,) = lints(PACK, rules__a=RULE, licence=False)

    assert (found.name, found.severity) == ("drl-links", "info")


def test_rules_under_a_licence_of_their_own_need_none_of_sigmahq_s() -> None:
    assert names(PACK, rules__a={**RULE, "license": "Apache-2.0"}, licence=False) == []
    assert names(PACK, rules__a={**RULE, "license": "DRL-1.1"}, licence=False) == ["drl-links"]


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("selection", True),
        ("selection and other", True),
        ("not selection", False),
        ("not selection and not other", False),
        ("not 1 of them", False),
    ],
)
def test_a_filter_that_keeps_only_its_exceptions_is_told(condition: str, *, says: bool) -> None:
    pack = {**PACK, "filters": ["sigma/filters/*.yml"], "tests": PACK["tests"][1:]}

    assert ("filter-positive" in names(pack, rules__a=RULE, filters__f=a_filter(condition))) is says


def test_a_pack_is_as_severe_as_the_worst_of_its_rules() -> None:
    bare = {**PACK, "tests": [], "approval": {"levels": TWO_LEVELS[:1]}}

    high = {one.name: one.severity for one in lints(bare, rules__a=RULE)}
    low = {one.name: one.severity for one in lints(bare, rules__a={**RULE, "level": "low"})}

    assert high == {"no-tests": "error", "single-level": "warning"}
    assert low == {"no-tests": "warning"}


def test_a_rule_used_twice_asks_twice() -> None:
    single = policy_document(
        match=None,
        sigma={"rule": RULE["id"]},
        source="aws.cloudtrail",
        tests=PACK["tests"],
        approval={"levels": TWO_LEVELS},
    )

    assert names(PACK, single, rules__a=RULE) == ["duplicate-rule", "duplicate-rule"]
    assert names(single, rules__a=RULE) == []


def test_a_rule_for_another_log_is_told() -> None:
    pack = {**PACK, "source": "okta.system_log", "tests": []}

    assert "logsource-unknown" in names(pack, rules__a=RULE)


def test_a_rule_that_no_source_delivers_is_never_silent() -> None:
    elsewhere = {**RULE, "id": "77777777-2222-4333-8444-555555555555", "logsource": {"product": "windows"}}

    (found,) = lints(PACK, rules__a=RULE, rules__b=elsewhere)

    assert (found.name, found.severity) == ("logsource-unknown", "warning")
    assert "sigma/rules/b.yml: no source delivers windows" in found.message


def test_an_imported_rule_is_not_told_of_its_style_but_of_what_it_does() -> None:
    wild = detection(selection={"eventName|contains": "*Us*", "eventSource": [None, "iam.amazonaws.com"]})
    regex = detection(selection={"eventName|re": "^(Create|Delete)"})

    assert names({**PACK, "tests": []}, rules__a=wild) == ["no-tests", "null-in-list"]
    assert "unindexed" in names({**PACK, "tests": []}, rules__a=regex)
