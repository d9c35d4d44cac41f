"""Field names of Sigma's logsources on events in the form their vendors send: casing, aliases, sources.

The rules and events are ours; the names are those of the taxonomy pages of the Sigma specification.
"""

from typing import Any

import pytest

from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.sigma.logsources import Logsource, known_logsource
from tests.events.makers import event_of
from tests.events.vendors import OKTA, POD
from tests.events.vendors_cloud import (
    ACTIVITY,
    ACTIVITY_API,
    AUDIT,
    LOG_ENTRY,
    M365,
    RISK,
    SIGN_IN,
    WORKSPACE_ITEM,
    WORKSPACE_LOG,
)
from tests.policy.makers import load
from tests.policy.sigma_makers import in_one_file, sigma_pack, sigma_rule

MAPPINGS = ("aws.cloudtrail", "azure.activity", "gcp.audit", "google.workspace", "kubernetes.audit", "okta.system_log")
SOURCES = "version: 1\nkind: Sources\nid: sources\nowner: o\nsources:\n" + "".join(
    f"  - {{name: {name}, mapping: {name}, auth: {{type: bearer, secret: env:KEY}}}}\n"
    for name in (*MAPPINGS, "github.audit", "generic")
)


def policies_of(product: str, service: str, selection: dict[str, Any], **pack: Any) -> PolicySet:
    logsource = {key: value for key, value in (("product", product), ("service", service)) if value}
    rule = sigma_rule(logsource=logsource, detection={"s": selection, "condition": "s"})
    return load(sigma_pack(**pack), sources=SOURCES, sigma__rule=in_one_file(rule))


ROWS: list[tuple[str, str, str, dict[str, Any], dict[str, Any], bool]] = [
    (
        "azure",
        "activitylogs",
        "azure.activity",
        {"operationName": "Microsoft.Network/networkSecurityGroups/write"},
        ACTIVITY,
        True,
    ),
    ("azure", "activitylogs", "azure.activity", {"OperationName|endswith": "/write"}, ACTIVITY, True),
    ("azure", "activitylogs", "azure.activity", {"ResourceId|contains": "microsoft.network"}, ACTIVITY, True),
    (
        "azure",
        "activitylogs",
        "azure.activity",
        {
            "OperationNameValue|endswith": "/write",
            "CategoryValue": "Administrative",
            "ResourceProviderValue": "Microsoft.Network",
        },
        ACTIVITY_API,
        True,
    ),
    (
        "azure",
        "auditlogs",
        "azure.activity",
        {"OperationName|contains|all": ["Add", "member to role"], "TargetResources|contains": "62e90394"},
        AUDIT,
        True,
    ),
    (
        "azure",
        "auditlogs",
        "azure.activity",
        {"ActivityDisplayName": "Add member to role", "LoggedByService": "core directory"},
        AUDIT,
        True,
    ),
    (
        "azure",
        "auditlogs",
        "azure.activity",
        {"TargetResources.modifiedProperties|contains": "Role.TemplateId"},
        AUDIT,
        True,
    ),
    (
        "azure",
        "auditlogs",
        "azure.activity",
        {"TargetResources.ModifiedProperties.DisplayName": "role.templateid"},
        AUDIT,
        True,
    ),
    (
        "azure",
        "auditlogs",
        "azure.activity",
        {"Initiatedby|contains": "eve@example.com", "properties.result": "success"},
        AUDIT,
        True,
    ),
    ("azure", "auditlogs", "azure.activity", {"targetResources.type": "User"}, AUDIT, True),
    (
        "azure",
        "signinlogs",
        "azure.activity",
        {"ResultType": [50126, 50053], "AppId": "04b07795", "userAgent": "Mozilla/5.0"},
        SIGN_IN,
        True,
    ),
    ("azure", "signinlogs", "azure.activity", {"Resultdescription|contains": "invalid"}, SIGN_IN, True),
    (
        "azure",
        "signinlogs",
        "azure.activity",
        {"NetworkLocationDetails": "[]", "DeviceDetail.deviceId": ""},
        SIGN_IN,
        True,
    ),
    ("azure", "signinlogs", "azure.activity", {"DeviceDetail.trusttype": None, "RiskState": "atRisk"}, SIGN_IN, True),
    ("azure", "signinlogs", "azure.activity", {"DeviceDetail.isCompliant": "false"}, SIGN_IN, True),
    ("azure", "signinlogs", "azure.activity", {"ResultType": 0}, SIGN_IN, False),
    ("azure", "riskdetection", "azure.activity", {"riskEventType": "leaked"}, RISK, True),
    ("azure", "pim", "azure.activity", {"riskEventType": "leaked"}, RISK, True),
    ("azure", "rolemanagementalerts", "azure.activity", {"riskEventType": "leaked"}, RISK, True),
    ("gcp", "gcp.audit", "gcp.audit", {"gcp.audit.method_name": ["Dns.ManagedZones.Delete"]}, LOG_ENTRY, True),
    ("gcp", "gcp.audit", "gcp.audit", {"gcp.audit.method_name": "v*.Dns.ManagedZones.Delete"}, LOG_ENTRY, False),
    (
        "gcp",
        "gcp.audit",
        "gcp.audit",
        {"gcp.audit.authentication_info.principal_email|endswith": "@example.com"},
        LOG_ENTRY,
        True,
    ),
    (
        "gcp",
        "gcp.audit",
        "gcp.audit",
        {"data.protoPayload.authorizationInfo.granted": "true", "data.protoPayload.serviceName": "dns.googleapis.com"},
        LOG_ENTRY,
        True,
    ),
    (
        "gcp",
        "gcp.audit",
        "gcp.audit",
        {"data.protoPayload.resource.type": "k8s_cluster", "data.protoPayload.logName|endswith": "activity"},
        LOG_ENTRY,
        True,
    ),
    ("gcp", "gcp.audit", "gcp.audit", {"": "break-glass"}, LOG_ENTRY, True),
    *(
        (product, "google_workspace.admin", mapping, selection, body, holds)
        for mapping, body in (("gcp.audit", WORKSPACE_LOG), ("google.workspace", WORKSPACE_ITEM))
        for product, selection, holds in (
            ("gcp", {"eventService": "admin.googleapis.com", "eventName": "CHANGE_APPLICATION_SETTING"}, True),
            ("google_workspace", {"setting_name|startswith": "ContextAwareAccess", "new_value": "false"}, True),
            ("gcp", {"protoPayload.Servicename": "admin.googleapis.com"}, True),
            ("gcp", {"protoPayload.metadata.event.eventName": "change_application_setting"}, True),
            ("gcp", {"protoPayload.metadata.event.setting_name|contains": "aware"}, True),
            ("gcp", {"eventService": "login.googleapis.com"}, False),
            ("gcp", {"setting_name": "NEW_VALUE"}, False),
        )
    ),
    ("gcp", "google_workspace.drive", "google.workspace", {"member_type": "EXTERNAL"}, WORKSPACE_ITEM, True),
    (
        "kubernetes",
        "audit",
        "kubernetes.audit",
        {"apiGroup": "apps", "objectRef.resource": "pods", "verb": "create"},
        POD,
        True,
    ),
    ("kubernetes", "audit", "kubernetes.audit", {"hostPath": "*", "capabilities": "*"}, POD, True),
    ("kubernetes", "audit", "kubernetes.audit", {"responseStatus.code": [401, 403]}, POD, True),
    ("kubernetes", "audit", "kubernetes.audit", {"requestURI|re|i": "%2fbin%2f(ash|sh)"}, POD, True),
    ("kubernetes", "", "kubernetes.audit", {"verb": "create"}, POD, True),
    (
        "okta",
        "okta",
        "okta.system_log",
        {"target.displayName": "Okta Admin Console", "securityContext.isProxy": "true"},
        OKTA,
        True,
    ),
    ("okta", "okta", "okta.system_log", {"debugContext.debugData.behaviors|contains": "POSITIVE"}, OKTA, True),
    ("okta", "okta", "okta.system_log", {"outcome.result": "failure", "eventType|endswith": "start"}, OKTA, True),
    ("okta", "okta", "okta.system_log", {"eventtype": "user.session.start"}, OKTA, False),
]


