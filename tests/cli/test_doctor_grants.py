"""`doctor` and grants: what a provider needs, and the scope that some need in Slack."""

import yaml

from tests.bot import Bot
from tests.cli.conftest import Cli
from tests.cli.test_doctor import check, well
from tests.policy.makers import entitlement_document

__all__ = ["well"]


def add_entitlement(well: Bot, provider: str, **parameters: str) -> None:
    """Write one more entitlement beside the policies of the bot."""
    document = entitlement_document(grant={"provider": provider, "with": parameters})
    path = well.house.settings.approvalbot_policies / "more.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")


def test_a_grant_in_user_groups_needs_its_scope(well: Bot, cli: Cli) -> None:
    add_entitlement(well, "slack_group", group="@admins")

    found = check(cli("doctor", "--json"), "slack")

    assert found["ok"] is False
    assert "The bot's token lacks usergroups:write" in found["text"]
    assert "slack manifest --groups" in found["text"]


def test_a_secret_that_a_grant_names_is_missed(well: Bot, cli: Cli) -> None:
    add_entitlement(well, "postgres", dsn="env:NO_SUCH_DSN", role="readonly", user="{{ $requester.email }}")

    found = check(cli("doctor", "--json"), "grants")

    assert found["ok"] is False
    assert "The secret env:NO_SUCH_DSN is empty or missing" in found["text"]
