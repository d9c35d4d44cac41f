"""Slack's request signature, version 0 (docs.slack.dev, "Verifying requests from Slack")."""

import hashlib
import hmac


def signature_headers(secret: str, body: bytes, at_s: float) -> dict[str, str]:
    """The two headers that prove a delivery: HMAC-SHA256 over `v0:{timestamp}:{body}`, the body to the byte."""
    timestamp = str(int(at_s))
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}
