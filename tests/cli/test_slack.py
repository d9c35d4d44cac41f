"""`slack manifest`: what an administrator pastes, valid by Slack's own schema."""

from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
import yaml

from approvalbot.slack.manifest import BOT_SCOPES
from tests.cli.conftest import Cli

URL = "https://approvals.example.com"


def test_the_manifest_is_valid_by_slacks_schema(cli: Cli, shared: Path) -> None:
    schema = orjson.loads((shared / "slack" / "manifest.schema.json").read_bytes())
    plain, document = cli("slack", "manifest", "--url", URL), cli("slack", "manifest", "--url", URL, "--json")

    assert plain.code == document.code == 0
    assert yaml.safe_load(plain.out) == document.json()
    jsonschema.validators.validator_for(schema)(schema).validate(document.json())


def addresses(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {found for one in value.values() for found in addresses(one)}
    if isinstance(value, list):
        return {found for one in value for found in addresses(one)}
    return {value} if isinstance(value, str) and value.startswith("http") else set()


def test_everything_slack_sends_goes_to_one_door(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPROVALBOT_URL", f"{URL}/")

    made = cli("slack", "manifest", "--name", "gatekeeper", "--json").json()

    assert f"{URL}/slack/events" in addresses(made)
    assert all(one.startswith(f"{URL}/") and "//" not in one.removeprefix("https://") for one in addresses(made))
    assert made["display_information"]["name"] == "gatekeeper"
    assert made["oauth_config"]["scopes"]["bot"] == list(BOT_SCOPES)


@pytest.mark.parametrize("address", [(), ("--url", URL)])
def test_a_socket_needs_no_address(cli: Cli, shared: Path, address: tuple[str, ...]) -> None:
    schema = orjson.loads((shared / "slack" / "manifest.schema.json").read_bytes())

    made = cli("slack", "manifest", "--socket", *address, "--json").json()

    jsonschema.validators.validator_for(schema)(schema).validate(made)
    assert made["settings"]["socket_mode_enabled"] is True
    assert addresses(made) == ({f"{URL}/signin/callback"} if address else set())


def test_the_shortcuts_are_those_that_the_bot_answers(cli: Cli) -> None:
    made = cli("slack", "manifest", "--socket", "--json").json()["features"]["shortcuts"]

    assert {(one["callback_id"], one["type"]) for one in made} == {
        ("request_access", "global"),
        ("request_about_message", "message"),
    }


def test_changing_user_groups_is_a_scope_of_its_own(cli: Cli, shared: Path) -> None:
    schema = orjson.loads((shared / "slack" / "manifest.schema.json").read_bytes())

    made = cli("slack", "manifest", "--url", URL, "--groups", "--json").json()

    assert made["oauth_config"]["scopes"]["bot"] == [*BOT_SCOPES, "usergroups:write"]
    jsonschema.validators.validator_for(schema)(schema).validate(made)


def test_without_an_address_there_is_no_manifest(cli: Cli) -> None:
    ran = cli("slack", "manifest")

    assert (ran.code, ran.out) == (3, "")
    assert "Missing option '--url'" in ran.err
