"""`policy check --live`: whom and where the policies name, held against the workspace and the rotas of this moment.

What is found is a lint like any other, with its place. Names that an event fills are left out: nobody knows them yet.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from approvalbot.cli.output import counted
from approvalbot.errors import ApprovalBotError, MoveRefused
from approvalbot.policy.approval import Approver
from approvalbot.policy.base import Document
from approvalbot.policy.entries import approver_entries, notice_channels
from approvalbot.policy.faults import KeyPath
from approvalbot.policy.lint.finding import Lint, Smell, Smells
from approvalbot.policy.lint.running import placed
from approvalbot.policy.parse import Loaded
from approvalbot.settings import Settings
from approvalbot.slack.api import SlackFault
from approvalbot.wiring.live import Live, live

MOST_TRIES = 5
MOST_PAUSE_S = 60.0
"""Slack admits 20 calls a minute to its group methods, and says after how many seconds to come again."""

T = TypeVar("T")


def live_lints(loaded: Loaded, settings: Settings) -> list[Lint]:
    """Every entry that names nobody who could act, and every channel that the bot cannot write to.

    Raises:
        SettingsFault: the bot's token is missing.
    """
    now = live(settings, lambda: loaded.policies)
    found: list[Lint] = []
    for written in counted(loaded.written, "asking Slack", len(loaded.written)):
        if getattr(written.document, "mode", "") != "off":
            found += placed(_smells(written.document, now), written, loaded)
    return found


def _smells(document: Document, now: Live) -> Smells:
    for path, entry in approver_entries(document):
        if not entry.templated and not entry.name.startswith("$"):
            yield from _asked(path, f"{entry.kind} {entry.name}", partial(_entry, entry, path, now))
    for path, channel in notice_channels(document):
        yield from _asked(path, f"channel {channel}", partial(unreachable, channel, now, path))


def _entry(entry: Approver, path: KeyPath, now: Live) -> list[Smell]:
    members = now.people.members(entry, entry.name)
    if members is None:
        message = f"{entry.name} names nobody: there is no such {_WHAT[entry.kind]}"
        return [Smell("names-nobody", "error", path, message)]
    if not members and entry.kind == "oncall":
        message = f"nobody is on call for {entry.name} now, or none of them has an account here under their e-mail"
        return [Smell("empty-group", "warning", path, message)]
    if not members:
        return [Smell("empty-group", "error", path, f"{entry.name} has nobody in it")]
    if not any(_may_decide(slack, now) for slack in sorted(members)):
        message = f"nobody of {entry.name} may decide: guests, bots, deactivated or of another team, all {len(members)}"
        return [Smell("nobody-may-decide", "error", path, message)]
    return []


def _may_decide(slack: str, now: Live) -> bool:
    try:
        member = now.people.who(slack)
    except MoveRefused as fault:
        if isinstance(fault.__cause__, SlackFault) and fault.__cause__.gone:
            return False
        raise
    return member.person and member.active and member.full


_WHAT = {
    "user": "person in the workspace or the identities",
    "usergroup": "user group",
    "channel_members": "channel that the bot can see",
    "oncall": "provider or schedule",
    "role": "role in the identities",
    "manager_of": "person with a manager in the identities",
}


def unreachable(name: str, now: Live, path: KeyPath = ()) -> list[Smell]:
    """What keeps the bot from writing to a channel; empty when nothing does."""
    channel = now.people.channel_id(name)
    try:
        told = None if channel is None else now.api.read("conversations.info", channel=channel)["channel"]
    except SlackFault as fault:
        if not fault.gone:
            raise
        told = None
    if told is None:
        why = "it is not there, archived, or private without the bot"
    elif told.get("is_archived"):
        why = "it is archived"
    elif not told.get("is_member"):
        why = "the bot is not in it; /invite @approvalbot"
    else:
        return []
    return [Smell("channel-unreachable", "error", path, f"the bot cannot write to {name}: {why}")]


def _asked(path: KeyPath, what: str, ask: Callable[[], list[Smell]]) -> Iterator[Smell]:
    try:
        yield from _patiently(ask)
    except ApprovalBotError as fault:
        why = fault.__cause__ if isinstance(fault, MoveRefused) and fault.__cause__ else fault
        yield Smell("not-looked-up", "error", path, f"{what} could not be looked up: {why}")


def _patiently(ask: Callable[[], T]) -> T:
    """Ask, and come again when Slack says so."""
    for _ in range(MOST_TRIES - 1):
        try:
            return ask()
        except (MoveRefused, SlackFault) as fault:
            slack = fault if isinstance(fault, SlackFault) else fault.__cause__
            pause_s = slack.retry_after_s if isinstance(slack, SlackFault) else None
            if pause_s is None or pause_s > MOST_PAUSE_S:
                raise
            time.sleep(pause_s)
    return ask()
