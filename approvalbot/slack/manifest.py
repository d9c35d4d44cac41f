"""The app manifest: everything Slack must know of the app, made for one address."""

from typing import Any
from urllib.parse import urlsplit

from approvalbot.errors import BadInput

BOT_SCOPES = (
    "commands",
    "chat:write",
    "im:write",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "channels:read",
    "groups:read",
    "team:read",
)
"""What the bot may do. No history scope: it reads no conversation, and nobody has to trust that it does not."""

USER_SCOPES = ("openid", "email", "profile")
"""What Sign in with Slack asks a person for: who they are, for the dashboard."""

GROUP_SCOPE = "usergroups:write"
"""What the grant provider `slack_group` needs besides. It is no part of the manifest by itself: whoever may change user
groups may change who approves."""

EVENTS = (
    "app_home_opened",
    "app_uninstalled",
    "tokens_revoked",
    "user_change",
    "subteam_members_changed",
    "subteam_updated",
    "channel_deleted",
    "member_left_channel",
)

_LONG = (
    "Approvalbot listens to audit events, applies your YAML policies and asks the right people to approve or deny in "
    "Slack. Every decision is recorded with who, when and why, and access is granted only for the time that was "
    "approved. Engineers can also ask with a slash command or a shortcut."
)


def manifest(url: str = "", *, name: str = "approvalbot", groups: bool = False, socket: bool = False) -> dict[str, Any]:
    """The manifest for a bot that Slack reaches at `url` (https, no path), or by a `socket` that the bot opens.

    `groups`: it may change user groups. With a socket the address is only where people sign in to the dashboard, and
    may be missing.

    Raises:
        BadInput: the address is not one that Slack can call.
    """
    return _reached_by_socket(url, name, groups=groups) if socket else _reached_at(url, name, groups=groups)


def _reached_at(url: str, name: str, *, groups: bool) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.path not in {"", "/"}:
        raise BadInput(
            "parameter_invalid",
            f"{url!r} is not an address Slack can call.",
            hint="Write https://host, without a path.",
        )
    events_url = f"{url.rstrip('/')}/slack/events"
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": "Just-in-time approval of risky actions, from your audit log to a button.",
            "long_description": _LONG,
            "background_color": "#1f2937",
        },
        "features": _features(events_url, name),
        "oauth_config": {
            "redirect_urls": [f"{url.rstrip('/')}/signin/callback"],
            "scopes": {
                "bot": [*BOT_SCOPES, *([GROUP_SCOPE] if groups else [])],
                "user": list(USER_SCOPES),
            },
        },
        "settings": {
            "event_subscriptions": {"request_url": events_url, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, "request_url": events_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def _reached_by_socket(url: str, name: str, *, groups: bool) -> dict[str, Any]:
    """The same app without an address for Slack's deliveries: they come over the socket."""
    made = _reached_at(url or "https://unused.invalid", name, groups=groups)
    for command in made["features"]["slash_commands"]:
        del command["url"]
    del made["settings"]["event_subscriptions"]["request_url"]
    del made["settings"]["interactivity"]["request_url"]
    made["settings"]["socket_mode_enabled"] = True
    if not url:
        del made["oauth_config"]["redirect_urls"]
        # People sign in at the dashboard's address, and there is none.
        del made["oauth_config"]["scopes"]["user"]
    return made


def _features(events_url: str, name: str) -> dict[str, Any]:
    return {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": True},
        "bot_user": {"display_name": name, "always_online": True},
        "shortcuts": [
            {
                "name": "Request access",
                "type": "global",
                "callback_id": "request_access",
                "description": "Ask for a just-in-time approval",
            },
            {
                "name": "Request approval",
                "type": "message",
                "callback_id": "request_about_message",
                "description": "Ask for an approval because of this message",
            },
        ],
        "slash_commands": [
            {
                "command": "/access",
                "url": events_url,
                "description": "Request or review just-in-time access",
                "usage_hint": "[request|list|show|cancel|extend|revoke|oncall|help]",
                "should_escape": True,
            }
        ],
    }
