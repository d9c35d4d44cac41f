"""Every error code of the Web API, against the reference list of Slack's own codes.

The table names how each code is earned; a random search looks for codes that nobody thought of.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvalbot.workspace.api.codes import codes_of
from approvalbot.workspace.api.methods import METHODS
from approvalbot.workspace.config import BOT_SCOPES, SignIn
from approvalbot.workspace.loopback import plain_http
from approvalbot.workspace.serving import running_workspace
from approvalbot.workspace.state.cast import ACME
from tests.workspace.conftest import TOKEN, make_config

MORE_SCOPES = (
    "channels:join",
    "channels:history",
    "groups:history",
    "im:history",
    "mpim:write",
    "reactions:write",
    "files:write",
    "usergroups:write",
)
ANYWHERE = frozenset({"invalid_auth", "invalid_arguments", "internal_error"})
"""The README beside the list: these three may come from any method."""
NOT_COVERED = frozenset(
    {
        *("api.test", "bots.info", "users.conversations", "conversations.list", "chat.deleteScheduledMessage"),
        *("reactions.remove", "oauth.v2.access", "usergroups.users.update"),
    }
)

READ_ONLY = ACME.channels[1].model_copy(update={"id": "C0READONLY", "name": "read-only", "is_read_only": True})
THREADS = ACME.channels[1].model_copy(update={"id": "C0THREADS", "name": "threads", "is_thread_only": True})
NO_THREADS = ACME.channels[1].model_copy(update={"id": "C0FLAT", "name": "flat", "is_non_threadable": True})
LIMITED = ACME.channels[1].model_copy(update={"id": "C0LIMITED", "name": "limited", "is_limited_access": True})
SECOND_STRANGER = ACME.people[6].model_copy(update={"id": "U0PAT", "name": "pat"})
SECOND_SHARED = ACME.channels[-1].model_copy(
    update={"id": "C0OTHERSHARED", "name": "other-shared", "members": ("U0PAT", "U0APPROVE")}
)
MANY_BLOCKS = json.dumps([{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5)
BIG_METADATA = json.dumps({"event_type": "x", "event_payload": {"x": "y" * 20_000}})
HOME = json.dumps({"type": "home", "blocks": []})
MODAL = json.dumps({"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []})
HUGE = json.dumps(
    {
        **json.loads(MODAL),
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 100,
    }
)

EARNED: list[tuple[str, dict[str, Any], str]] = [
    ("chat.postMessage", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C0NOBOT", "text": "x"}, "not_in_channel"),
    ("chat.postMessage", {"channel": "C0OLDAPPROVALS", "text": "x"}, "is_archived"),
    ("chat.postMessage", {"channel": "C0READONLY", "text": "x"}, "restricted_action_read_only_channel"),
    ("chat.postMessage", {"channel": "C0THREADS", "text": "x"}, "restricted_action_thread_only_channel"),
    (
        "chat.postMessage",
        {"channel": "C0FLAT", "text": "x", "thread_ts": "1.000001"},
        "restricted_action_non_threadable_channel",
    ),
    ("chat.postMessage", {"channel": "C0GENERAL"}, "no_text"),
    ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
    ("chat.postMessage", {"channel": "C0GENERAL", "blocks": "{"}, "invalid_blocks_format"),
    ("chat.postMessage", {"channel": "C0GENERAL", "blocks": "[{}]"}, "invalid_blocks"),
    ("chat.postMessage", {"channel": "C0GENERAL", "blocks": MANY_BLOCKS}, "msg_blocks_too_long"),
    ("chat.postMessage", {"channel": "C0GENERAL", "attachments": json.dumps([{}] * 101)}, "too_many_attachments"),
    ("chat.postMessage", {"channel": "C0GENERAL", "text": "x", "metadata": "{"}, "invalid_metadata_format"),
    ("chat.postMessage", {"channel": "C0GENERAL", "text": "x", "metadata": '{"a": 1}'}, "invalid_metadata_schema"),
    ("chat.postMessage", {"channel": "C0GENERAL", "text": "x", "metadata": BIG_METADATA}, "metadata_too_large"),
    ("chat.postMessage", {"channel": "C0GENERAL", "text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
    ("chat.postMessage", {"channel": "C0GENERAL", "text": "x", "thread_ts": "1.000001"}, "cannot_reply_to_message"),
    ("chat.update", {"channel": "C0GENERAL", "ts": "1700000000.000001", "text": "x"}, "message_not_found"),
    ("chat.update", {"channel": "C0NOWHERE", "ts": "1700000000.000001", "text": "x"}, "channel_not_found"),
    ("chat.delete", {"channel": "C0GENERAL", "ts": "1700000000.000001"}, "message_not_found"),
    ("chat.delete", {"channel": "C0NOWHERE", "ts": "1700000000.000001"}, "channel_not_found"),
    ("chat.postEphemeral", {"channel": "C0GENERAL", "user": "U0GUS", "text": "x"}, "user_not_in_channel"),
    ("chat.postEphemeral", {"channel": "C0READONLY", "user": "U0ANN", "text": "x"}, "restricted_action"),
    ("chat.postEphemeral", {"channel": "U0ANN", "user": "U0ANN", "text": "x"}, "channel_not_found"),
    ("chat.postEphemeral", {"channel": "C0NOBOT", "user": "U0ANN", "text": "x"}, "not_in_channel"),
    ("chat.postEphemeral", {"channel": "C0OLDAPPROVALS", "user": "U0ANN", "text": "x"}, "is_archived"),
    ("chat.postEphemeral", {"channel": "C0GENERAL", "user": "U0ANN"}, "no_text"),
    ("chat.postEphemeral", {"channel": "C0GENERAL", "user": "U0ANN", "text": "x" * 40_001}, "msg_too_long"),
    ("chat.getPermalink", {"channel": "C0GENERAL", "message_ts": "1700000000.000001"}, "message_not_found"),
    ("chat.scheduleMessage", {"channel": "C0GENERAL", "text": "x", "post_at": "soon"}, "invalid_time"),
    ("chat.scheduleMessage", {"channel": "C0GENERAL", "text": "x", "post_at": "1"}, "time_in_past"),
    ("chat.scheduleMessage", {"channel": "C0GENERAL", "text": "x", "post_at": "9999999999"}, "time_too_far"),
    (
        "chat.deleteScheduledMessage",
        {"channel": "C0GENERAL", "scheduled_message_id": "Q0"},
        "invalid_scheduled_message_id",
    ),
    ("users.info", {"user": "U0NOBODY"}, "user_not_found"),
    ("users.list", {"cursor": "nonsense"}, "invalid_cursor"),
    ("users.lookupByEmail", {"email": "x@example.com"}, "users_not_found"),
    ("users.conversations", {"limit": "5000"}, "invalid_limit"),
    ("users.conversations", {"user": "U0NOBODY"}, "user_not_found"),
    ("usergroups.list", {"team_id": "T0OTHER"}, "invalid_team"),
    ("usergroups.list", {"cursor": "nonsense"}, "invalid_cursor"),
    ("usergroups.users.list", {"usergroup": "S0NONE"}, "no_such_subteam"),
    ("usergroups.users.list", {"usergroup": "S0ENGINEERS", "cursor": "nonsense"}, "invalid_cursor"),
    ("usergroups.users.update", {"usergroup": "S0NONE", "users": "U0ANN"}, "no_such_subteam"),
    ("usergroups.users.update", {"usergroup": "S0EMPTY", "users": ""}, "no_users_provided"),
    ("usergroups.users.update", {"usergroup": "S0EMPTY", "users": "U0ANN,U0GUS"}, "invalid_users"),
    ("usergroups.users.update", {"usergroup": "S0EMPTY", "users": "U0CIBOT"}, "invalid_users"),
    ("team.info", {"team": "T0OTHER"}, "team_not_found"),
    ("bots.info", {"bot": "B0OTHER"}, "bot_not_found"),
    ("bots.info", {}, "missing_argument"),
    ("conversations.list", {"types": "secret"}, "invalid_types"),
    ("conversations.info", {"channel": "G0LEADSPRIVATE"}, "channel_not_found"),
    ("conversations.info", {"channel": "C0LIMITED"}, "channel_is_limited_access"),
    ("conversations.members", {"channel": "C0GENERAL", "limit": "5000"}, "invalid_limit"),
    ("conversations.members", {"channel": "C0GENERAL", "cursor": "bmV4dDphYmM="}, "invalid_cursor"),
    ("conversations.open", {}, "users_list_not_supplied"),
    ("conversations.open", {"users": "U0ZED"}, "user_disabled"),
    ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
    ("conversations.open", {"users": "U0APPROVE"}, "not_enough_users"),
    ("conversations.open", {"users": "U0OLG,U0PAT"}, "invalid_user_combination"),
    ("conversations.open", {"users": ",".join(f"U0P{n}" for n in range(9))}, "too_many_users"),
    ("conversations.open", {"channel": "C0GENERAL"}, "method_not_supported_for_channel_type"),
    ("conversations.open", {"users": "U0BOB", "prevent_creation": "1"}, "channel_not_found"),
    ("conversations.join", {"channel": "C0OLDAPPROVALS"}, "is_archived"),
    ("conversations.join", {"channel": "G0SECPRIVATE"}, "method_not_supported_for_channel_type"),
    ("conversations.join", {"channel": "C0LIMITED"}, "channel_is_limited_access"),
    ("conversations.history", {"channel": "C0LIMITED"}, "channel_is_limited_access"),
    ("conversations.history", {"channel": "C0NOBOT"}, "not_in_channel"),
    ("conversations.history", {"channel": "C0GENERAL", "oldest": "x"}, "invalid_ts_oldest"),
    ("conversations.replies", {"channel": "C0GENERAL", "ts": "1700000000.000001"}, "thread_not_found"),
    ("views.open", {"trigger_id": "1.2.3", "view": MODAL}, "invalid_trigger_id"),
    ("views.open", {"trigger_id": "1.2.3", "view": HUGE}, "view_too_large"),
    ("views.open", {"trigger_id": "1.2.3", "view": "{"}, "invalid_arguments"),
    ("views.push", {"trigger_id": "1.2.3", "view": MODAL}, "invalid_trigger_id"),
    ("views.update", {"view_id": "V0NONE", "view": MODAL}, "not_found"),
    ("views.publish", {"user_id": "U0ANN", "view": HOME, "hash": "old"}, "hash_conflict"),
    ("views.publish", {"user_id": "U0NOBODY", "view": HOME}, "invalid_arguments"),
    ("reactions.add", {"channel": "C0GENERAL", "timestamp": "1700000000.000001", "name": "eyes"}, "message_not_found"),
    ("reactions.add", {"channel": "C0GENERAL", "timestamp": "soon", "name": "eyes"}, "bad_timestamp"),
    ("reactions.add", {"channel": "C0GENERAL", "timestamp": "1700000000.000001", "name": "NO!"}, "invalid_name"),
    ("reactions.add", {"channel": "C0GENERAL", "name": "eyes"}, "no_item_specified"),
    ("blocks.validate", {"blocks": "[{}]"}, "invalid_blocks"),
    ("blocks.validate", {"view": "{}"}, "invalid_view"),
    ("blocks.validate", {"message": '{"blocks": [{}]}'}, "invalid_message"),
    ("blocks.validate", {}, "invalid_arguments"),
    ("files.getUploadURLExternal", {"filename": "x.txt"}, "missing_argument"),
    ("files.getUploadURLExternal", {"filename": "x.txt", "length": "99999999"}, "file_upload_size_restricted"),
    ("files.completeUploadExternal", {"files": '[{"id": "F0NONE"}]'}, "file_not_found"),
    ("apps.connections.open", {}, "not_allowed_token_type"),
    ("openid.connect.token", {"client_id": "x"}, "invalid_client_id"),
    ("openid.connect.token", {"client_id": "111.222", "client_secret": "x"}, "bad_client_secret"),
    ("openid.connect.token", {"client_id": "111.222", "client_secret": "local", "code": "x"}, "invalid_code"),
    ("openid.connect.userInfo", {}, "not_allowed_token_type"),
    ("oauth.v2.access", {"client_id": "111.222", "client_secret": "local", "code": "x"}, "invalid_code"),
]


class Oracle(dict[str, dict[str, str]]):
    """Slack's own codes by method. Hypothesis prints a test's arguments, and the whole table is 126 kB long."""

    def __repr__(self) -> str:
        return f"Oracle of {len(self)} methods"


@pytest.fixture(scope="module")
def oracle(shared: Path) -> Oracle:
    """Slack's own codes by method."""
    return Oracle(json.loads((shared / "slack" / "errors.json").read_text()))


