"""One folder for every lint and every named fault that has it, and one close by that has not."""

from dataclasses import dataclass
from typing import Any

import yaml

from tests.policy.makers import SOURCES, entitlement_document, policy_document
from tests.policy.test_lint import AWS, TESTS, TWO_LEVELS, UNDO, level
from tests.policy.test_lint_sigma import PACK, RULE, a_filter

Files = dict[str, str]

OKTA = "{name: okta, type: okta, url: 'https://acme.okta.com', token: env:OKTA}"


def text_of(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, sort_keys=False)


def policy(**changes: Any) -> Files:
    """A policy that no lint says anything of, but for the changes."""
    whole = policy_document(**{"tests": TESTS, "approval": {"levels": TWO_LEVELS}, **changes})
    return {"policy.yaml": text_of(whole)}


def replaced(old: str, new: str, **changes: Any) -> Files:
    """The same with a text of it replaced, for what no dump would write."""
    (text,) = policy(**changes).values()
    assert old in text
    return {"policy.yaml": text.replace(old, new, 1)}


def approval(**changes: Any) -> Files:
    return policy(approval={"levels": TWO_LEVELS, **changes})


def sources(old: str, new: str) -> Files:
    assert old in SOURCES
    return {"sources.yaml": SOURCES.replace(old, new)}


def pack(rule: dict[str, Any] = RULE, *, licence: bool = True, filters: str = "", **changes: Any) -> Files:
    files = {"pack.yaml": text_of({**PACK, **changes}), "sigma/rules/a.yml": text_of(rule)}
    if licence:
        files["sigma/LICENSE.md"] = "Detection Rule License 1.1"
    if filters:
        files["pack.yaml"] = text_of(
            {**PACK, "filters": ["sigma/filters/*.yml"], "tests": PACK["tests"][1:], **changes}
        )
        files["sigma/filters/f.yml"] = text_of(a_filter(filters))
    return files


def entitlement(**changes: Any) -> Files:
    return {"entitlement.yaml": text_of(entitlement_document(**changes))}


def group(name: str) -> dict[str, Any]:
    return {"provider": "slack_group", "with": {"group": name}}


def calendar(until: str) -> Files:
    return {
        "hours.yaml": "version: 1\nkind: Calendar\nid: hours\nowner: o\ntz: UTC\nweekly: {mon: ['08:00-09:00']}\n"
        f"valid_until: '{until}'\n"
    }


def rule(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**RULE, **changes}.items() if value is not None}


HOURS = {"during": {"calendar": "hours", "is": "inside"}}
TEMPLATED = {"usergroup": "@{{ team }}"}
SEVERE = {"severity": "high"}
LONE = {"approval": {"levels": TWO_LEVELS[:1]}}
PERSON = {"user": "ann@x.com"}
NOT_ONLY = {"b": "x", "not": {"action": "dance"}}


@dataclass(frozen=True)
class Case:
    """A lint's severity, files that have it, and files close by that have not."""

    severity: str
    has: Files
    has_not: Files


