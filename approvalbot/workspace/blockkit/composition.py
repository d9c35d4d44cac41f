"""Composition objects: texts, confirm dialogs, options. Limits are those of @slack/types 3.2.0 and docs.slack.dev."""

from typing import Any

from approvalbot.workspace.blockkit.findings import Findings
from approvalbot.workspace.blockkit.rules import (
    Check,
    Need,
    anything,
    both,
    closed,
    flag,
    items,
    matching,
    one_of,
    pointer_to,
    string,
    typed,
    when_object,
)

EPOCH_TEN = matching(r"[0-9]{10}", "ten digits")


def plain_text(limit: int) -> Check:
    """A `plain_text` object."""
    return typed({"plain_text": _plain(limit), "mrkdwn": anything}, allowed=["plain_text"])


def any_text(limit: int) -> Check:
    """A `plain_text` or `mrkdwn` object."""
    return typed({"plain_text": _plain(limit), "mrkdwn": _mrkdwn(limit)})


def _plain(limit: int) -> Check:
    return closed({"type": anything, "text": Need(string(limit)), "emoji": flag})


def _mrkdwn(limit: int) -> Check:
    return closed({"type": anything, "text": Need(string(limit)), "verbatim": flag})


CONFIRM = closed(
    {
        "title": Need(plain_text(100)),
        "text": Need(any_text(300)),
        "confirm": Need(plain_text(30)),
        "deny": Need(plain_text(30)),
        "style": one_of("primary", "danger"),
    }
)

PLAIN_OPTION = closed(
    {"text": Need(plain_text(75)), "value": Need(string(150)), "description": plain_text(75), "url": string(3000)}
)
"""An option of a select or an overflow menu."""

RICH_OPTION = closed({"text": Need(any_text(75)), "value": Need(string(150)), "description": any_text(75)})
"""An option of checkboxes or radio buttons, whose texts may hold markup."""

OPTION_GROUP = closed({"label": Need(plain_text(75)), "options": Need(items(PLAIN_OPTION, 1, 100))})

DISPATCH_CONFIG = closed({"trigger_actions_on": Need(items(one_of("on_enter_pressed", "on_character_entered"), 1, 2))})

CONVERSATION_FILTER = closed(
    {
        "include": items(one_of("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    }
)


def _offers(value: dict[str, Any]) -> list[Any]:
    options = [*value.get("options", [])] if isinstance(value.get("options"), list) else []
    groups = value.get("option_groups")
    for group in groups if isinstance(groups, list) else []:
        if isinstance(group, dict) and isinstance(group.get("options"), list):
            options.extend(group["options"])
    return options


def _initials(findings: Findings, value: dict[str, Any], pointer: str) -> None:
    offered = _offers(value)
    if "initial_option" in value and value["initial_option"] not in offered:
        findings.add(pointer_to(pointer, "initial_option"), "invalid_value", "must be one of the options")
    chosen = value.get("initial_options")
    for index, option in enumerate(chosen if isinstance(chosen, list) else []):
        if option not in offered:
            where = pointer_to(pointer_to(pointer, "initial_options"), index)
            findings.add(where, "invalid_value", "must be one of the options")


def _either_options(findings: Findings, value: dict[str, Any], pointer: str) -> None:
    if ("options" in value) == ("option_groups" in value):
        findings.add(pointer, "missing_field", "exactly one of options or option_groups is required", "options")


initials_are_offered = when_object(_initials)
"""What is chosen at the start is one of the options, whole and unchanged, as Slack demands."""

has_its_options = both(when_object(_either_options), initials_are_offered)
