"""`policy check --live`: whom and where the policies name, asked of the local workspace and a rota."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from approvalbot.workspace.config import RateLimits, WorkspaceConfig
from approvalbot.workspace.hands import Hands
from approvalbot.workspace.serving import running_workspace
from tests.cli.conftest import Cli, Ran
from tests.oncall.rota import TOKEN, Rota
from tests.oncall.vendors import running

POLICY = """
version: 1
id: deploys
owner: team-platform
title: Production deploy
request: gate
severity: low
source: tool
match: {action: deploy}
approval:
  levels: [{name: first, approvers: [APPROVER], notify: [NOTICE], timeout: 10m}]
tests:
  - {name: a deploy waits, event: {action: deploy}, expect: match}
  - {name: a dance does not, event: {action: dance}, expect: no_match}
---
version: 1
kind: Sources
id: sources
owner: team-platform
sources: [{name: tool, mapping: generic, auth: {type: bearer, secret: env:TOOL}, may_wait: true}]
oncall: [{name: rota, type: pagerduty, url: 'WHERE', token: env:ROTA_TOKEN}]
---
version: 1
kind: Identities
id: people
owner: team-identity
people:
  - {id: ann, name: Ann Ames, slack: U0ANN, emails: [ann@example.com], manager: bob}
  - {id: bob, name: Bob Bell, slack: U0BOB, emails: [bob@example.com]}
  - {id: cat, name: Cat Cole, emails: [unheard@example.com]}
  - {id: zed, name: Zed Zorn, slack: U0ZED, emails: [zed@example.com]}
