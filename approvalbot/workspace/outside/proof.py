"""Standard Webhooks and keys: how the workspace signs what it sends as a source, and checks what it gets as a service.

Source: standard-webhooks/standard-webhooks, spec 1.0.0.
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from standardwebhooks import Webhook

from approvalbot.workspace.config import SampleAuth


def proof_headers(auth: SampleAuth, body: bytes, at_s: float) -> dict[str, str]:
    """The headers with which a sample proves itself."""
    if auth.type == "standard_webhooks":
        message_id = f"msg_{secrets.token_hex(12)}"
        moment = datetime.fromtimestamp(at_s, UTC)
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at_s)),
            "webhook-signature": Webhook(auth.secret).sign(message_id, moment, body.decode()),
        }
    if auth.type == "bearer":
        return {"authorization": f"Bearer {auth.secret}"}
    return {auth.header.lower(): auth.secret} if auth.type == "header" else {}


def verification_fault(keys: Iterable[str], headers: Mapping[str, str], body: bytes) -> str:
    """Why a delivery does not verify under any of the keys; empty when it does."""
    keys = list(keys)
    if not keys:
        return "no key is configured, so nothing can verify"
    timestamp = headers.get("webhook-timestamp", "")
    # The library takes "1e9" and " 5" for timestamps; the standard says integer seconds.
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return "webhook-timestamp is missing or not in seconds"
    fault = ""
    for key in keys:
        try:
            Webhook(key).verify(body, dict(headers), json_parse=False)
        except Exception as raised:  # noqa: BLE001 - the library raises ValueError and others for malformed signatures
            fault = str(raised) or type(raised).__name__
        else:
            return ""
    return fault
