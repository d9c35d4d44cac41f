"""The error codes each method may answer with: no other leaves the door, and the fault panel offers exactly these.

Sources: the "Errors" tables of docs.slack.dev, method by method. A code that depends on something this workspace does
not have (a plan's quota, an organisation's migration, a broken shard) comes by the fault `error`, under Slack's name.
"""

from collections.abc import Mapping

COMMON = frozenset(
    {
        # The caller and its token.
        *("not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "missing_scope"),
        *("no_permission", "not_allowed_token_type", "team_added_to_org", "org_login_required", "access_denied"),
        *("two_factor_setup_required", "ekm_access_denied", "enterprise_is_restricted", "accesslimited", "is_bot"),
        # The call as it came over the wire.
        *("invalid_arguments", "invalid_arg_name", "invalid_array_arg", "invalid_charset", "invalid_form_data"),
        *("invalid_post_type", "missing_post_type", "unknown_method", "method_deprecated", "deprecated_endpoint"),
        # Slack itself.
        *("ratelimited", "request_timeout", "service_unavailable", "internal_error", "fatal_error"),
    }
)
"""What any method may answer."""

_CONTENT = frozenset(
    {
        *("no_text", "invalid_blocks", "invalid_blocks_format", "too_many_attachments", "markdown_text_conflict"),
        "message_limit_exceeded",
    }
)
_METADATA = frozenset(
    {"invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large", "metadata_must_be_sent_from_app"}
)
_RESTRICTED = frozenset(
    {
        *("restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel"),
        "restricted_action_non_threadable_channel",
    }
)
_WRITING = frozenset({"channel_not_found", "not_in_channel", "is_archived"})
_TRIGGER = frozenset({"invalid_trigger_id", "expired_trigger_id", "exchanged_trigger_id"})
_VIEW = frozenset({"view_too_large", "duplicate_external_id"})
_SIGN_IN = frozenset(
    {
        *("invalid_code", "bad_client_secret", "bad_redirect_uri", "invalid_client_id", "invalid_grant_type"),
        "oauth_authorization_url_mismatch",
    }
)
_REACTION = frozenset(
    {"bad_timestamp", "invalid_name", "message_not_found", "channel_not_found", "no_item_specified", "thread_locked"}
)
_HISTORY = frozenset({"channel_not_found", "invalid_cursor", "invalid_ts_latest", "invalid_ts_oldest"})


def _codes(*codes: str) -> frozenset[str]:
    return frozenset(codes)


OWN: Mapping[str, frozenset[str]] = {
    "api.test": _codes(),
    "auth.test": _codes(),
    "team.info": _codes("team_not_found", "user_not_found"),
    "bots.info": _codes("bot_not_found", "bots_not_found", "missing_argument", "team_not_found"),
    "users.info": _codes("user_not_found", "user_not_visible", "too_many_users"),
    "users.list": _codes("invalid_cursor", "limit_required", "missing_argument"),
    "users.lookupByEmail": _codes("users_not_found"),
    "users.conversations": _codes(
        "invalid_cursor", "invalid_limit", "invalid_types", "method_not_supported_for_channel_type", "user_not_found"
    ),
    "usergroups.list": _codes(
        "invalid_cursor", "invalid_team", "missing_argument", "plan_upgrade_required", "users_not_found"
    ),
    "usergroups.users.list": _codes("no_such_subteam", "plan_upgrade_required", "invalid_cursor"),
    "usergroups.users.update": _codes(
        *("no_such_subteam", "no_users_provided", "invalid_users", "failed_for_some_users", "permission_denied"),
        *("plan_upgrade_required", "single_channel_guests_cannot_be_added", "subteam_max_users_exceeded"),
    ),
    "conversations.list": _codes("invalid_cursor", "invalid_limit", "invalid_types"),
    "conversations.info": _codes("channel_not_found", "channel_is_limited_access"),
    "conversations.members": _codes(
        *("channel_not_found", "fetch_members_failed", "invalid_cursor", "invalid_limit"),
        "method_not_supported_for_channel_type",
    ),
    "conversations.open": _codes(
        *("channel_not_found", "users_list_not_supplied", "user_disabled", "not_enough_users", "too_many_users"),
        *("user_not_found", "user_not_visible", "invalid_user_combination", "method_not_supported_for_channel_type"),
    ),
    "conversations.join": _codes(
        *("channel_not_found", "is_archived", "method_not_supported_for_channel_type", "too_many_members"),
        "channel_is_limited_access",
    ),
    "conversations.history": _HISTORY | {"not_in_channel", "channel_is_limited_access"},
    "conversations.replies": _HISTORY | {"thread_not_found", "method_not_supported_for_channel_type"},
    "chat.postMessage": _CONTENT
    | _METADATA
    | _RESTRICTED
    | _WRITING
    | {"msg_blocks_too_long", "restricted_action_thread_locked", "rate_limited", "messages_tab_disabled"}
    | {"cannot_reply_to_message"},
    "chat.update": _CONTENT
    | _METADATA
    | {"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found", "msg_too_long"}
    | {"update_failed", "is_inactive"},
    "chat.delete": _codes("message_not_found", "cant_delete_message", "channel_not_found"),
    "chat.postEphemeral": _CONTENT
    | _WRITING
    | {"user_not_in_channel", "msg_too_long", "messages_tab_disabled", "restricted_action", "cannot_reply_to_message"},
    "chat.getPermalink": _codes("channel_not_found", "message_not_found"),
    "chat.scheduleMessage": _CONTENT
    | _METADATA
    | _RESTRICTED
    | _WRITING
    | {"msg_too_long", "time_in_past", "time_too_far", "invalid_time", "restricted_too_many", "rate_limited"},
    "chat.deleteScheduledMessage": _codes("invalid_scheduled_message_id", "channel_not_found"),
    "views.open": _TRIGGER | _VIEW,
    "views.push": _TRIGGER | _VIEW | {"push_limit_reached", "not_found"},
    "views.update": _VIEW | {"not_found", "hash_conflict"},
    "views.publish": _VIEW | {"hash_conflict", "not_enabled", "missing_profile_id"},
    "reactions.add": _REACTION | {"already_reacted", "too_many_reactions", "too_many_emoji", "is_archived"},
    "reactions.remove": _REACTION | {"no_reaction", "is_archived"},
    "blocks.validate": _codes("invalid_blocks", "invalid_message", "invalid_view"),
    "files.getUploadURLExternal": _codes(
        "missing_argument", "file_uploads_disabled", "file_upload_size_restricted", "storage_limit_reached"
    ),
    "files.completeUploadExternal": _codes("file_not_found", "invalid_channel", "channel_not_found", "not_in_channel"),
    "apps.connections.open": _codes("forbidden_team", "insecure_request", "missing_args"),
    "openid.connect.token": _SIGN_IN,
    "openid.connect.userInfo": _codes(),
    "oauth.v2.access": _SIGN_IN,
}
"""What a method may answer besides."""


def codes_of(method: str) -> frozenset[str]:
    """Every code a method may answer; for `*`, or a method that is not here, only the common ones."""
    return COMMON | OWN.get(method, frozenset())
