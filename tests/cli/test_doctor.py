"""`doctor`: everything a start needs, each fault with what to do about it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from approvalbot.slack.socket import SOCKET_UP
from approvalbot.store import keys
from tests.bot import SIGNING_SECRET, Bot
from tests.cli.conftest import Cli, Ran
from tests.oncall.rota import TOKEN
from tests.oncall.vendors import running
from tests.proofs.makers import ec_key, published, rsa_key
from tests.proofs.world import Outdoors
from tests.serving import serving

NAMES = [
    "policies",
    "source aws.cloudtrail",
    "source deploy-tool",
    "secrets",
    "grants",
    "actions",
    "redis",
    "workers",
    "slack settings",
    "slack",
    "address",
]


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
        ({"DEPLOY_TOOL_SECRET": None}, "source deploy-tool", "The secret env:DEPLOY_TOOL_SECRET is empty or missing"),
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


def test_a_socket_is_looked_for(well: Bot, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-local-approvalbot")

    missing = check(cli("doctor", "--json"), "slack socket")
    well.house.guards.remember(SOCKET_UP, "up", "1", keep_s=60)
    held = check(cli("doctor", "--json"), "slack socket")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-wrong")
    wrong = check(cli("doctor", "--json"), "slack socket")

    assert (missing["ok"], held["ok"], wrong["ok"]) == (False, True, False)
    assert "No web process holds a socket" in missing["text"]
    assert "invalid_auth" in wrong["text"]


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


MORE = """
version: 1
kind: Sources
id: more
owner: team-platform
sources:
  - {name: hook, mapping: okta.system_log, auth: {type: okta, secret: env:HOOK_KEY, previous: env:HOOK_KEY_BEFORE}}
  - name: pubsub
    mapping: gcp.audit
    auth: {type: oidc, issuer: $URL, audience: us, subject: robot, jwks_url: $URL/certs}
  - {name: fleet, mapping: generic, auth: {type: mtls, header: x-client-cert, fingerprints: ['$DIGEST']}}
  - {name: trail, mapping: aws.cloudtrail, auth: {type: sns, topics: ['arn:aws:sns:eu-west-1:111122223333:trail']}}
  - {name: open, mapping: generic, auth: {type: none, unsafe: true}}
"""


@pytest.fixture
def issuer(well: Bot) -> Iterator[Outdoors]:
    """More sources, one of each kind, and an issuer that answers."""
    outdoors = Outdoors()
    with serving(Starlette(routes=[Route("/{path:path}", outdoors.answer)])) as url:
        outdoors.url = url
        outdoors.put("/certs", published(rsa_key("r1"), ec_key("e1")))
        written = MORE.replace("$URL", url).replace("$DIGEST", "ab" * 32)
        (well.house.settings.approvalbot_policies / "more.yaml").write_text(written, encoding="utf-8")
        yield outdoors


def test_each_source_says_what_proves_its_senders_and_what_is_missing(
    issuer: Outdoors, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = cli("doctor", "--json")
    monkeypatch.setenv("HOOK_KEY", "k")
    monkeypatch.setenv("HOOK_KEY_BEFORE", "b")
    monkeypatch.setenv("APPROVALBOT_PROXIES", "10.0.3.7,10.0.4.0/28")
    whole = cli("doctor", "--json")

    assert check(missing, "source hook")["text"].startswith("The secret env:HOOK_KEY is empty or missing.")
    assert "auth type mtls needs APPROVALBOT_PROXIES" in check(missing, "source fleet")["text"]
    told = {one["name"].removeprefix("source "): one["text"] for one in whole.json()["checks"] if one["ok"]}
    assert told["hook"] == "okta, with its key and the one before"
    assert told["pubsub"] == f"oidc, 2 keys of {issuer.url}"
    assert told["fleet"] == "mtls, 1 certificate, told of by 10.0.3.7/32, 10.0.4.0/28"
    assert told["trail"] == "sns, 1 topic"
    assert told["open"] == "none: anybody who knows the address may send"


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ((404, b"{}"), "cannot be had: the answer was 404."),
        ((200, b"<html>"), "cannot be had:"),
        ((200, b'{"keys": []}'), "has no key for RS256 or ES256."),
    ],
)
def test_an_issuer_without_keys_is_found_out(issuer: Outdoors, cli: Cli, page: tuple[int, bytes], told: str) -> None:
    issuer.pages["/certs"] = page

    ran = cli("doctor", "--json")

    assert check(ran, "source pubsub")["ok"] is False
    assert told in check(ran, "source pubsub")["text"]


ROTA = """
version: 1
kind: Sources
id: rota
owner: team-platform
oncall:
  - {name: pagerduty, type: pagerduty, url: '$URL', token: env:PD_TOKEN}
  - {name: unused, type: opsgenie, token: env:PD_TOKEN}
---
version: 1
id: asks-the-rota
owner: team-platform
title: Asks the rota
request: review
severity: low
source: deploy-tool
match: {action: reviewed}
approval:
  levels: [{name: on-call, approvers: [{oncall: pagerduty/sre}, {oncall: pagerduty/dba}], timeout: 10m}]
"""


def test_each_on_call_provider_is_asked_for_the_schedules_that_policies_name(
    well: Bot, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running("pagerduty") as rota:
        written = ROTA.replace("$URL", rota.url)
        (well.house.settings.approvalbot_policies / "rota.yaml").write_text(written, encoding="utf-8")
        without = cli("doctor", "--json")
        monkeypatch.setenv("PD_TOKEN", TOKEN)
        rota.schedules = {"PSRE0001": ("sre", ["ann@example.com", "bob@example.com"])}
        half = cli("doctor", "--json")
        rota.schedules["PDBA0001"] = ("dba", [])
        whole = cli("doctor", "--json")
        monkeypatch.setenv("PD_TOKEN", "guessed")
        wrong = cli("doctor", "--json")

    assert check(without, "on-call pagerduty")["text"].startswith("The secret env:PD_TOKEN is empty or missing")
    assert "pagerduty/dba: there is no such schedule." in check(half, "on-call pagerduty")["text"]
    assert check(whole, "on-call pagerduty") == {
        "name": "on-call pagerduty",
        "ok": True,
        "text": "dba (0 on call), sre (2 on call)",
    }
    assert check(whole, "on-call unused")["ok"] is True
    assert "the token is not accepted (401)" in check(wrong, "on-call pagerduty")["text"]
    assert "guessed" not in wrong.out


@pytest.mark.parametrize(
    ("channel", "ok", "told"),
    [("#general", True, "the bot is in #general"), ("#no-bot", False, "the bot is not in it; /invite @approvalbot.")],
)
def test_the_alarm_channel_is_one_that_the_bot_can_write_to(
    well: Bot, cli: Cli, monkeypatch: pytest.MonkeyPatch, channel: str, ok: bool, told: str
) -> None:
    monkeypatch.setenv("APPROVALBOT_ALARM_CHANNEL", channel)

    found = check(cli("doctor", "--json"), "alarm channel")

    assert found["ok"] is ok
    assert told in found["text"]
