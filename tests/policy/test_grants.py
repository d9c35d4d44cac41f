"""What a grant may say of its provider, and how long it may last."""

import pytest
import yaml

from approvalbot.policy.folder import Folder
from approvalbot.policy.lint.running import lint_folder
from approvalbot.policy.parse import load_written
from tests.policy.makers import SOURCES, entitlement_document, faults_of, load

INPUTS = [
    {"id": "db", "label": "Database", "type": "select", "options": ["shop"]},
    {"id": "role", "label": "Role"},
]


def faults_of_grant(provider: str, **parameters: object) -> list[str]:
    document = entitlement_document(inputs=INPUTS, grant={"provider": provider, "with": parameters})
    return [f"{fault.name}: {fault.problem}" for fault in faults_of(document)]


POSTGRES = {"dsn": "env:GRANTS_DSN", "role": "readonly", "user": "{{ $requester.email }}"}


WRITTEN = "literal-secret: a secret is named, never written: env:NAME or file:path"


def free(key: str) -> str:
    return f"template-in-grant: {key} would be whatever $input.role says"


@pytest.mark.parametrize(
    ("provider", "parameters", "told"),
    [
        ("webhook", {}, ["bad-parameter: webhook needs the parameter to"]),
        ("webhook", {"to": "grnts"}, ["unknown-destination: grnts is no destination"]),
        ("webhook", {"to": "grants", "anything": 3}, []),
        ("slack_group", {"group": "@admins", "gruop": "x"}, ["bad-parameter: gruop is no parameter of slack_group"]),
        (
            "slack_group",
            {"group": "{{ $input.role }}"},
            ["template-in-grant: group would be whatever $input.role says"],
        ),
        ("slack_group", {"group": "@{{ $input.db }}-admins"}, []),
        ("slack_group", {"group": "@{{ $input.role }}", "allow": ["@prod-*"]}, []),
        ("postgres", POSTGRES, []),
        (
            "postgres",
            {**POSTGRES, "dsn": "postgres://a:b@c/d"},
            ["literal-secret: a secret is named, never written: env:NAME or file:path"],
        ),
        ("postgres", {**POSTGRES, "valid_until": "yes"}, ["bad-value: valid_until is true or false"]),
        ("postgres", {**POSTGRES, "allow": "readonly"}, ["bad-value: a list of patterns is needed"]),
        ("postgres", {**POSTGRES, "role": 7}, ["bad-value: role is a text"]),
        ("aws", {"account": "{{ $input.db }}", "permission_set": "Admin", "principal": "{{ $requester.aws }}"}, []),
        (
            "aws",
            {"account": "{{ $input.role }}", "permission_set": "Admin", "principal": "eve"},
            ["template-in-grant: account would be whatever $input.role says"],
        ),
        ("gcp", {}, ["unknown-provider: gcp is no provider here"]),
    ],
)
def test_a_grant_is_checked_against_its_provider(provider: str, parameters: dict[str, object], told: list[str]) -> None:
    assert faults_of_grant(provider, **parameters) == told


def test_a_grant_that_is_only_held_to_its_time_says_so() -> None:
    document = entitlement_document(grant={"provider": "webhook", "with": {"to": "grants"}, "end_on": ["duration"]})

    assert load(document).entitlements["prod-admin"].grant.end_on == ("duration",)


def test_extensions_count_towards_the_longest_grant() -> None:
    grant = {"provider": "webhook", "with": {"to": "grants"}, "extend": {"max_times": 7, "by": "1d"}}

    assert [fault.problem for fault in faults_of(entitlement_document(grant=grant))] == [
        "extended, access could last 7 d 4 h; over 7d needs unsafe: true"
    ]
    assert not faults_of(entitlement_document(grant=grant, unsafe=True))


def test_extending_without_approval_is_refused_where_much_is_at_stake() -> None:
    grant = {"provider": "webhook", "with": {"to": "grants"}, "extend": {"by": "1h", "approval": "none"}}

    (fault,) = faults_of(entitlement_document(grant=grant, severity="critical"))
    assert "grant.extend.approval: none is refused for severity critical; write same" in str(fault)


def test_what_a_grant_gives_besides_is_linted() -> None:
    group = {"provider": "slack_group", "with": {"group": "@team"}}

    assert "grants-approver" in lint_names(entitlement_document(grant=group))
    group["with"] = {"group": "@others"}
    assert "grants-approver" not in lint_names(entitlement_document(grant=group))
    assert "nobody-may-ask" in lint_names(entitlement_document(requestable_by=[]))


def lint_names(document: dict[str, object]) -> set[str]:
    written = {"e.yaml": yaml.safe_dump(document).encode(), "sources.yaml": SOURCES.encode()}
    return {one.name for one in lint_folder(load_written(Folder.of(written)))}
