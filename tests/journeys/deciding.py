"""Policies whose approvers may grant less or have to type what they approve, for the journeys that decide."""

from collections.abc import Callable
from typing import Any

import yaml

from approvalbot.workspace.hands import Hands, Message
from tests.bot import Bot, merge
from tests.journeys.test_presses import card_of

REGIONS = {
    "asked": "every region",
    "scopes": [
        {"id": "europe", "label": "Europe", "with": {"regions": ["eu-1", "eu-2"]}},
        {"id": "canary", "label": "one canary", "with": {"regions": ["eu-1"], "percent": 5}},
    ],
}
ROLES = {
    "asked": "writing",
    "scopes": [{"id": "read", "label": "read-only", "with": {"role": "reader"}}],
}
DEPLOY, DATABASE = "prod-deploy-gate", "prod-database"

FORM = {
    "entitlement": {"entitlement": DATABASE},
    "duration": {"duration": "14400"},
    "input.database": {"database": "shop"},
    "reason": {"reason": "the stuck order queue"},
}


def change(bot: Bot, **changes: dict[str, Any]) -> None:
    """Merge changes into the documents in force, by id, with `_` for `-`."""

    def edit(documents: dict[str, dict[str, Any]]) -> None:
        for name, more in changes.items():
            merge(documents[name.replace("_", "-")], more)

    rewrite(bot, edit)


def rewrite(bot: Bot, edit: Callable[[dict[str, dict[str, Any]]], object]) -> None:
    """Edit the documents in force, by id, and have the bot read them again."""
    path = bot.house.settings.approvalbot_policies / "all.yaml"
    documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    edit({document["id"]: document for document in documents})
    path.write_text(yaml.safe_dump_all(documents, sort_keys=False), encoding="utf-8")
    bot.house.keeper.reload()
    assert bot.house.keeper.fault == ""


def accept_less(bot: Bot, *, accepts: bool = True) -> None:
    """Let the deploy tool say that it understands an approval with less, or not any more."""

    def edit(documents: dict[str, dict[str, Any]]) -> None:
        (source,) = [one for one in documents["sources"]["sources"] if one["name"] == "deploy-tool"]
        source["accepts"] = ["less"] if accepts else []

    rewrite(bot, edit)


def offer_regions(bot: Bot, **approval: Any) -> None:
    """A gate whose caller understands less."""
    accept_less(bot)
    change(bot, prod_deploy_gate={"narrower": REGIONS, "approval": approval})


def offer_roles(bot: Bot, **changes: Any) -> None:
    """Access for up to four hours, to write or only to read."""
    more = {"narrower": ROLES, "duration": {"default": "15m", "max": "4h", "choices": ["15m", "1h", "4h"]}, **changes}
    change(bot, prod_database=more)


def ask_four_hours(bot: Bot, eve: Hands) -> str:
    eve.command("/access", f"request {DATABASE}")
    assert eve.submit(FORM).ok
    (name,) = bot.names("ab:in:pending")
    return name


def choose(hands: Hands, card: Message, words: str) -> bool:
    """Choose an option of the card's menu by its words."""
    action, value = card.menu[words]
    return hands.press(card.channel, card.ts, action, value=value).ok


def open_less(bot: Bot, hands: Hands, channel: str) -> Message:
    """Open the form that approves with less; gives the card it was opened from."""
    card = card_of(bot, hands, channel)
    assert choose(hands, card, "Approve with less…")
    return card


def less(duration: str = "as-asked", scope: str = "as-asked", **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is filled in."""
    return {"less.duration": {"less.duration": duration}, "less.scope": {"less.scope": scope}, **more}
