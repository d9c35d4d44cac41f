"""Slash commands and shortcuts: what a person starts by themselves."""

import re

from approvalbot.workspace.config import Command, Shortcut
from approvalbot.workspace.deliveries.acting import channel_of, check_installed, seen_message
from approvalbot.workspace.deliveries.answers import show_reply
from approvalbot.workspace.deliveries.deliver import deliver
from approvalbot.workspace.deliveries.link import Delivery
from approvalbot.workspace.deliveries.outcome import Outcome, outcome_of, refusal_sentence
from approvalbot.workspace.deliveries.payloads import envelope, message_place, slash_command, trigger
from approvalbot.workspace.errors import Refusal, Unable
from approvalbot.workspace.state.cast import Person
from approvalbot.workspace.state.directory import Directory
from approvalbot.workspace.workspace import Workspace


async def run_command(workspace: Workspace, person: Person, channel_id: str, line: str) -> Outcome:
    """Run a line such as `/access request prod-db` in a channel.

    Raises:
        Unable: the app has no such command.
    """
    check_installed(workspace)
    word, _, text = line.strip().partition(" ")
    held = workspace.config.commands if "commands" in workspace.tokens.bot.scopes else ()
    command = next((one for one in held if one.command == word.lower()), None)
    if command is None:
        known = ", ".join(one.command for one in held) or "none"
        raise Unable(f"{word} is not a valid command. The app has: {known}", status=404)
    channel = channel_of(workspace, person, channel_id)
    text = escaped(workspace.directory, command, text.strip())
    fields = slash_command(workspace, person, channel, command.command, text)
    reply, entry = await deliver(workspace, Delivery("slash_commands", command.command, fields), person.id)
    if reply.failure:
        code = "operation_timeout" if reply.failure == "http_timeout" else "dispatch_failed"
        return outcome_of(entry, f'{command.command} failed with the error "{code}"')
    try:
        show_reply(workspace, reply, channel.id, person.id)
    except Refusal as refusal:
        return outcome_of(entry, f'{command.command} failed with the error "{refusal_sentence(refusal)}"')
    return outcome_of(entry)


def escaped(directory: Directory, command: Command, text: str) -> str:
    """The text as the app gets it: with `should_escape`, mentions become ids and addresses stand in brackets."""
    if not command.should_escape:
        return text

    def mention(found: re.Match[str]) -> str:
        name = found[1].lower()
        for person in directory.people.values():
            if person.name == name:
                return f"<@{person.id}|{person.name}>"
        for group in directory.groups.values():
            if group.handle == name:
                return f"<!subteam^{group.id}|@{group.handle}>"
        return found[0]

    def channel(found: re.Match[str]) -> str:
        named = directory.channel(found[1])
        return f"<#{named.id}|{named.name}>" if named else found[0]

    text = re.sub(r"(?<![\w<|])@([a-zA-Z0-9._-]+)", mention, text)
    text = re.sub(r"(?<![\w<|])#([a-z0-9_-]+)", channel, text)
    return re.sub(r"(?<![<|])\bhttps?://[^\s<>|]+", lambda found: f"<{found[0]}>", text)


async def run_shortcut(
    workspace: Workspace, person: Person, callback_id: str, channel_id: str | None = None, ts: str | None = None
) -> Outcome:
    """Run a global shortcut, from the channel the person looks at if any, or with a `ts` one on that message.

    Raises:
        Unable: the app has no such shortcut of that kind.
    """
    check_installed(workspace)
    on_message = channel_id is not None and ts is not None
    _known_shortcut(workspace, callback_id, on_message=on_message)
    what = "message_action" if on_message else "shortcut"
    channel = channel_of(workspace, person, channel_id) if channel_id is not None else None
    payload = envelope(workspace, what, person)
    payload |= {
        "callback_id": callback_id,
        "trigger_id": trigger(workspace, person, what, channel=channel.id if channel else None),
        "action_ts": f"{workspace.clock.now_s():.6f}",
    }
    if channel is not None and ts is not None:
        message = seen_message(workspace, person, channel, ts)
        if message.only_for is not None:
            raise Unable("a message that only one person sees has no shortcuts")
        place = message_place(workspace, message, channel, person)
        payload |= {key: place[key] for key in ("channel", "message")}
        payload["message_ts"] = message.ts
        # Its answers stand beside the message: a shortcut is no press in a message of the app's own.
        payload["response_url"] = workspace.origin + workspace.response_urls.make(channel.id, person.id)
    reply, entry = await deliver(workspace, Delivery("interactive", what, payload), person.id)
    return outcome_of(entry, entry.failure if reply.failure else "")


def _known_shortcut(workspace: Workspace, callback_id: str, *, on_message: bool) -> Shortcut:
    kind = "message" if on_message else "global"
    for shortcut in workspace.config.shortcuts if "commands" in workspace.tokens.bot.scopes else ():
        if shortcut.callback_id == callback_id and shortcut.kind == kind:
            return shortcut
    raise Unable(f"the app has no {kind} shortcut {callback_id!r}", status=404)