roles: {leads: [ann], ghosts: [cat], leavers: [zed]}
"""
GROUP, PLACE = "{usergroup: '@service-owners'}", "{channel: '#deploys'}"


@pytest.fixture(scope="module")
def workspace() -> Iterator[str]:
    config = WorkspaceConfig(
        port=0,
        bot_url="http://127.0.0.1:9/slack/events",
        signing_secret="s" * 32,
        verify_bot_at_start=False,
        rate_limits=RateLimits(enforced=False),
    )
    with running_workspace(config) as running_here:
        yield running_here.url


@pytest.fixture(scope="module")
def running_rota() -> Iterator[Rota]:
    with running("pagerduty") as found:
        yield found


@pytest.fixture
def rota(running_rota: Rota) -> Rota:
    running_rota.forget()
    running_rota.schedules["PSRE0001"] = ("sre", ["ann@example.com"])
    return running_rota


@pytest.fixture
def asked(workspace: str, rota: Rota, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Checks one approver and one notice against the workspace."""
    for name, value in {
        "SLACK_BOT_TOKEN": "xoxb-local-approvalbot",
        "SLACK_API_URL": f"{workspace}/api/",
        "APPROVALBOT_ALLOW": "local-destinations",
        "ROTA_TOKEN": TOKEN,
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "live.yaml"

    def check(approver: str = GROUP, notice: str = PLACE, *more: str) -> Ran:
        text = POLICY.replace("APPROVER", approver).replace("NOTICE", notice).replace("WHERE", rota.url)
        file.write_text(text, encoding="utf-8")
        return cli("policy", "check", file, "--live", *(more or ("--json",)))

    return check


def found(ran: Ran) -> list[tuple[str, str]]:
    return [(one["code"], one["severity"]) for one in ran.json()["lints"]]


@pytest.mark.parametrize(
    "approver",
    [
        GROUP,
        "{usergroup: S0SERVICEOWNERS}",
        "{user: ann}",
        "{user: dan@example.com}",
        "{user: U0DAN}",
        "{channel_members: '#deploys'}",
        "{role: leads}",
        "{manager_of: ann}",
        "{manager_of: $actor.id}",
        "{oncall: rota/sre}",
        "{usergroup: '@team-{{ team }}', allow: ['@team-*']}",
    ],
)
def test_what_names_somebody_is_left_alone(asked: Any, approver: str) -> None:
    ran = asked(approver)

    assert (ran.code, found(ran)) == (0, []), ran.out


@pytest.mark.parametrize(
    ("approver", "code", "severity", "told"),
    [
        ("{usergroup: '@nobody-here'}", "names-nobody", "error", "there is no such user group"),
        ("{usergroup: S0NOWHERE}", "names-nobody", "error", "there is no such user group"),
        ("{usergroup: '@empty'}", "empty-group", "error", "@empty has nobody in it"),
        ("{user: U0NOBODY}", "nobody-may-decide", "error", "nobody of U0NOBODY may decide"),
        ("{user: stranger@example.com}", "names-nobody", "error", "there is no such person"),
        ("{user: U0ZED}", "nobody-may-decide", "error", "deactivated"),
        ("{user: U0GUS}", "nobody-may-decide", "error", "guests"),
        ("{user: U0CIBOT}", "nobody-may-decide", "error", "bots"),
        ("{channel_members: '#nowhere'}", "names-nobody", "error", "there is no such channel that the bot can see"),
        ("{channel_members: '#leads-private'}", "names-nobody", "error", "there is no such channel"),
        ("{role: ghosts}", "empty-group", "error", "ghosts has nobody in it"),
        ("{role: leavers}", "nobody-may-decide", "error", "nobody of leavers may decide"),
        ("{manager_of: bob}", "names-nobody", "error", "no such person with a manager"),
        ("{oncall: rota/dba}", "names-nobody", "error", "no such provider or schedule"),
        ("{oncall: other/sre}", "names-nobody", "error", "no such provider or schedule"),
    ],
)
def test_what_names_nobody_who_could_decide_is_found_at_its_place(
    asked: Any, approver: str, code: str, severity: str, told: str
) -> None:
    ran = asked(approver)

    lint = next(one for one in ran.json()["lints"] if one["code"] == code)
    assert (ran.code, lint["severity"]) == (1, severity)
    assert told in lint["message"]
    assert lint["path"].startswith("approval.levels[0].approvers[0].")
    assert lint["file"] == "live.yaml"
    assert lint["line"] == 11


def test_nobody_on_call_at_this_moment_is_a_warning(asked: Any, rota: Rota) -> None:
    for people in ([], ["stranger@example.com"]):
        rota.schedules["PSRE0001"] = ("sre", people)
        ran = asked("{oncall: rota/sre}")
        assert (ran.code, found(ran)) == (0, [("empty-group", "warning")])


@pytest.mark.parametrize(
    ("notice", "told"),
    [
        ("{channel: '#nowhere'}", "it is not there, archived, or private without the bot"),
        ("{channel: '#old-approvals'}", "it is not there, archived, or private without the bot"),
        ("{channel: C0OLDAPPROVALS}", "it is archived"),
        ("{channel: '#leads-private'}", "private without the bot"),
        ("{channel: G0LEADSPRIVATE}", "private without the bot"),
        ("{channel: '#no-bot'}", "the bot is not in it; /invite @approvalbot"),
        ("{channel: C0NOBOT}", "the bot is not in it"),
        ("{channel: C0NOWHERE}", "it is not there"),
    ],
)
def test_a_channel_that_the_bot_cannot_write_to_is_found(asked: Any, notice: str, told: str) -> None:
    ran = asked(GROUP, notice)

    assert (ran.code, found(ran)) == (1, [("channel-unreachable", "error")])
    assert told in ran.json()["lints"][0]["message"]
    assert ran.json()["lints"][0]["path"] == "approval.levels[0].notify[0].channel"


def test_notices_that_name_no_channel_and_private_ones_with_the_bot_are_left_alone(asked: Any) -> None:
    for notice in ("{dm: approvers}", "{thread: true}", "{channel: '#sec-private'}"):
        assert found(asked(GROUP, notice)) == []


def test_what_cannot_be_looked_up_is_an_error_that_says_why(asked: Any, rota: Rota, workspace: str) -> None:
    rota.status = 503
    silent = asked("{oncall: rota/sre}")
    with Hands(workspace, user="U0BOB") as bob:
        bob.fault("error", "usergroups.list", error="internal_error")
        broken = asked()

    assert found(silent) == [("not-looked-up", "error")]
    assert "oncall rota/sre could not be looked up: it answered 503" in silent.json()["lints"][0]["message"]
    assert found(broken) == [("not-looked-up", "error")]
    assert "internal_error" in broken.json()["lints"][0]["message"]


def test_a_busy_slack_is_asked_again_when_it_says(asked: Any, workspace: str) -> None:
    with Hands(workspace, user="U0BOB") as bob:
        bob.fault("rate_limited", "usergroups.users.list", times=2, retry_after="0.01")
        bob.fault("rate_limited", "conversations.info", times=1, retry_after="0.01")
        ran = asked()

    assert (ran.code, found(ran)) == (0, [])


def test_a_policy_that_is_off_is_not_asked_about(asked: Any, cli: Cli, tmp_path: Path) -> None:
    asked("{usergroup: '@nobody-here'}")
    file = tmp_path / "live.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("request: gate", "request: gate\nmode: 'off'"))

    assert cli("policy", "check", file, "--live").code == 0


def test_a_person_reads_the_same(asked: Any) -> None:
    ran = asked("{usergroup: '@empty'}", PLACE, "--strict")

    assert ran.code == 1
    assert "live.yaml:11:" in ran.out
    assert "error: @empty has nobody in it [empty-group]" in ran.out
    assert ran.err.startswith("not good enough: 1 error")


def test_without_a_token_it_says_what_to_set(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN")

    ran = asked()

    assert ran.code == 3
    assert "SLACK_BOT_TOKEN is not set. The live check asks the workspace as the bot." in ran.err


def test_without_live_nothing_is_asked(asked: Any, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked("{usergroup: '@empty'}")
    monkeypatch.delenv("SLACK_BOT_TOKEN")

    assert cli("policy", "check", tmp_path / "live.yaml").code == 0
