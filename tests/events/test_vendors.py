"""Every mapping on an event in its vendor's documented form, each normalised field of it."""

from typing import Any

import pytest

from tests.events import vendors, vendors_cloud
from tests.events.makers import event_of, fields_of

AT = "2026-03-03T10:00:00"


EVE = {"actor.email": "eve@example.com", "actor.ip": "203.0.113.7"}
WHOLE: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "cloudtrail": (
        "aws.cloudtrail",
        vendors_cloud.CLOUDTRAIL,
        {
            **EVE,
            "id": "6f1b0f2e",
            "time": AT,
            "action": "iam.amazonaws.com:AttachUserPolicy",
            "outcome": "denied",
            "reason": "User is not authorized to perform: iam:AttachUserPolicy",
            "actor.id": "arn:aws:sts::111122223333:assumed-role/Ops/eve@example.com",
            "actor.name": "Ops",
            "actor.type": "AssumedRole",
            "actor.user_agent": "aws-cli/2.15",
            "resource.id": "arn:aws:iam::aws:policy/AdministratorAccess",
            "resource.type": "iam.amazonaws.com",
            "source.service": "iam.amazonaws.com",
            "source.tenant": "111122223333",
            "source.region": "us-east-1",
        },
    ),
    "console login": (
        "aws.cloudtrail",
        vendors_cloud.CONSOLE_LOGIN,
        {
            "id": "7a",
            "time": AT,
            "action": "signin.amazonaws.com:ConsoleLogin",
            "outcome": "failure",
            "reason": "Failed authentication",
            "actor.id": "arn:aws:iam::111122223333:user/eve",
            "actor.name": "eve",
            "actor.type": "IAMUser",
            "actor.ip": "203.0.113.7",
            "actor.user_agent": "aws-cli/2.15",
            "resource.id": "https://console.aws.amazon.com/console/home",
            "resource.type": "signin.amazonaws.com",
            "source.service": "signin.amazonaws.com",
            "source.tenant": "111122223333",
            "source.region": "us-east-1",
        },
    ),
    "github audit": (
        "github.audit",
        vendors.GITHUB_AUDIT,
        {
            **EVE,
            "id": "d1",
            "time": AT,
            "action": "protected_branch.destroy",
            "outcome": "success",
            "actor.id": "eve-acme",
            "resource.id": "acme/shop",
            "resource.type": "remove",
            "source.service": "github",
            "source.tenant": "acme",
        },
    ),
    "okta": (
        "okta.system_log",
        vendors.OKTA_EVENT,
        {
            **EVE,
            "id": "u",
            "time": AT,
            "action": "user.session.start",
            "outcome": "failure",
            "reason": "FastPass declined phishing attempt",
            "actor.id": "eve@example.com",
            "actor.name": "Eve Eade",
            "actor.type": "User",
            "actor.user_agent": "Mozilla/5.0",
            "resource.id": "Okta Admin Console",
            "resource.type": "AppInstance",
            "resource.name": "Console",
            "source.service": "okta",
            "source.tenant": "okta",
        },
    ),
    "gcp": (
        "gcp.audit",
        vendors_cloud.LOG_ENTRY_WHOLE,
        {
            **EVE,
            "id": "i1",
            "time": AT,
            "action": "dns.managedZones.delete",
            "outcome": "denied",
            "reason": "PERMISSION_DENIED",
            "actor.id": "eve@example.com",
            "actor.user_agent": "gcloud/450",
            "resource.id": "projects/p/managedZones/z",
            "resource.type": "k8s_cluster",
            "source.service": "dns.googleapis.com",
            "source.tenant": "p",
        },
    ),
    "azure activity": (
        "azure.activity",
        {**vendors_cloud.ACTIVITY, "callerIpAddress": "203.0.113.7", "tenantId": "t1"},
        {
            "id": "c1/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WRITE/Success/2026-03-03T10:00:00.1234567Z",
            "time": AT,
            "action": "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WRITE",
            "outcome": "success",
            "actor.ip": "203.0.113.7",
            "resource.id": "/SUBSCRIPTIONS/0/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG",
            "resource.type": "Administrative",
            "source.service": "Administrative",
            "source.tenant": "t1",
        },
    ),
    "entra": (
        "azure.activity",
        {
            **vendors_cloud.AUDIT,
            "properties": {**vendors_cloud.AUDIT["properties"], "id": "Directory_1"},
            "tenantId": "t1",
        },
        {
            "id": "Directory_1",
            "time": AT,
            "action": "Add member to role",
            "outcome": "success",
            "actor.id": "eve@example.com",
            "actor.email": "eve@example.com",
            "resource.id": "Bob",
            "resource.type": "User",
            "source.service": "AuditLogs",
            "source.tenant": "t1",
        },
    ),
    "kubernetes": (
        "kubernetes.audit",
        vendors.POD_EXEC,
        {
            **EVE,
            "id": "a/ResponseComplete",
            "time": "2026-03-03T10:00:01",
            "action": "create:pods/exec",
            "outcome": "denied",
            "reason": "no rule allows it",
            "actor.id": "eve@example.com",
            "actor.user_agent": "kubectl/v1.30",
            "actor.groups": ("dev", "system:authenticated"),
            "resource.id": "prod/web-0",
            "resource.type": "pods",
            "resource.name": "web-0",
            "source.service": "kubernetes",
        },
    ),
    "teleport": (
        "teleport",
        vendors.TELEPORT,
        {
            **EVE,
            "id": "t1",
            "time": AT,
            "action": "session.start",
            "outcome": "success",
            "actor.id": "eve@example.com",
            "resource.id": "db-1",
            "resource.type": "session.start",
            "source.service": "teleport",
            "source.tenant": "acme.teleport.sh",
        },
    ),
    "vault": (
        "vault",
        vendors.VAULT,
        {
            **EVE,
            "id": "v1/response",
            "time": AT,
            "action": "read:secret/data/prod",
            "outcome": "denied",
            "reason": "1 error occurred: permission denied",
            "actor.id": "oidc-eve",
            "resource.id": "secret/data/prod",
            "resource.type": "kv",
            "source.service": "vault",
            "source.tenant": "team/",
        },
    ),
    "slack": (
        "slack.audit",
        vendors.SLACK,
        {
            **EVE,
            "id": "0123a45b",
            "time": AT,
            "action": "role_change_to_owner",
            "outcome": "success",
            "actor.id": "W1",
            "actor.name": "Eve Eade",
            "actor.user_agent": "Mozilla/5.0",
            "resource.id": "W2",
            "resource.type": "user",
            "resource.name": "Bob Bell",
            "source.service": "slack",
            "source.tenant": "E1",
        },
    ),
    "falco": (
        "falco",
        vendors.FALCO,
        {
            "id": "f1",
            "time": AT,
            "action": "Terminal shell in container",
            "outcome": "unknown",
            "actor.id": "root",
            "resource.id": "web-0",
            "resource.type": "syscall",
            "source.service": "syscall",
            "source.tenant": "node-1",
        },
    ),
    "cloudevents": (
        "cloudevents",
        vendors.CLOUD_EVENT,
        {
            "id": "ce-1",
            "time": AT,
            "action": "com.example.deploy.requested",
            "outcome": "denied",
            "actor.id": "eve",
            "actor.email": "eve@example.com",
            "resource.id": "shop",
            "source.service": "https://deploy.example.com",
        },
    ),
    "generic": (
        "generic",
        vendors.GENERIC,
        {
            **EVE,
            "id": "d-1",
            "time": AT,
            "action": "deploy.requested",
            "outcome": "success",
            "actor.id": "eve",
            "actor.name": "Eve Eade",
            "resource.id": "acme/shop",
            "resource.type": "repository",
            "source.service": "deploy",
        },
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_every_field_of_a_vendors_event_is_normalised(name: str) -> None:
    mapping, body, wanted = WHOLE[name]

    event = event_of(body, mapping)

    assert fields_of(event) == wanted
    assert event.raw == body
