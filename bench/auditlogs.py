"""Events of three audit logs as their vendors document them, a kilobyte each, harmless and all different."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Body = dict[str, Any]
START = datetime(2026, 3, 2, tzinfo=UTC)
CALLS = ("DescribeInstances", "GetObject", "ListBuckets", "PutMetricData", "GetCallerIdentity", "DescribeLogGroups")
STEPS = ("git.clone", "pull_request.create", "workflows.completed_workflow_run", "issue_comment.create")
SIGNS = ("user.session.start", "user.authentication.sso", "policy.evaluate_sign_on", "user.session.end")


@dataclass(frozen=True, slots=True)
class Log:
    """One log: its Sigma logsource, where its events name the action and the actor, and how one is made."""

    name: str
    logsource: tuple[str, str]
    action: str
    actor: str
    make: Callable[[int, datetime], Body]


def event_of(source: str, number: int) -> Body:
    """The event of that number: one every two seconds."""
    return LOGS[source].make(number, START + timedelta(seconds=2 * number))


def _cloudtrail(number: int, at: datetime) -> Body:
    who = f"role-{number % 50}"
    arn = f"arn:aws:sts::111122223333:assumed-role/{who}/i-{number % 900:012x}"
    return {
        "eventVersion": "1.09",
        # Not AssumedRole, as most calls of a real account are: one of SigmaHQ's rules finds every one of those.
        "userIdentity": {
            "type": "IAMUser",
            "principalId": f"AROAEXAMPLE{number % 50:09}:i-{number % 900:012x}",
            "arn": arn,
            "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLE000000000",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::111122223333:role/{who}", "userName": who},
                "attributes": {"creationDate": "2026-03-02T00:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": at.isoformat().replace("+00:00", "Z"),
        "eventSource": "ec2.amazonaws.com",
        "eventName": CALLS[number % len(CALLS)],
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"10.1.{number % 200}.{number % 250}",
        "userAgent": "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22 md/GOOS#linux md/GOARCH#arm64",
        "requestParameters": {"maxResults": 100, "filterSet": {"items": [{"name": "vpc-id", "value": "vpc-0a1b2c3d"}]}},
        "responseElements": None,
        "requestID": f"{number:08x}-1111-4222-8333-944455556666",
        "eventID": f"{number:08x}-2222-4333-8444-155566667777",
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"},
    }


def _github(number: int, at: datetime) -> Body:
    return {
        "@timestamp": int(at.timestamp() * 1000),
        "_document_id": f"doc-{number:012}",
        "action": STEPS[number % len(STEPS)],
        "actor": f"dev-{number % 300}",
        "actor_id": 1000 + number % 300,
        "actor_ip": f"203.0.113.{number % 250}",
        "actor_is_bot": False,
        "business": "acme",
        "business_id": 77,
        "created_at": int(at.timestamp() * 1000),
        "org": "acme",
        "org_id": 88,
        "repo": f"acme/service-{number % 120}",
        "repo_id": 5000 + number % 120,
        "public_repo": False,
        "programmatic_access_type": "GitHub App server-to-server token",
        "token_scopes": "repo,workflow",
        "user_agent": "git/2.45.1",
        "request_id": f"{number:08X}:1A2B:3C4D5E:6F7081",
        "operation_type": "access",
        "external_identity_nameid": f"dev-{number % 300}@example.com",
        "transport_protocol_name": "http",
        "hashed_token": "tT9kQ0exampleexampleexampleexampleexample=",
    }


def _okta(number: int, at: datetime) -> Body:
    who = f"person-{number % 400}@example.com"
    return {
        "uuid": f"{number:08x}-3333-11f0-8444-155566667777",
        "published": at.isoformat().replace("+00:00", "Z"),
        "eventType": SIGNS[number % len(SIGNS)],
        "version": "0",
        "severity": "INFO",
        "legacyEventType": "core.user_auth.login_success",
        "displayMessage": "User login to Okta",
        "actor": {"id": f"00u{number % 400:017}", "type": "User", "alternateId": who, "displayName": who},
        "client": {
            "userAgent": {"rawUserAgent": "Mozilla/5.0 (X11; Linux x86_64)", "os": "Linux", "browser": "FIREFOX"},
            "zone": "null",
            "device": "Computer",
            "ipAddress": f"198.51.100.{number % 250}",
            "geographicalContext": {"city": "Paris", "country": "France", "geolocation": {"lat": 48.85, "lon": 2.35}},
        },
        "outcome": {"result": "SUCCESS", "reason": None},
        "target": [{"id": "0oaexample", "type": "AppInstance", "alternateId": "shop", "displayName": "Shop"}],
        "transaction": {"type": "WEB", "id": f"tx-{number:012}", "detail": {}},
        "debugContext": {"debugData": {"requestUri": "/api/v1/authn", "url": "/api/v1/authn?"}},
        "authenticationContext": {"authenticationStep": 0, "externalSessionId": f"102{number:014}"},
        "securityContext": {"asNumber": 64500, "isp": "example", "isProxy": False},
    }


LOGS = {
    "aws.cloudtrail": Log("aws", ("aws", "cloudtrail"), "eventName", "userIdentity.arn", _cloudtrail),
    "github.audit": Log("github", ("github", "audit"), "action", "actor", _github),
    "okta.system_log": Log("okta", ("okta", "okta"), "eventType", "actor.alternateId", _okta),
}
