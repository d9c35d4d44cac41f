"""`doctor`: everything a start needs, each fault with what to do about it."""

import time
from pathlib import Path
from typing import Any

import pytest

from approvalbot.store import keys
from tests.bot import SIGNING_SECRET, Bot
from tests.cli.conftest import Cli, Ran

NAMES = ["policies", "secrets", "redis", "workers", "slack settings", "slack", "address"]


@pytest.fixture
def well(bot: Bot, cli: Cli, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """The environment in which the bot of the fixture runs, with a worker that was just seen."""
    settings = bot.house.settings
    for name, value in {
        "REDIS_URL": valkey_url,
        "SLACK_BOT_TOKEN": "xoxb-local-approvalbot",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": settings.slack_api_url,
        "APPROVALBOT_POLICIES": str(settings.approvalbot_policies),
        "APPROVALBOT_DATA_DIR": str(settings.approvalbot_data_dir),
        "APPROVALBOT_SECRET": "s" * 40,
        "APPROVALBOT_ALLOW": "local-destinations",
        "APPROVALBOT_URL": "https://approvals.example.com",
        "NO_PROXY": "127.0.0.1",
        **bot.environment,
    }.items():
        monkeypatch.setenv(name, value)
    bot.house.redis.set(keys.AUDITOR, time.time())
    return bot


def check(ran: Ran, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in ran.json()["checks"] if one["name"] == name)
    return found


def test_a_bot_that_is_well_is_said_to_be(well: Bot, cli: Cli) -> None:
    plain, document = cli("doctor"), cli("doctor", "--json")

    assert [line.split(":")[0] for line in plain.out.splitlines()] == [f"ok    {name}" for name in NAMES]
    assert (plain.code, document.code) == (0, 0)
    assert document.json()["ok"] is True
    assert [one["name"] for one in document.json()["checks"]] == NAMES


@pytest.mark.parametrize(
    ("change", "name", "told"),
    [
        ({"APPROVALBOT_POLICIES": "nowhere"}, "policies", "there is no such file or folder"),
        ({"DEPLOY_TOOL_SECRET": None}, "secrets", "The secret env:DEPLOY_TOOL_SECRET is empty or missing"),
        ({"DEPLOY_TOOL_CALLBACK_SECRET": ""}, "secrets", "The secret env:DEPLOY_TOOL_CALLBACK_SECRET is empty"),
        ({"GRANTS_URL": None}, "secrets", "The secret env:GRANTS_URL is empty or missing"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "redis", "Our storage did not answer"),
        ({"REDIS_URL": "redis://redis.example.com/0"}, "redis", "without TLS and a password"),
        ({"APPROVALBOT_SECRET": "t" * 40}, "redis", "another APPROVALBOT_SECRET"),
        ({"APPROVALBOT_SECRET": "short"}, "redis", "it needs at least 32"),
        ({"SLACK_BOT_TOKEN": None}, "slack settings", "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_SIGNING_SECRET": " "}, "slack settings", "SLACK_SIGNING_SECRET is not set"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "slack", "invalid_auth"),
        ({"SLACK_API_URL": "http://127.0.0.1:1/api/"}, "slack", "Slack"),
        (
            {"APPROVALBOT_URL": "http://approvals.example.com", "SLACK_API_URL": "https://slack.example.com/api/"},
            "address",
            "Slack calls https only; set APPROVALBOT_URL.",
        ),
    ],
)
def test_each_fault_is_named_with_what_to_do(
    well: Bot, cli: Cli, monkeypatch: pytest.MonkeyPatch, change: dict[str, str | None], name: str, told: str
) -> None:
    for variable, value in change.items():
        monkeypatch.delenv(variable) if value is None else monkeypatch.setenv(variable, value)

    plain, document = cli("doctor"), cli("doctor", "--json")

    assert (plain.code, document.code) == (1, 1)
    assert check(document, name)["ok"] is False
    assert told in check(document, name)["text"]
    assert f"FAIL  {name}: " in plain.out
    assert "Traceback" not in plain.err + document.err


def test_workers_that_were_never_seen_are_missed(well: Bot, cli: Cli) -> None:
    well.house.redis.delete(keys.AUDITOR)

    found = check(cli("doctor", "--json"), "workers")

    assert found["ok"] is False
    assert found["text"].endswith("approvalbot work")


def test_workers_that_were_seen_long_ago_are_missed(well: Bot, cli: Cli) -> None:
    well.house.redis.set(keys.AUDITOR, time.time() - 600)

    assert check(cli("doctor", "--json"), "workers")["ok"] is False


@pytest.mark.parametrize(("setting", "value"), [("maxmemory-policy", "allkeys-lru"), ("appendonly", "no")])
def test_a_redis_that_may_lose_decisions_is_refused(well: Bot, cli: Cli, setting: str, value: str) -> None:
    redis = well.house.redis
    before: Any = redis.config_get(setting)
    redis.config_set(setting, value)
    try:
        found = check(cli("doctor", "--json"), "redis")
    finally:
        redis.config_set(setting, before[setting])

    assert found["ok"] is False
    assert setting in found["text"]


def test_a_token_without_its_scopes_is_told_which(well: Bot, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xapp-local-approvalbot")

    found = check(cli("doctor", "--json"), "slack")

    assert found["ok"] is False
    assert "The bot's token lacks commands, chat:write" in found["text"]


def test_a_token_that_was_revoked_is_told(well: Bot, cli: Cli) -> None:
    with well.hands("BOB") as bob:
        bob.fault("token_revoked", "auth.test")

    found = check(cli("doctor", "--json"), "slack")

    assert found["ok"] is False
    assert "token_revoked" in found["text"]