def hits(policies: PolicySet, mapping: str, body: dict[str, Any]) -> int:
    return len(policies.matcher.match(event_of(body, mapping)))


@pytest.mark.parametrize(("product", "service", "mapping", "selection", "body", "holds"), ROWS)
def test_the_names_of_a_logsource_are_found_in_its_vendors_events(
    product: str, service: str, mapping: str, selection: dict[str, Any], body: dict[str, Any], holds: bool
) -> None:
    assert hits(policies_of(product, service, selection), mapping, body) == holds


@pytest.mark.parametrize(
    ("product", "service", "selection"),
    [
        ("m365", "threat_management", {"eventSource": "SecurityComplianceCenter", "status": "success"}),
        ("m365", "threat_management", {"eventName": "eDiscovery search started or exported"}),
        ("m365", "audit", {"user.email": "*@*.onmicrosoft.com", "o365.audit.MessageURLs|endswith": [".exe", ".msi"]}),
        ("m365", "exchange", {"Operation": "AlertTriggered", "Parameters|contains": ["ForwardTo", "RedirectTo"]}),
    ],
)
def test_microsoft_365_has_its_names_and_wants_a_source(product: str, service: str, selection: dict[str, Any]) -> None:
    assert policies_of(product, service, selection).notes[0].text.endswith("the rule is not used")
    assert hits(policies_of(product, service, selection, source="generic"), "generic", M365) == 1


def test_aliases_are_looked_up_only_where_the_vendors_own_name_finds_nothing() -> None:
    policies = policies_of("kubernetes", "audit", {"apiGroup": "apps"})

    assert hits(policies, "kubernetes.audit", {**POD, "apiGroup": "batch"}) == 0
    assert hits(policies, "kubernetes.audit", POD) == 1


@pytest.mark.parametrize(
    ("written", "mappings"),
    [
        ({"product": "AWS", "service": "CloudTrail"}, ("aws.cloudtrail",)),
        ({"category": "application", "product": "kubernetes", "service": "audit"}, ("kubernetes.audit",)),
        ({"product": "github", "service": "audit", "definition": "x"}, ("github.audit",)),
        ({"product": "gcp", "service": "google_workspace.login"}, ("google.workspace", "gcp.audit")),
        ({"product": "aws", "service": "other"}, ()),
        ({"product": "windows", "service": "google_workspace.login"}, ()),
        ({"category": "process_creation"}, ()),
        (None, ()),
    ],
)
def test_a_logsource_means_these_mappings(written: Any, mappings: tuple[str, ...]) -> None:
    assert known_logsource(Logsource.of(written)).mappings == mappings
