"""`policy explain`: whatever a vendor sends is taken, and what is not an event is one sentence."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from approvalbot.cli.samples import ADMIN, DEPLOY, READ_ONLY, enveloped
from tests.bot import Bot
from tests.cli.conftest import Cli
from tests.cli.test_policy import BROKEN

POLICIES = Path(__file__).parent / "policies"
"""Four of the shipped files, by links: with two sources, so that most events say by themselves where they come from."""


def explained(cli: Cli, event: Any, *options: str, policies: Path = POLICIES) -> list[dict[str, Any]]:
    body = event if isinstance(event, bytes) else orjson.dumps(event)
    ran = cli("policy", "explain", policies, "-", "--json", *options, stdin=body)
    assert (ran.code, ran.err) == (0, "")
    found: list[dict[str, Any]] = ran.json()["events"]
    return found


@pytest.mark.parametrize(
    "body",
    [ADMIN, enveloped(ADMIN), {"Records": [ADMIN]}, [ADMIN], {"source": "aws.cloudtrail", "event": ADMIN}],
    ids=["raw", "eventbridge", "records", "array", "envelope"],
)
def test_every_form_in_which_cloudtrail_comes_is_read(cli: Cli, body: Any) -> None:
    (event,) = explained(cli, body)

    assert event["source"] == "aws.cloudtrail"
    assert event["action"] == "iam.amazonaws.com:AttachUserPolicy"
    assert [(one["policy"], one["match"], one["stage"]) for one in event["policies"]] == [
        ("aws-admin-escalation", True, ""),
        ("prod-deploy-gate", False, "source"),
    ]


def test_many_events_are_explained_one_by_one(cli: Cli) -> None:
    lines = b"\n".join(map(orjson.dumps, [ADMIN, READ_ONLY, DEPLOY])) + b"\n"

    found = explained(cli, lines)

    assert [one["source"] for one in found] == ["aws.cloudtrail", "aws.cloudtrail", "deploy-tool"]
    assert [[policy["policy"] for policy in one["policies"] if policy["match"]] for one in found] == [
        ["aws-admin-escalation"],
        [],
        ["prod-deploy-gate"],
    ]


def test_a_file_is_told_leaf_by_leaf(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_bytes(orjson.dumps({**DEPLOY, "target": {"environment": "staging"}}))

    ran = cli("policy", "explain", POLICIES, tmp_path / "event.json")

    assert ran.code == 0
    assert ran.out.splitlines() == [
        "deploy-tool: deploy.requested by Eve Eade",
        "prod-deploy-gate (Production deploy) does not match: its condition does not hold",
        "  ✗ all of",
        "    ✓ action = deploy.requested",
        "    ✗ target.environment|re|i wants ^prod(uction)?(-|$), got staging",
        "of other sources: aws-admin-escalation",
    ]


def test_one_file_of_a_folder_explains_its_own_policies(cli: Cli) -> None:
    (event,) = explained(cli, ADMIN, policies=POLICIES / "prod-deploy-gate.yaml")

    assert [one["policy"] for one in event["policies"]] == ["prod-deploy-gate"]


def test_the_time_decides_where_a_calendar_does(cli: Cli, shared: Path) -> None:
    grant = {
        "uuid": "u1",
        "eventType": "user.account.privilege.grant",
        "outcome": {"result": "SUCCESS"},
        "actor": {"alternateId": "eve@example.com"},
    }

    def stage(at: str) -> str:
        (event,) = explained(cli, grant, "--source", "okta.system_log", "--at", at, policies=shared / "policies")
        assert event["at"] == at
        return next(str(one["stage"]) for one in event["policies"] if one["policy"].startswith("okta"))

    assert stage("2026-03-03T11:00:00Z") == "during"
    assert not stage("2026-03-03T21:10:00Z")


def test_a_header_may_be_given(cli: Cli, shared: Path) -> None:
    body = {"action": "requested", "environment": "production", "repository": {"name": "shop"}}
    how = ("--source", "github.webhook", "--header", "X-GitHub-Event: deployment_protection_rule")

    (event,) = explained(cli, body, *how, policies=shared / "policies")

    assert next(one["match"] for one in event["policies"] if one["policy"] == "prod-deploy-gate") is True


def test_an_envelope_brings_its_own_source_headers_and_time(cli: Cli, shared: Path) -> None:
    envelope = {
        "source": "github.webhook",
        "headers": {"X-GitHub-Event": "deployment_protection_rule"},
        "at": "2026-03-03T10:00:00Z",
        "event": {"action": "requested", "environment": "production", "repository": {"name": "shop"}},
    }

    (event,) = explained(cli, envelope, policies=shared / "policies")

    assert (event["source"], event["at"]) == ("github.webhook", "2026-03-03T10:00:00Z")
    assert next(one["match"] for one in event["policies"] if one["policy"] == "prod-deploy-gate") is True


def test_a_tenant_that_may_not_send_is_said_to_be_refused(cli: Cli, tmp_path: Path) -> None:
    for file in POLICIES.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(
            text.replace(
                "    mapping: aws.cloudtrail\n", "    mapping: aws.cloudtrail\n    tenants: ['444455556666']\n"
            ),
            encoding="utf-8",
        )

    (event,) = explained(cli, ADMIN, policies=tmp_path)
    told = cli("policy", "explain", tmp_path, "-", stdin=orjson.dumps(ADMIN)).out

    assert event["refused"] == "tenant_not_allowed"
    assert "refused at the door (tenant_not_allowed)" in told


def test_a_number_too_wide_for_most_readers_is_told_whole(cli: Cli) -> None:
    wide = 2**80
    event = {**DEPLOY, "target": {"environment": wide}}

    ran = cli("policy", "explain", POLICIES, "-", "--json", stdin=json.dumps(event).encode())

    assert ran.code == 0
    (found,) = json.loads(ran.out)["events"]
    (leaf,) = [one for one in found["policies"][1]["tree"]["children"] if one["field"] == "target.environment"]
    assert leaf["got"] == [wide]


def test_what_an_event_says_cannot_draw_on_the_terminal(cli: Cli) -> None:
    event = {**DEPLOY, "actor": {"id": "eve\x1b[2Jrm\n✓ approved"}, "action": "deploy.\u202erequested [red]"}

    told = cli("policy", "explain", POLICIES, "-", stdin=orjson.dumps(event)).out

    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "[red]" in told
    assert len(told.splitlines()[0].split("✓")) == 2, "a name stays on its line"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "standard input: The body is not usable JSON"),
        (b'{"action":', "standard input: The body is not usable JSON: expecting value at line 1, column 11."),
        (b'{"a": 1, "a": 2}', 'the key "a" stands twice in one object'),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b"\xff\xfe{}", "it is not UTF-8"),
        (b"[" * 70 + b"]" * 70, "nests deeper than 64 levels"),
        (b"12", "This is no event of any source in this folder"),
        (b'{"source": "nobody", "event": {}}', "There is no source nobody in this folder. Known are"),
        (b'{"source": "deploy-tool", "at": "soon", "event": {}}', "The envelope's at, soon, is no time."),
        (b'{"source": "deploy-tool", "headers": [], "event": 1}', "an event is a JSON object, not a number"),
        (b'{"source": 1, "event": {}}', 'An envelope is {"source": text,'),
        (b'{"action": "x"}\n{"action":\n', "standard input: line 2: The body is not usable JSON"),
    ],
)
def test_what_is_no_event_is_one_clear_sentence(cli: Cli, body: bytes, told: str) -> None:
    ran = cli("policy", "explain", POLICIES, "-", "--json", stdin=body)

    assert (ran.code, ran.out) == (3, "")
    assert told in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_file_that_cannot_be_read_is_one_clear_sentence(cli: Cli, tmp_path: Path) -> None:
    missing, folder = cli("policy", "explain", POLICIES, "nowhere.json"), cli("policy", "explain", POLICIES, tmp_path)

    assert (missing.code, folder.code) == (3, 3)
    assert missing.err == "approvalbot: nowhere.json cannot be read: No such file or directory.\n"
    assert folder.err == f"approvalbot: {tmp_path} cannot be read: Is a directory.\n"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--source", "nobody"], "There is no source nobody in this folder. Known are aws.cloudtrail, deploy-tool."),
        (["--source", "aws.cloudtrail"], "it has no eventSource, eventName, so it is no event of the mapping"),
        (["--at", "soon"], "--at 'soon' is no time; write 2026-03-03T12:00:00Z"),
        (["--header", "x-github-event"], "write 'name: value'"),
    ],
)
def test_an_option_that_cannot_be_is_told(cli: Cli, options: list[str], told: str) -> None:
    ran = cli("policy", "explain", POLICIES, "-", *options, stdin=orjson.dumps(DEPLOY))

    assert (ran.code, ran.out) == (3, "")
    assert told in ran.err


def test_an_event_that_could_be_anybodys_asks_for_the_source(cli: Cli, shared: Path) -> None:
    ran = cli("policy", "explain", shared / "policies", "-", stdin=b'{"uuid": "u", "action": "a", "actor": "b"}')

    assert ran.code == 3
    assert "could have come from several sources. Say which with --source: " in ran.err


def test_a_folder_that_does_not_load_explains_nothing(cli: Cli) -> None:
    ran = cli("policy", "explain", BROKEN, "-", stdin=b"{}")

    assert (ran.code, ran.out) == (3, "")
    assert "faults in the policies" in ran.err


def test_a_policy_that_matches_tells_whom_it_would_ask_right_now(cli: Cli) -> None:
    (event,) = explained(cli, DEPLOY, "--at", "2026-03-03T12:00:00Z")
    told = cli("policy", "explain", POLICIES, "-", stdin=orjson.dumps(DEPLOY)).out
    other, gate = event["policies"][1], event["policies"][0]

    assert other["would_ask"] is None
    assert gate["would_ask"]["quorum"] == 1
    assert [level["name"] for level in gate["would_ask"]["levels"]] == ["service owners", "SRE leads"]
    assert gate["would_ask"]["levels"][0]["asks"] == ["bob", "cat", "dan"]
    assert gate["would_ask"]["may_not_vote"] == ["eve"]
    assert gate["would_ask"]["expires_at"] == "2026-03-03T12:20:00Z"
    assert gate["would_ask"]["summary"] == "Eve Eade wants to deploy acme/shop to production"
    assert "  would ask (by fixtures and Identities): 1 person must approve\n" in told


def test_a_group_that_nobody_here_knows_is_said_not_to_be_known(cli: Cli, tmp_path: Path) -> None:
    text = (POLICIES / "prod-deploy-gate.yaml").read_text(encoding="utf-8")
    for file in POLICIES.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "prod-deploy-gate.yaml").write_text(text.replace("'@sre-leads'}", "'@strangers'}"), encoding="utf-8")

    found = explained(cli, DEPLOY, policies=tmp_path)[0]["policies"][0]["would_ask"]
    told = cli("policy", "explain", tmp_path, "-", stdin=orjson.dumps(DEPLOY)).out

    assert found["levels"][1]["entries"] == [{"entry": "usergroup:@strangers", "people": None}]
    assert "usergroup:@strangers: not known here" in told


def test_slack_is_asked_only_where_the_author_says_so(bot: Bot, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_API_URL", bot.house.settings.slack_api_url)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-local-approvalbot")

    found = explained(cli, DEPLOY, "--live", policies=bot.house.settings.approvalbot_policies)[0]["policies"][0]
    told = cli("policy", "explain", bot.house.settings.approvalbot_policies, "-", "--live", stdin=orjson.dumps(DEPLOY))

    assert found["would_ask"]["levels"][0]["asks"] == ["bob", "dan"]
    assert "would ask (by Slack)" in told.out


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "SLACK_BOT_TOKEN is not set."),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "Slack did not do usergroups.list: invalid_auth."),
        ({"SLACK_API_URL": "http://127.0.0.1:1/api/", "SLACK_BOT_TOKEN": "xoxb-x"}, "usergroups.list: unreachable"),
    ],
)
def test_a_slack_that_does_not_answer_is_one_clear_sentence(
    bot: Bot, cli: Cli, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], told: str
) -> None:
    for name, value in {"SLACK_API_URL": bot.house.settings.slack_api_url, **environment}.items():
        monkeypatch.setenv(name, value)

    ran = cli("policy", "explain", bot.house.settings.approvalbot_policies, "-", "--live", stdin=orjson.dumps(DEPLOY))

    assert (ran.code, ran.out) == (3, "")
    assert told in ran.err
    assert len(ran.err.splitlines()) == 1