@pytest.fixture(scope="module")
def wide() -> Iterator[httpx.Client]:
    """A line to a workspace whose app holds every scope that any method needs."""
    rooms = (*ACME.channels, READ_ONLY, THREADS, NO_THREADS, LIMITED, SECOND_SHARED)
    cast = ACME.model_copy(update={"people": (*ACME.people, SECOND_STRANGER), "channels": rooms})
    config = make_config(cast=cast, scopes=(*BOT_SCOPES, *MORE_SCOPES), sign_in=SignIn(client_secret="local"))
    headers = {"authorization": f"Bearer {TOKEN}"}
    with (
        running_workspace(config) as running,
        httpx.Client(base_url=running.api_url, headers=headers, **plain_http()) as line,
    ):
        yield line


def call(line: httpx.Client, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return dict(line.post(method, data=arguments).json())


@pytest.mark.parametrize(("method", "arguments", "code"), EARNED, ids=[f"{row[0]}-{row[2]}" for row in EARNED])
def test_a_code_is_earned_as_described(wide: httpx.Client, method: str, arguments: dict[str, Any], code: str) -> None:
    assert call(wide, method, arguments).get("error") == code


@pytest.mark.parametrize("method", sorted({row[0] for row in EARNED} - NOT_COVERED))
def test_every_earned_code_is_slacks_own(oracle: dict[str, dict[str, str]], method: str) -> None:
    invented = {row[2] for row in EARNED if row[0] == method} - oracle[method].keys() - ANYWHERE

    assert invented == set()


def test_every_method_of_the_list_is_there(oracle: dict[str, dict[str, str]]) -> None:
    assert oracle.keys() - METHODS.keys() == set()


NAMES = (
    *(
        "channel",
        "user",
        "users",
        "text",
        "blocks",
        "view",
        "view_id",
        "trigger_id",
        "ts",
        "thread_ts",
        "limit",
        "cursor",
    ),
    *("usergroup", "email", "name", "timestamp", "hash", "user_id", "files", "metadata", "post_at", "types", "team"),
    *("client_id", "latest", "message_ts", "attachments", "message", "external_id", "filename", "length"),
)
VALUES = (
    *("C0GENERAL", "C0NOBOT", "G0LEADSPRIVATE", "G0SECPRIVATE", "C0OLDAPPROVALS", "#general", "C0READONLY", "B0OTHER"),
    *("U0ANN", "U0ZED", "U0OLG", "U0CIBOT", "S0EMPTY", HOME, MODAL, '{"type": "modal"}', "[]", "{}", "null", "[null]"),
    *("-1", "0", "1", "1e9", "1700000000.000001", "eyes", "ann@example.com"),
)


@given(
    method=st.sampled_from(sorted(METHODS.keys() - NOT_COVERED)),
    arguments=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(max_size=12)),
)
@settings(max_examples=400, deadline=None)
def test_no_arguments_earn_an_invented_code(
    oracle: dict[str, dict[str, str]], wide: httpx.Client, method: str, arguments: dict[str, Any]
) -> None:
    answer = call(wide, method, arguments)

    assert answer["ok"] or answer["error"] in oracle[method].keys() | ANYWHERE
    assert answer["ok"] or answer["error"] in codes_of(method)
