"""Calls to Slack's Web API: never retried behind our back, every failure told apart by what can be done about it."""

import math
from collections.abc import Mapping
from http.client import HTTPException, RemoteDisconnected
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from approvalbot.errors import DeliveryFailed
from approvalbot.log import get_logger

log = get_logger("slack")

TIMEOUT_S = 8
"""Seconds for one call of a worker."""

PRESS_TIMEOUT_S = 2
"""Seconds for one call while somebody waits for their press to be answered: Slack gives up after 3 s."""

DEFAULT_RETRY_AFTER_S = 30.0
"""Seconds to wait after a 429 whose Retry-After is missing or unreadable (slack.md section 4)."""

LONGEST_RETRY_S = 3600.0
"""Seconds we believe a Retry-After at most; after them we ask again. Slack's own are seconds to a minute."""

BUSY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
GONE = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "message_not_found",
        "not_in_channel",
        "thread_not_found",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "cant_update_message",
        "edit_window_closed",
        "user_disabled",
        "user_not_found",
        "user_not_visible",
        "messages_tab_disabled",
        "user_not_in_channel",
    }
)
OURS = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "view_too_large",
        "invalid_arguments",
        "markdown_text_conflict",
        "too_many_attachments",
    }
)
AUTH = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "team_added_to_org",
        "access_denied",
    }
)


class SlackFault(DeliveryFailed):
    """A call that Slack did not do.

    `error` is Slack's code. `gone` means that the channel, message or person is not there for us; `uncertain` that the
    call may have been done although no answer came; `retry_after_s` that it was too soon, which is no failed attempt.
    """

    def __init__(self, method: str, error: str, *, retry_after_s: float | None = None, uncertain: bool = False) -> None:
        super().__init__(
            "slack_failed",
            f"Slack did not do {method}: {error}.",
            hint=_hint(error),
            retry_after_s=retry_after_s,
            final=error in GONE or error in OURS,
            tried=retry_after_s is None,
        )
        self.method = method
        self.error = error
        self.uncertain = uncertain

    @property
    def gone(self) -> bool:
        """Whether the place we wrote to is not there for us."""
        return self.error in GONE


def _hint(error: str) -> str:
    if error == "not_in_channel":
        return "Invite the bot to the channel: /invite @approvalbot."
    if error in {"channel_not_found", "is_archived"}:
        return "Is it archived, renamed or private? In a private channel: /invite @approvalbot."
    if error == "missing_scope":
        return "Install the app again with the scopes of `approvalbot slack manifest`."
    return "The bot's token is not accepted; see docs/slack-setup.md." if error in AUTH else ""


class SlackApi:
    """A client that turns every failure into a `SlackFault`."""

    def __init__(self, token: str, base_url: str, *, timeout_s: int = TIMEOUT_S) -> None:
        # No retry handler: the SDK's default one posts twice when a line drops after the request was read.
        self._client = WebClient(token=token, base_url=base_url, timeout=timeout_s, retry_handlers=[])

    @property
    def client(self) -> WebClient:
        """The SDK's own client, for Bolt."""
        return self._client

    def read(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that takes a form (the reading ones do not take JSON)."""
        return self._call(method, params=_form(arguments))

    def write(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that takes JSON."""
        if method == "chat.postMessage":
            # What others wrote stands in our messages: Slack fetches none of its links, and draws none of its pictures.
            arguments = {"unfurl_links": False, "unfurl_media": False, **arguments}
        return self._call(method, json={name: value for name, value in arguments.items() if value is not None})

    def test(self) -> SlackResponse:
        """Who the token is, with the answer's headers: they tell its scopes, and what time it is at Slack."""
        return self._answer("auth.test")

    def _call(self, method: str, **how: Any) -> Mapping[str, Any]:
        answer = self._answer(method, **how)
        data: Mapping[str, Any] = answer.data if isinstance(answer.data, dict) else {}
        return data

    def _answer(self, method: str, **how: Any) -> SlackResponse:
        try:
            return self._client.api_call(method, **how)
        except SlackApiError as fault:
            raise _fault_of(method, fault) from fault
        except (RemoteDisconnected, TimeoutError, ConnectionResetError) as fault:
            raise SlackFault(method, "no_answer", uncertain=True) from fault
        except URLError as fault:
            refused = isinstance(fault.reason, ConnectionRefusedError)
            raise SlackFault(method, "unreachable", uncertain=not refused) from fault
        except (SlackClientError, HTTPException, OSError, ValueError) as fault:
            raise SlackFault(method, "no_answer", uncertain=True) from fault


def _fault_of(method: str, fault: SlackApiError) -> SlackFault:
    response = fault.response
    data = response.data if isinstance(response.data, dict) else {}
    error = str(data.get("error") or f"http_{response.status_code}")[:80]
    if response.status_code == 429 or error in BUSY:
        return SlackFault(method, error, retry_after_s=_retry_after(response.headers))
    if error in OURS:
        messages = (data.get("response_metadata") or {}).get("messages")
        log.error("slack refused what we drew", method=method, error=error, messages=messages)
    return SlackFault(method, error, uncertain=response.status_code >= 500)


def _retry_after(headers: Mapping[str, Any]) -> float:
    """Seconds to wait. A number that is none, or that no clock could wait for, counts as missing."""
    for name, value in headers.items():
        if name.lower() == "retry-after":
            try:
                wait_s = float(value[0] if isinstance(value, list) else value)
            except (TypeError, ValueError, IndexError):
                break
            return min(wait_s, LONGEST_RETRY_S) if wait_s > 0 and math.isfinite(wait_s) else DEFAULT_RETRY_AFTER_S
    return DEFAULT_RETRY_AFTER_S


def _form(arguments: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in arguments.items() if value is not None}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}
