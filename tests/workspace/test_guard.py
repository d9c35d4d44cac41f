"""What the workspace refuses: strangers, foreign pages, and settings of a real workspace."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from approvalbot.workspace.__main__ import main
from approvalbot.workspace.config import WorkspaceConfig
from approvalbot.workspace.loopback import plain_http
from approvalbot.workspace.serving import Running
from tests.workspace.conftest import make_config


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_a_foreign_host_name_is_refused(workspace: Running, host: str) -> None:
    assert httpx.get(f"{workspace.url}/", headers={"host": host}, **plain_http()).status_code == 403


def test_a_foreign_page_cannot_write(workspace: Running) -> None:
    answer = httpx.post(
        f"{workspace.url}/local/session",
        headers={"origin": "https://evil.example"},
        json={"user": "U0ANN"},
        **plain_http(),
    )

    assert answer.status_code == 403


def test_a_form_cannot_write_to_the_local_api(workspace: Running) -> None:
    answer = httpx.post(f"{workspace.url}/local/session", content=b'{"user": "U0ANN"}', **plain_http())

    assert answer.status_code == 415


def test_the_page_allows_nothing_foreign(workspace: Running) -> None:
    policy = httpx.get(f"{workspace.url}/", **plain_http()).headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(workspace: Running) -> None:
    answer = httpx.post(f"{workspace.url}/local/session", json={"user": "U0ANN"}, **plain_http())

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_nobody_is_signed_in_without_a_session(workspace: Running) -> None:
    assert httpx.get(f"{workspace.url}/local/channels", **plain_http()).status_code == 401


def test_a_tab_that_shows_somebody_else_is_refused(workspace: Running) -> None:
    with httpx.Client(base_url=workspace.url, **plain_http()) as browser:
        browser.post("/local/session", json={"user": "U0BOB"})
        answer = browser.post(
            "/local/messages", json={"channel": "general", "text": "hi"}, headers={"x-acting-as": "U0ANN"}
        )

    assert answer.status_code == 409
    assert "Bob Bell" in answer.json()["error"]


def test_switching_ends_the_old_session(workspace: Running) -> None:
    with httpx.Client(base_url=workspace.url, **plain_http()) as browser:
        browser.post("/local/session", json={"user": "U0ANN"})
        old = dict(browser.cookies)
        browser.post("/local/session", json={"user": "U0BOB"})
    answer = httpx.get(f"{workspace.url}/local/session", cookies=old, **plain_http())

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_token": "xoxb-12345678901-1234567890123-AbCdEfGhIjKlMnOp"},
        {"app_token": "xapp-1-A0123456789-123-abcdef"},
        {"signing_secret": "0123456789abcdef0123456789abcdef"},
        {"bot_url": "https://approvals.example.com/slack/events"},
        {"bot_url": "http://10.0.0.7/slack/events"},
        {"host": "192.0.2.1"},
        {"start_persona": "U0NOBODY"},
        {"unknown_setting": 1},
        {"samples": [{"id": "x", "title": "x", "url": "https://example.com/", "auth": {"type": "none"}, "body": {}}]},
    ],
)
def test_a_setting_that_looks_like_production_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make_config(**changes)


def test_a_refusal_does_not_repeat_the_token() -> None:
    token = "xoxb-12345678901-1234567890123-AbCdEfGhIjKlMnOp"

    with pytest.raises(ValidationError) as refused:
        make_config(bot_token=token)

    assert token not in str(refused.value)


def test_a_real_token_in_the_environment_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-12345678901-1234567890123-AbCdEfGhIjKlMnOp")

    assert main([]) == 2


def test_a_configuration_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    file.write_text(json.dumps({"port": 8399, "bot_url": "http://127.0.0.1:8000/slack/events"}))

    config = WorkspaceConfig.load(file)

    assert config.origin == "http://127.0.0.1:8399"


def test_a_wrong_file_is_a_sentence_and_not_a_traceback(tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    file.write_text('{"port": "many"}')

    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "approvalbot.workspace", "--config", str(file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert done.returncode == 2
    assert "The workspace does not start" in done.stderr
    assert "Traceback" not in done.stderr
