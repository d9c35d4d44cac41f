"""The sample events of the demo, written by us in each vendor's documented form."""

from typing import Any

WHO = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLEEVE",
    "arn": "arn:aws:iam::111122223333:user/eve",
    "accountId": "111122223333",
    "userName": "eve",
}


def cloudtrail(event_id: str, event_name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """A CloudTrail record of IAM, as AWS documents it."""
    return {
        "eventVersion": "1.11",
        "userIdentity": WHO,
        "eventTime": "2026-03-03T12:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": event_name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.27",
        "requestParameters": parameters,
        "responseElements": None,
        "eventID": event_id,
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
    }


ADMIN = cloudtrail(
    "11111111-2222-3333-4444-555555555555",
    "AttachUserPolicy",
    {"userName": "eve", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
)
READ_ONLY = cloudtrail(
    "66666666-7777-8888-9999-000000000000",
    "AttachUserPolicy",
    {"userName": "eve", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
)

TRAIL_STOPPED = cloudtrail("22222222-3333-4444-5555-666666666666", "StopLogging", {"name": "org-trail"}) | {
    "eventSource": "cloudtrail.amazonaws.com"
}

SHELL: dict[str, Any] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "level": "Metadata",
    "auditID": "33333333-4444-5555-6666-777777777777",
    "stage": "ResponseStarted",
    "requestURI": "/api/v1/namespaces/prod/pods/web-0/exec?command=sh&container=web&stdin=true&stdout=true&tty=true",
    "verb": "create",
    "user": {"username": "eve@example.com", "groups": ["engineers", "system:authenticated"]},
    "sourceIPs": ["198.51.100.7"],
    "userAgent": "kubectl/v1.34",
    "objectRef": {"resource": "pods", "namespace": "prod", "name": "web-0", "apiVersion": "v1", "subresource": "exec"},
    "responseStatus": {"metadata": {}, "code": 101},
    "requestReceivedTimestamp": "2026-03-03T12:00:00.000000Z",
    "stageTimestamp": "2026-03-03T12:00:00.010000Z",
}
"""An audit event of Kubernetes, as its API server sends it when a shell opens."""

DEPLOY: dict[str, Any] = {
    "id": "deploy-1",
    "time": "2026-03-03T12:00:00Z",
    "action": "deploy.requested",
    "actor": {"id": "eve@example.com", "name": "Eve Eade"},
    "resource": {"id": "acme/shop", "type": "service"},
    "target": {"environment": "production"},
    "ref": "refs/heads/main",
    "sha": "4f2c9e1b",
    "changes": "14 commits since Friday",
}


def enveloped(record: dict[str, Any]) -> dict[str, Any]:
    """The record as EventBridge delivers it."""
    return {
        "version": "0",
        "id": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iam",
        "account": record["recipientAccountId"],
        "time": record["eventTime"],
        "region": record["awsRegion"],
        "resources": [],
        "detail": record,
    }


def samples(bot: str, secrets: dict[str, str]) -> list[dict[str, Any]]:
    """What the panel of the workspace's page offers, each with how it is signed."""
    aws = {"type": "header", "header": "x-api-key", "secret": secrets["AWS_EVENTS_KEY"]}
    deploy = {"type": "standard_webhooks", "secret": secrets["DEPLOY_TOOL_SECRET"]}
    bearer = {"type": "bearer", "secret": secrets["DEPLOY_TOOL_SECRET"]}
    return [
        {
            "id": "admin",
            "title": "Admin privilege escalation",
            "description": "CloudTrail: Eve attached AdministratorAccess to herself. Two people must look at it.",
            "url": f"{bot}/v1/events/aws.cloudtrail",
            "auth": aws,
            "body": enveloped(ADMIN),
            "fresh_id_path": "detail.eventID",
            "fresh_time_path": "detail.eventTime",
        },
        {
            "id": "deploy",
            "title": "Deploy to production",
            "description": "The deploy tool asks and waits; somebody other than Eve answers.",
            "url": f"{bot}/v1/events/deploy-tool",
            "auth": deploy,
            "body": DEPLOY,
            "fresh_id_path": "id",
            "fresh_time_path": "time",
            "wait": True,
            "wait_auth": bearer,
        },
        {
            "id": "shell",
            "title": "Shell in a production pod",
            "description": "Kubernetes: Eve opened a shell in a pod. Outside business hours two people look at it.",
            "url": f"{bot}/v1/events/kubernetes.audit",
            "auth": {"type": "bearer", "secret": secrets["K8S_AUDIT_TOKEN"]},
            "body": SHELL,
            "fresh_id_path": "auditID",
            "fresh_time_path": "stageTimestamp",
        },
        {
            "id": "trail",
            "title": "Audit log switched off",
            "description": "CloudTrail: Eve stopped the trail. A Sigma rule asks, and the card names its author.",
            "url": f"{bot}/v1/events/aws.cloudtrail",
            "auth": aws,
            "body": enveloped(TRAIL_STOPPED),
            "fresh_id_path": "detail.eventID",
            "fresh_time_path": "detail.eventTime",
        },
        {
            "id": "harmless",
            "title": "Read-only access",
            "description": "CloudTrail: nothing that any policy asks about. Nobody is bothered.",
            "url": f"{bot}/v1/events/aws.cloudtrail",
            "auth": aws,
            "body": READ_ONLY,
            "fresh_id_path": "eventID",
            "fresh_time_path": "eventTime",
        },
    ]
