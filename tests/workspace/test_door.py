"""The door of the Web API: how a call may come, who may make it, and what the answer looks like."""

import json

import httpx
import pytest

from approvalbot.workspace.config import RateLimits
from approvalbot.workspace.hands import Hands
from approvalbot.workspace.loopback import plain_http
from approvalbot.workspace.serving import Running, running_workspace
from tests.workspace.conftest import TOKEN, make_config

BEARER = {"authorization": f"Bearer {TOKEN}"}


def call(running: Running, method: str, **options: object) -> httpx.Response:
    return httpx.post(running.api_url + method, **plain_http(), **options)  # type: ignore[arg-type]


def test_the_answer_is_an_envelope_with_the_tokens_scopes(workspace: Running) -> None:
    answer = call(workspace, "users.info", headers=BEARER, data={"user": "U0ANN"})

    assert answer.status_code == 200
    assert answer.json()["ok"] is True
    assert "users:read" in answer.headers["x-oauth-scopes"].split(",")
    assert answer.headers["x-accepted-oauth-scopes"] == "users:read"


@pytest.mark.parametrize(
    "options",
    [
        {"headers": BEARER, "data": {"channel": "#general", "text": "x"}},
        {"data": {"token": TOKEN, "channel": "#general", "text": "x"}},
        {"headers": BEARER, "json": {"channel": "#general", "text": "x"}},
        {"headers": BEARER, "files": {"channel": (None, "#general"), "text": (None, "x")}},
    ],
    ids=["form", "token in the form", "JSON", "multipart"],
)
def test_a_call_may_come_as_form_json_or_multipart(workspace: Running, options: dict[str, object]) -> None:
    assert call(workspace, "chat.postMessage", **options).json()["ok"] is True


def test_a_call_may_come_as_get(workspace: Running) -> None:
    answer = httpx.get(workspace.api_url + "users.info?user=U0ANN", headers=BEARER, **plain_http())

    assert answer.json()["user"]["name"] == "ann"


def test_a_token_in_the_query_is_not_looked_at(workspace: Running) -> None:
    answer = httpx.get(f"{workspace.api_url}auth.test?token={TOKEN}", **plain_http())

    assert answer.json()["error"] == "not_authed"


def test_methods_that_take_forms_only_do_not_read_json(workspace: Running) -> None:
    answer = call(workspace, "users.info", headers=BEARER, json={"user": "U0ANN"})

    assert answer.json()["error"] == "user_not_found"


@pytest.mark.parametrize(
    ("headers", "content", "code"),
    [
        ({}, b"x=1", "missing_post_type"),
        ({"content-type": "text/csv"}, b"x=1", "invalid_post_type"),
        ({"content-type": "application/json; charset=utf-16"}, b"{}", "invalid_charset"),
        ({"content-type": "application/json"}, b"{", "invalid_arguments"),
        ({"content-type": "application/json"}, b"[1]", "invalid_arguments"),
        ({"content-type": "application/json"}, b"[" * 100_000, "invalid_arguments"),
        ({"content-type": "application/x-www-form-urlencoded"}, b"\xff\xfe=1", "invalid_form_data"),
        ({"content-type": "multipart/form-data; boundary=b"}, b"nonsense", "invalid_form_data"),
        ({"content-type": "application/x-www-form-urlencoded"}, b"a%5Bb%5D=1", "invalid_arg_name"),
        ({"content-type": "application/json"}, b'{"channel": ["C0GENERAL"], "text": "x"}', "invalid_array_arg"),
    ],
)
def test_a_body_that_is_not_what_it_says_is_refused(
    workspace: Running, headers: dict[str, str], content: bytes, code: str
) -> None:
    answer = call(workspace, "chat.postMessage", headers=BEARER | headers, content=content)

    assert answer.status_code == 200
    assert answer.json()["error"] == code


def test_json_without_a_charset_is_read_with_a_warning(workspace: Running) -> None:
    answer = call(workspace, "auth.test", headers=BEARER, json={}).json()

    assert answer["ok"] is True
    assert answer["response_metadata"]["warnings"] == ["missing_charset"]


def test_an_unknown_method_is_unknown_before_the_token_is_looked_at(workspace: Running) -> None:
    assert call(workspace, "chat.teleport").json()["error"] == "unknown_method"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not_authed"),
        ({"authorization": "Bearer xoxb-local-nobody"}, "invalid_auth"),
        ({"authorization": "Bearer xapp-local-approvalbot"}, "not_allowed_token_type"),
    ],
)
def test_a_token_must_exist_and_be_of_the_right_kind(workspace: Running, headers: dict[str, str], code: str) -> None:
    assert call(workspace, "users.info", headers=headers, data={"user": "U0ANN"}).json()["error"] == code


def test_a_missing_scope_is_named(workspace: Running) -> None:
    answer = call(workspace, "reactions.add", headers=BEARER, data={"name": "eyes"}).json()

    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "reactions:write"
    assert "chat:write" in answer["provided"]


def test_a_body_over_a_megabyte_is_refused(workspace: Running) -> None:
    answer = call(workspace, "chat.postMessage", headers=BEARER, data={"text": "x" * 1_100_000})

    assert answer.json()["error"] == "invalid_form_data"


def test_block_faults_are_listed_with_pointers(workspace: Running) -> None:
    blocks = json.dumps([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}])
    answer = call(workspace, "chat.postMessage", headers=BEARER, data={"channel": "#general", "blocks": blocks}).json()

    assert answer["error"] == "invalid_blocks"
    assert answer["errors"][0]["pointer"] == "/blocks/0/text/text"
    assert answer["response_metadata"]["messages"][0].startswith("[ERROR] must be less than 151 characters")


def test_blocks_validate_needs_no_token(workspace: Running) -> None:
    good = call(workspace, "blocks.validate", json={"blocks": [{"type": "divider"}]}).json()
    bad = call(workspace, "blocks.validate", json={"view": {"type": "modal", "blocks": []}}).json()

    assert good["ok"] is True
    assert bad["error"] == "invalid_view"


def test_posts_are_limited_for_each_channel_alone() -> None:
    config = make_config(rate_limits=RateLimits(post_burst=2))
    with running_workspace(config) as running:
        answers = [
            call(running, "chat.postMessage", headers=BEARER, data={"channel": name, "text": "x"})
            for name in ("#general", "#general", "C0GENERAL", "#deploys")
        ]

    assert [one.status_code for one in answers] == [200, 200, 429, 200]
    assert answers[2].headers["retry-after"] == "1"
    assert answers[2].json() == {"ok": False, "error": "ratelimited"}


def test_a_method_is_limited_by_its_tier() -> None:
    config = make_config(rate_limits=RateLimits(tier_per_min={2: 3}))
    with running_workspace(config) as running:
        codes = [call(running, "usergroups.list", headers=BEARER).status_code for _ in range(4)]

    assert codes == [200, 200, 200, 429]


def test_the_inspector_shows_a_call_without_its_token(workspace: Running, ann: Hands) -> None:
    call(workspace, "chat.postMessage", data={"token": TOKEN, "channel": "#general", "text": "hello"})

    (entry,) = ann.traffic("call", what="chat.postMessage")
    assert "hello" in entry["request"]
    assert TOKEN not in entry["request"]
    assert entry["status"] == 200
