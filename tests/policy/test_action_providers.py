"""Providers of actions: what each type takes, and what is said of an action that nobody performs."""

from typing import Any

import pytest
import yaml

from tests.policy.makers import SOURCES, faults_of, load, policy_document
from tests.policy.test_lint import names

GITHUB = {"name": "github", "type": "github", "app_id": "1234", "private_key": "file:/run/secrets/github.pem"}
CLUSTER = {"name": "kubernetes/prod-1", "type": "kubernetes", "url": "https://k8s.example.com:6443", "token": "env:K8S"}
OKTA = {"name": "okta", "type": "okta", "url": "https://acme.okta.com", "token": "env:OKTA"}
AWS = {"name": "aws", "type": "aws", "roles": {"444455556666": "arn:aws:iam::444455556666:role/undo"}}


def sources(*providers: dict[str, Any]) -> str:
    return SOURCES + yaml.safe_dump({"providers": list(providers)})


def test_every_type_loads_with_what_it_needs() -> None:
    loaded = load(
        sources=sources(GITHUB, {**CLUSTER, "ca": "file:/ca.pem", "private": True}, {**OKTA, "scheme": "bearer"}, AWS)
    )

    assert set(loaded.providers) == {"github", "kubernetes/prod-1", "okta", "aws"}
    assert loaded.providers["github"].secrets == ("file:/run/secrets/github.pem",)
    assert loaded.providers["kubernetes/prod-1"].secrets == ("env:K8S", "file:/ca.pem")


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({**OKTA, "token": "s3cret"}, "a secret is named, never written"),
    ({**CLUSTER, "name": "kubernetes"}, "write kubernetes/NAME"),
    ({**OKTA, "name": "okta/two"}, "write okta"),
    ({**OKTA, "name": "github"}, "does not start with its type; write okta"),
    ({**OKTA, "ca": "file:x"}, "belongs to another type than okta"),
    ({**AWS, "token": "env:X"}, "belongs to another type than aws"),
    ({"name": "okta", "type": "okta", "url": "https://acme.okta.com"}, "needs a url and a token"),
    ({"name": "github", "type": "github"}, "either a token or an app_id"),
    ({**GITHUB, "token": "env:X"}, "either a token or an app_id"),
    ({"name": "github", "type": "github", "app_id": "1"}, "either a token or an app_id"),
    ({**AWS, "access_key_id": "env:X"}, "go together"),
    ({**AWS, "roles": {"444455556666": "arn:aws:iam::111122223333:role/undo"}}, "is no role of the account"),
    ({**AWS, "roles": {"4444": "arn:aws:iam::4444:role/undo"}}, ""),
    ({**CLUSTER, "url": "https://k8s.example.com/{{ x }}"}, ""),
    ({**OKTA, "type": "ldap"}, ""),
]


@pytest.mark.parametrize(("provider", "says"), BROKEN)
def test_a_provider_that_could_not_act_is_refused_with_what_to_write(provider: dict[str, Any], says: str) -> None:
    found = faults_of(sources=sources(provider))

    assert found
    assert any(says in str(fault) for fault in found), [str(fault) for fault in found]
    assert not any("s3cret" in str(fault) for fault in found)


def test_two_providers_of_one_name_are_a_fault_wherever_they_stand() -> None:
    more = yaml.safe_dump({"version": 1, "kind": "Sources", "id": "more", "owner": "o", "providers": [OKTA]})

    assert any("okta stands twice" in str(fault) for fault in faults_of(more, sources=sources(OKTA)))
    assert any("okta stands twice" in str(fault) for fault in faults_of(sources=sources(OKTA, dict(OKTA))))


def action(named: str, **with_: str) -> dict[str, Any]:
    return policy_document(on_deny=[{"action": named, "with": with_}])


NEEDS: list[tuple[dict[str, Any], list[dict[str, Any]], bool]] = [
    (action("okta.revoke_admin_role", user="x"), [], True),
    (action("okta.revoke_admin_role", user="x"), [OKTA], False),
    (action("aws.detach_policy", user="x", policy="y"), [OKTA], True),
    (action("aws.detach_policy", user="x", policy="y"), [AWS], False),
    (action("kubernetes.delete_pod", cluster="prod-1", namespace="a", name="b"), [CLUSTER], False),
    (action("kubernetes.delete_pod", cluster="prod-2", namespace="a", name="b"), [CLUSTER], True),
    (action("kubernetes.delete_pod", cluster="{{ $source.tenant }}", namespace="a", name="b"), [CLUSTER], False),
    (action("kubernetes.delete_pod", cluster="{{ $source.tenant }}", namespace="a", name="b"), [OKTA], True),
    (action("github.deployment_callback", url="{{ u }}", environment="e", state="rejected"), [GITHUB], False),
    (action("github.deployment_callback", url="{{ u }}", environment="e", state="rejected"), [], True),
]


@pytest.mark.parametrize(("document", "providers", "lacks"), NEEDS)
def test_an_action_that_nobody_performs_is_warned_of_and_loads(
    document: dict[str, Any], providers: list[dict[str, Any]], lacks: bool
) -> None:
    found = names(document, sources=sources(*providers) if providers else SOURCES)

    assert ("provider-missing" in found) is lacks
