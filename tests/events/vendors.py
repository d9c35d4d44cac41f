"""Events in the form that their vendors document, written by us; those of the big clouds are in `vendors_cloud.py`."""

from typing import Any

POD: dict[str, Any] = {
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
OKTA: dict[str, Any] = {
    "uuid": "u",
    "eventType": "user.session.start",
    "outcome": {"result": "FAILURE", "reason": "FastPass declined phishing attempt"},
    "securityContext": {"isProxy": True},
    "target": [{"type": "User", "displayName": "Bob"}, {"type": "AppInstance", "displayName": "Okta Admin Console"}],
    "debugContext": {"debugData": {"behaviors": "{New Geo-Location=POSITIVE}"}},
}
GITHUB_HOOK: dict[str, Any] = {
    "action": "deleted",
    "rule": {"name": "main", "updated_at": "2026-03-03T10:00:00Z"},
    "repository": {"full_name": "acme/shop", "owner": {"login": "acme"}},
    "organization": {"login": "acme"},
    "sender": {"login": "eve-acme", "type": "User"},
}
GITHUB_AUDIT: dict[str, Any] = {
    "@timestamp": 1772532000000,
    "_document_id": "d1",
    "action": "protected_branch.destroy",
    "actor": "eve-acme",
    "actor_ip": "203.0.113.7",
    "external_identity_nameid": "eve@example.com",
    "org": "acme",
    "repo": "acme/shop",
    "operation_type": "remove",
}
OKTA_EVENT: dict[str, Any] = {
    **OKTA,
    "published": "2026-03-03T10:00:00.000Z",
    "actor": {"id": "00u1", "type": "User", "alternateId": "eve@example.com", "displayName": "Eve Eade"},
    "client": {"ipAddress": "203.0.113.7", "userAgent": {"rawUserAgent": "Mozilla/5.0"}},
    "target": [{"id": "0oa1", "type": "AppInstance", "alternateId": "Okta Admin Console", "displayName": "Console"}],
}
OKTA_HOOK: dict[str, Any] = {
    "eventType": "com.okta.event_hook",
    "eventTypeVersion": "1.0",
    "cloudEventsVersion": "0.1",
    "source": "https://acme.okta.com/api/v1/eventSubscriptions/who1",
    "eventId": "h1",
    "eventTime": "2026-03-03T10:00:01.000Z",
    "data": {"events": [OKTA_EVENT]},
}
POD_EXEC: dict[str, Any] = {
    **POD,
    "objectRef": {"resource": "pods", "subresource": "exec", "namespace": "prod", "name": "web-0"},
    "user": {"username": "eve@example.com", "groups": ["dev", "system:authenticated"]},
    "sourceIPs": ["203.0.113.7", "10.0.0.1"],
    "userAgent": "kubectl/v1.30",
    "requestReceivedTimestamp": "2026-03-03T10:00:00.000000Z",
    "stageTimestamp": "2026-03-03T10:00:01.000000Z",
    "annotations": {"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": "no rule allows it"},
}
TELEPORT: dict[str, Any] = {
    "event": "session.start",
    "uid": "t1",
    "code": "T2000I",
    "time": "2026-03-03T10:00:00.000Z",
    "cluster_name": "acme.teleport.sh",
    "user": "eve@example.com",
    "login": "root",
    "server_hostname": "db-1",
    "addr.remote": "203.0.113.7:52412",
    "sid": "s1",
}
VAULT: dict[str, Any] = {
    "time": "2026-03-03T10:00:00.123456789Z",
    "type": "response",
    "auth": {
        "display_name": "oidc-eve",
        "entity_id": "e-1",
        "metadata": {"username": "eve@example.com"},
        "policies": ["admin"],
    },
    "request": {
        "id": "v1",
        "operation": "read",
        "path": "secret/data/prod",
        "remote_address": "203.0.113.7",
        "mount_type": "kv",
        "namespace": {"id": "root", "path": "team/"},
    },
    "error": "1 error occurred: permission denied",
}
SLACK: dict[str, Any] = {
    "id": "0123a45b",
    "date_create": 1772532000,
    "action": "role_change_to_owner",
    "actor": {"type": "user", "user": {"id": "W1", "name": "Eve Eade", "email": "eve@example.com", "team": "T1"}},
    "entity": {"type": "user", "user": {"id": "W2", "name": "Bob Bell", "email": "bob@example.com"}},
    "context": {
        "location": {"type": "enterprise", "id": "E1", "name": "Acme"},
        "ua": "Mozilla/5.0",
        "ip_address": "203.0.113.7",
    },
}
FALCO: dict[str, Any] = {
    "uuid": "f1",
    "output": "10:00:00 Notice A shell was spawned (user=root)",
    "priority": "Notice",
    "rule": "Terminal shell in container",
    "time": "2026-03-03T10:00:00.123456789Z",
    "source": "syscall",
    "hostname": "node-1",
    "tags": ["container", "shell"],
    "output_fields": {"k8s.pod.name": "web-0", "user.name": "root", "container.id": "abc", "proc.cmdline": "sh"},
}
CLOUD_EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "ce-1",
    "source": "https://deploy.example.com",
    "type": "com.example.deploy.requested",
    "subject": "shop",
    "time": "2026-03-03T10:00:00Z",
    "data": {"actor": {"id": "eve", "email": "eve@example.com"}, "outcome": "denied"},
}
GENERIC: dict[str, Any] = {
    "id": "d-1",
    "time": "2026-03-03T10:00:00Z",
    "source": "deploy",
    "action": "deploy.requested",
    "actor": {"id": "eve", "name": "Eve Eade", "email": "eve@example.com", "ip": "203.0.113.7"},
    "resource": {"id": "acme/shop", "type": "repository"},
    "outcome": "ok",
}
