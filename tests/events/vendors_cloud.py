"""Events of the big clouds in the form that they document, written by us."""

from typing import Any

ACTIVITY: dict[str, Any] = {
    "time": "2026-03-03T10:00:00.1234567Z",
    "resourceId": "/SUBSCRIPTIONS/0/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG",
    "operationName": "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WRITE",
    "category": "Administrative",
    "resultType": "Success",
    "correlationId": "c1",
}
ACTIVITY_API: dict[str, Any] = {
    "eventDataId": "e1",
    "category": {"value": "Administrative", "localizedValue": "Administrative"},
    "operationName": {"value": "Microsoft.Network/networkSecurityGroups/write", "localizedValue": "Write"},
    "resourceProviderName": {"value": "Microsoft.Network"},
    "resourceId": "/subscriptions/0/x",
    "status": {"value": "Succeeded"},
}
AUDIT: dict[str, Any] = {
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
SIGN_IN: dict[str, Any] = {
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
RISK: dict[str, Any] = {
    "category": "UserRiskEvents",
    "operationName": "User Risk Detection",
    "properties": {"riskEventType": "leaked"},
}
LOG_ENTRY: dict[str, Any] = {
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
WORKSPACE_LOG: dict[str, Any] = {
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
WORKSPACE_ITEM: dict[str, Any] = {
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
M365: dict[str, Any] = {
    "Workload": "SecurityComplianceCenter",
    "Operation": "AlertTriggered",
    "Name": "eDiscovery search started or exported",
    "ResultStatus": "Success",
    "UserId": "x@y.onmicrosoft.com",
    "MessageURLs": ["https://a/x.exe"],
    "Parameters": [{"Name": "ForwardTo", "Value": "z"}],
}
CLOUDTRAIL: dict[str, Any] = {
    "eventVersion": "1.11",
    "userIdentity": {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:eve@example.com",
        "arn": "arn:aws:sts::111122223333:assumed-role/Ops/eve@example.com",
        "accountId": "111122223333",
        "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "Ops"}},
    },
    "eventTime": "2026-03-03T10:00:00Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "AttachUserPolicy",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "203.0.113.7",
    "userAgent": "aws-cli/2.15",
    "errorCode": "AccessDenied",
    "errorMessage": "User is not authorized to perform: iam:AttachUserPolicy",
    "requestParameters": {"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    "responseElements": None,
    "eventID": "6f1b0f2e",
    "eventType": "AwsApiCall",
    "recipientAccountId": "111122223333",
}
CONSOLE_LOGIN: dict[str, Any] = {
    **CLOUDTRAIL,
    "userIdentity": {
        "type": "IAMUser",
        "userName": "eve",
        "arn": "arn:aws:iam::111122223333:user/eve",
        "accountId": "111122223333",
    },
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "errorCode": None,
    "errorMessage": "Failed authentication",
    "requestParameters": None,
    "responseElements": {"ConsoleLogin": "Failure"},
    "additionalEventData": {"LoginTo": "https://console.aws.amazon.com/console/home", "MFAUsed": "No"},
    "eventID": "7a",
}
LOG_ENTRY_WHOLE: dict[str, Any] = {
    **LOG_ENTRY,
    "timestamp": "2026-03-03T10:00:00.123456789Z",
    "protoPayload": {
        **LOG_ENTRY["protoPayload"],
        "resourceName": "projects/p/managedZones/z",
        "requestMetadata": {"callerIp": "203.0.113.7", "callerSuppliedUserAgent": "gcloud/450"},
        "status": {"code": 7, "message": "PERMISSION_DENIED"},
    },
}
EVENT_GRID: dict[str, Any] = {
    "id": "g1",
    "topic": "/subscriptions/0",
    "subject": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg",
    "eventType": "Microsoft.Resources.ResourceWriteSuccess",
    "eventTime": "2026-03-03T10:00:00.1234567Z",
    "data": {
        "authorization": {"scope": "/subscriptions/0", "evidence": {"role": "Owner"}},
        "claims": {
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "eve@example.com",
            "ipaddr": "203.0.113.7",
        },
        "correlationId": "c1",
        "resourceUri": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg",
        "operationName": "Microsoft.Network/networkSecurityGroups/write",
        "status": "Succeeded",
        "subscriptionId": "0",
        "tenantId": "t1",
    },
    "dataVersion": "2",
}
