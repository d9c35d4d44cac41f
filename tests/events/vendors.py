"""Events in the form that their vendors document, written by us."""

ACTIVITY = {
    "time": "2026-03-03T10:00:00.1234567Z",
    "resourceId": "/SUBSCRIPTIONS/0/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG",
    "operationName": "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WRITE",
    "category": "Administrative",
    "resultType": "Success",
    "correlationId": "c1",
}
ACTIVITY_API = {
    "eventDataId": "e1",
    "category": {"value": "Administrative", "localizedValue": "Administrative"},
    "operationName": {"value": "Microsoft.Network/networkSecurityGroups/write", "localizedValue": "Write"},
    "resourceProviderName": {"value": "Microsoft.Network"},
    "resourceId": "/subscriptions/0/x",
    "status": {"value": "Succeeded"},
}
AUDIT = {
    "time": "2026-03-03T10:00:00Z",
    "operationName": "Add member to role",
    "category": "AuditLogs",
    "properties": {
        "activityDisplayName": "Add member to role",
        "category": "RoleManagement",
        "result": "success",
        "loggedByService": "Core Directory",
        "initiatedBy": {"user": {"userPrincipalName": "eve@example.com"}},
        "targetResources": [
            {
                "type": "User",
                "displayName": "Bob",
                "modifiedProperties": [{"displayName": "Role.TemplateId", "newValue": '"62e90394"'}],
            }
        ],
    },
}
SIGN_IN = {
    "operationName": "Sign-in activity",
    "category": "SignInLogs",
    "resultType": "50126",
    "resultDescription": "Invalid username or password.",
    "properties": {
        "appId": "04b07795",
        "resourceDisplayName": "Device Registration Service",
        "conditionalAccessStatus": "success",
        "authenticationRequirement": "singleFactorAuthentication",
        "userAgent": "Mozilla/5.0",
        "networkLocationDetails": [],
        "deviceDetail": {"deviceId": "", "isCompliant": False, "trustType": None},
        "riskState": "atRisk",
    },
}
RISK = {"category": "UserRiskEvents", "operationName": "User Risk Detection", "properties": {"riskEventType": "leaked"}}
LOG_ENTRY = {
    "insertId": "i1",
    "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
    "resource": {"type": "k8s_cluster", "labels": {"project_id": "p"}},
    "protoPayload": {
        "serviceName": "dns.googleapis.com",
        "methodName": "dns.managedZones.delete",
        "authenticationInfo": {"principalEmail": "eve@example.com"},
        "authorizationInfo": [{"permission": "dns.managedZones.delete", "granted": True}],
        "request": {"labels": ["image-policy.k8s.io/break-glass"]},
    },
}
WORKSPACE_LOG = {
    "insertId": "i2",
    "protoPayload": {
        "serviceName": "admin.googleapis.com",
        "metadata": {
            "event": [
                {
                    "eventName": "CHANGE_APPLICATION_SETTING",
                    "parameter": [
                        {"name": "SETTING_NAME", "value": "ContextAwareAccess x"},
                        {"name": "NEW_VALUE", "value": "false"},
                    ],
                }
            ]
        },
    },
}
WORKSPACE_ITEM = {
    "id": {"uniqueQualifier": "q", "applicationName": "admin", "time": "2026-03-03T10:00:00Z"},
    "actor": {"email": "eve@example.com"},
    "events": [
        {
            "name": "CHANGE_APPLICATION_SETTING",
            "parameters": [
                {"name": "SETTING_NAME", "value": "ContextAwareAccess x"},
                {"name": "NEW_VALUE", "boolValue": False},
                {"name": "member_type", "value": "EXTERNAL"},
            ],
        }
    ],
}
POD = {
    "auditID": "a",
    "stage": "ResponseComplete",
    "verb": "create",
    "objectRef": {"resource": "pods", "apiGroup": "apps", "namespace": "prod"},
    "requestURI": "/api/v1/namespaces/prod/pods/x/exec?command=%2Fbin%2Fsh",
    "responseStatus": {"code": 403},
    "requestObject": {
        "spec": {
            "volumes": [{"name": "v"}, {"hostPath": {"path": "/"}}],
            "containers": [{"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}],
        }
    },
}
OKTA = {
    "uuid": "u",
    "eventType": "user.session.start",
    "outcome": {"result": "FAILURE", "reason": "FastPass declined phishing attempt"},
    "securityContext": {"isProxy": True},
    "target": [{"type": "User", "displayName": "Bob"}, {"type": "AppInstance", "displayName": "Okta Admin Console"}],
    "debugContext": {"debugData": {"behaviors": "{New Geo-Location=POSITIVE}"}},
}
M365 = {
    "Workload": "SecurityComplianceCenter",
    "Operation": "AlertTriggered",
    "Name": "eDiscovery search started or exported",
    "ResultStatus": "Success",
    "UserId": "x@y.onmicrosoft.com",
    "MessageURLs": ["https://a/x.exe"],
    "Parameters": [{"Name": "ForwardTo", "Value": "z"}],
}