CASES = {
    "duplicate-key": Case("error", replaced("title: A policy", "title: A policy\ntitle: B"), policy()),
    "unknown-key": Case("error", policy(bananas=7), policy(tags=["bananas"])),
    "yaml-alias": Case("error", replaced("owner: team-security", "owner: &o team"), policy(owner="&o team")),
    "duplicate-id": Case(
        "error", {**policy(), "other.yaml": text_of(policy_document())}, {**policy(), **calendar("2099-01-01")}
    ),
    "unknown-source": Case("error", policy(source="nobody"), policy(source="generic")),
    "unknown-calendar": Case("error", policy(**HOURS), {**policy(**HOURS), **calendar("2099-01-01")}),
    "unknown-destination": Case(
        "error", policy(on_deny=[{"callback": {"to": "nobody"}}]), policy(on_deny=[{"callback": {"to": "siem"}}])
    ),
    "unknown-action": Case(
        "error",
        policy(on_deny=[{"action": "aws.delete_everything"}]),
        policy(on_deny=UNDO, match={"action": "deploy", "$outcome": "unknown", "target|exists": False}),
    ),
    "unknown-mapping": Case("error", sources("mapping: generic", "mapping: genric"), policy()),
    "bad-regex": Case(
        "error", policy(match={"action|re": "(?=deploy)"}), policy(match={"action|re": "^deploy", "b": "x"})
    ),
    "bad-modifier": Case("error", policy(match={"action|begins": "d"}), policy(match={"action|startswith": "d"})),
    "bad-path": Case("error", policy(match={"$actor.mail": "a"}), policy(match={"$actor.email": "a"})),
    "bad-parameter": Case(
        "error",
        policy(on_deny=[{"action": "okta.revoke_admin_role"}]),
        policy(on_deny=UNDO, match={"action": "deploy", "$outcome": "unknown"}),
    ),
    "bad-value": Case("error", policy(match={}), policy(match={"action": "deploy"})),
    "missing-key": Case("error", policy(title=None), policy()),
    "unsafe-timeout": Case("error", approval(on_timeout="approve"), approval(on_timeout="approve", unsafe=True)),
    "self-approval-severe": Case(
        "error",
        policy(**SEVERE, approval={"levels": TWO_LEVELS, "self_approval": True}),
        approval(self_approval=True),
    ),
    "quorum-unreachable": Case(
        "error",
        policy(approval={"quorum": 2, "levels": [level(PERSON)]}),
        policy(approval={"quorum": 2, "levels": [level(PERSON, {"usergroup": "@team"})]}),
    ),
    "literal-secret": Case("error", sources("secret: env:KEY", "secret: hunter2"), policy()),
    "open-source": Case(
        "error",
        sources("auth: {type: bearer, secret: env:KEY}, may_wait", "auth: {type: none}, may_wait"),
        sources("auth: {type: bearer, secret: env:KEY}, may_wait", "auth: {type: none, unsafe: true}, may_wait"),
    ),
    "template-in-approver": Case(
        "error",
        policy(approval={"levels": [level(TEMPLATED)]}),
        policy(approval={"levels": [level({**TEMPLATED, "allow": ["@team-*"]})]}),  # type: ignore[dict-item]
    ),
    "credit-missing": Case("error", pack(rule(author=None)), pack()),
    "logsource-unknown": Case("warning", pack(rule(), source="okta.system_log", tests=[]), pack()),
    "empty-match": Case(
        "error",
        policy(match={"any": [{"a": "x"}, {"not": {"a": "x"}}]}),
        policy(match={"any": [{"a": "x"}, {"a": "y"}]}),
    ),
    "contradiction": Case(
        "error", policy(match={"a": "x", "not": {"a": "x"}}), policy(match={"a": "x", "not": {"a": "y"}})
    ),
    "no-tests": Case("warning", policy(tests=None), policy()),
    "no-negative-test": Case("warning", policy(tests=TESTS[:1]), policy(tests=TESTS)),
    "not-without-exists": Case("warning", policy(match={"not": {"action": "dance"}}), policy(match=NOT_ONLY)),
    "null-in-list": Case(
        "warning", policy(match={"action": ["deploy", None], "b": "x"}), policy(match={"action": None, "b": "x"})
    ),
    "single-all": Case(
        "warning", policy(match={"action|all": ["deploy"]}), policy(match={"action|all": ["deploy", "now"]})
    ),
    "double-wildcard": Case(
        "warning", policy(match={"action|contains": "*deploy"}), policy(match={"action|contains": "de*oy-it"})
    ),
    "untyped-number": Case(
        "warning",
        replaced("action: deploy\n", "action: deploy\n  account: 0123456\n"),
        replaced("action: deploy\n", "action: deploy\n  account: '0123456'\n"),
    ),
    "action-without-source": Case(
        "warning",
        policy(**AWS, match={"eventName": "CreateUser"}),
        policy(**AWS, match={"eventName": "CreateUser", "eventSource": "iam.amazonaws.com"}),
    ),
    "failed-call-included": Case(
        "warning", policy(on_deny=UNDO), policy(on_deny=UNDO, match={"action": "deploy", "errorCode|exists": False})
    ),
    "unindexed": Case(
        "warning", policy(match={"action|re": "^(deploy|dance)"}), policy(match={"action|re": "^deploy", "b": "x"})
    ),
    "broad-contains": Case(
        "warning", policy(match={"action|contains": "dep"}), policy(match={"action|contains": "depl"})
    ),
    "unknown-field": Case(
        "warning",
        policy(source="github.webhook", tests=None, match={"$header.x-other": "a"}),
        policy(source="github.webhook", tests=None, match={"$header.x-github-event": "a"}),
    ),
    "unknown-oncall": Case(
        "warning",
        policy(approval={"levels": [level({"oncall": "rota/sre"}, {"usergroup": "@a"})]}),
        {
            **policy(approval={"levels": [level({"oncall": "rota/sre"}, {"usergroup": "@a"})]}),
            "rota.yaml": "version: 1\nkind: Sources\nid: rota\nowner: o\n"
            "oncall: [{name: rota, type: pagerduty, token: env:ROTA}]\n",
        },
    ),
    "unknown-role": Case(
        "warning",
        policy(approval={"levels": [level({"role": "nobody"}, {"usergroup": "@a"})]}),
        {
            **policy(approval={"levels": [level({"role": "leads"}, {"usergroup": "@a"})]}),
            "people.yaml": "version: 1\nkind: Identities\nid: people\nowner: o\npeople: [{id: ann, name: Ann}]\n"
            "roles: {leads: [ann]}\n",
        },
    ),
    "dedupe-missing-tenant": Case(
        "warning", policy(dedupe={"key": ["$actor.id"]}), policy(dedupe={"key": ["$actor.id", "$source.tenant"]})
    ),
    "dedupe-null": Case(
        "warning",
        policy(dedupe={"key": ["$id", "sha"]}),
        policy(
            dedupe={"key": ["$id", "sha"]},
            tests=[{"event": {"id": "1", "action": "deploy", "sha": "a"}, "expect": "match"}, TESTS[1]],
        ),
    ),
    "single-level": Case("warning", policy(**SEVERE, **LONE), policy(**LONE)),
    "long-timeout": Case(
        "warning",
        policy(request="gate", approval={"levels": [level({"usergroup": "@a"}, timeout="56m")]}),
        policy(request="gate", approval={"levels": [level({"usergroup": "@a"}, timeout="55m")]}),
    ),
    "monitor-gate": Case("warning", policy(request="gate", mode="monitor"), policy(request="gate")),
    "monitor-forgotten": Case(
        "warning",
        replaced("mode: monitor", "mode: monitor  # since 2020-01-01", mode="monitor"),
        replaced("mode: monitor", "mode: monitor  # since 2099-01-01", mode="monitor"),
    ),
    "unmapped-allowed": Case(
        "warning", approval(unmapped_actor="allow", unsafe=True), approval(unmapped_actor="extra_vote")
    ),
    "undo-without-params": Case(
        "warning",
        policy(on_deny=UNDO, match={"action": "deploy", "$outcome": "unknown"}),
        policy(
            on_deny=UNDO,
            match={"action": "deploy", "$outcome": "unknown"},
            tests=[{"event": {"action": "deploy", "target": "bob"}, "expect": "match"}, TESTS[1]],
        ),
    ),
    "provider-missing": Case(
        "warning",
        policy(on_deny=UNDO),
        {**policy(on_deny=UNDO), **sources("destinations:", f"providers: [{OKTA}]\ndestinations:")},
    ),
    "shadowed": Case(
        "warning",
        {**policy(), "other.yaml": policy(id="again")["policy.yaml"]},
        {**policy(), "other.yaml": policy(id="again", match={"action": "dance"})["policy.yaml"]},
    ),
    "duplicate-rule": Case(
        "warning",
        {**pack(), "other.yaml": text_of({**PACK, "id": "again"})},
        {**pack(), "other.yaml": policy()["policy.yaml"]},
    ),
    "drl-links": Case("info", pack(licence=False), pack(rule(license="Apache-2.0"), licence=False)),
    "filter-positive": Case("warning", pack(filters="selection"), pack(filters="not selection")),
    "nobody-may-ask": Case("warning", entitlement(requestable_by=[]), entitlement()),
    "grants-approver": Case("warning", entitlement(grant=group("@team")), entitlement(grant=group("@readers"))),
    "calendar-expiring": Case("info", calendar("2020-01-01"), calendar("2099-01-01")),
}
ELSEWHERE = {
    # No shipped action lacks its hosts, so the command line cannot show it: `test_lint.py` has both halves.
    "unscoped-callback-host",
    # They need a workspace: `tests/cli/test_live.py` has both halves.
    "names-nobody",
    "empty-group",
    "nobody-may-decide",
    "channel-unreachable",
    "not-looked-up",
}

ONLY_FAULTS = {"unknown-mapping", "bad-parameter", "bad-value", "missing-key"}
"""Named faults of loading that are no lints of policy.md."""

LOADING = {
    "duplicate-key",
    "unknown-key",
    "yaml-alias",
    "duplicate-id",
    "unknown-source",
    "unknown-calendar",
    "unknown-destination",
    "unknown-action",
    "bad-regex",
    "bad-modifier",
    "bad-path",
    "unsafe-timeout",
    "self-approval-severe",
    "literal-secret",
    "open-source",
    "template-in-approver",
}
"""The lints of policy.md section 12 that stop the loading: docs/policy-reference.md tells of them where the key is."""
