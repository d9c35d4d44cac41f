"""What `doctor` and a start say of the actions of policies, and of who performs them."""

import importlib.util
from typing import Any

import pytest
import yaml

from tests.bot import Bot
from tests.cli.conftest import Cli
from tests.cli.test_doctor import check, well

__all__ = ["well"]


def give(bot: Bot, **changes: Any) -> None:
    """Change the Sources document of the bot's folder, and let its escalation undo something."""
    file = bot.house.settings.approvalbot_policies / "all.yaml"
    documents = list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
    for document in documents:
        if document["id"] == "sources":
            document.update(changes)
        if document["id"] == "aws-admin-escalation":
            document["on_deny"] = [{"action": "okta.revoke_admin_role", "with": {"user": "x"}}]
    file.write_text(yaml.safe_dump_all(documents, sort_keys=False), encoding="utf-8")


OKTA = {"name": "okta", "type": "okta", "url": "https://acme.okta.com", "token": "env:OKTA_TOKEN"}


def test_an_action_that_nobody_performs_is_named_with_what_to_add(well: Bot, cli: Cli) -> None:
    give(well)

    ran = cli("doctor", "--json")

    assert ran.code == 1
    found = check(ran, "actions")
    assert found["ok"] is False
    assert "no provider okta is configured, so actions of aws-admin-escalation are not run" in found["text"]
    assert "providers of a Sources document" in found["text"]


def test_a_provider_without_its_secret_is_found_before_it_is_needed(
    well: Bot, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(well, providers=[OKTA])
    assert "env:OKTA_TOKEN is empty or missing" in check(cli("doctor", "--json"), "secrets")["text"]

    monkeypatch.setenv("OKTA_TOKEN", "s3cret")
    ran = cli("doctor", "--json")

    assert check(ran, "secrets")["text"] == "2 destinations and 1 provider of actions have theirs"
    assert check(ran, "actions")["ok"] is True
    assert "s3cret" not in ran.out


def test_a_start_says_aloud_which_actions_nobody_performs(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    give(bot)

    bot.house.keeper.reload()

    assert bot.house.keeper.fault == "", "the folder loads all the same"
    assert "no provider okta is configured" in "".join(capfd.readouterr())


def test_aws_without_its_extra_is_refused_when_the_folder_loads(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *_: None if name == "botocore" else object())
    give(bot, providers=[{"name": "aws", "type": "aws"}])

    bot.house.keeper.reload()

    assert "needs the package boto3" in bot.house.keeper.fault
    assert "approvalbot[aws]" in bot.house.keeper.fault
