"""reactions.*: the app's own reactions on messages."""

import re

from approvalbot.workspace.api.call import Call, Method, Methods
from approvalbot.workspace.api.finding import known_channel
from approvalbot.workspace.errors import Json, Refusal
from approvalbot.workspace.state.clock import ts_micros
from approvalbot.workspace.state.messages import Message

MOST_REACTIONS = 23
"""Different emoji one person may put on a message (slack.com/help, "Use emoji reactions")."""

MOST_EMOJI = 50
"""Different emoji on one message. Slack does not say how many it takes; this is our guess."""


def add(call: Call) -> Json:
    """React as the app."""
    message, name = _item(call)
    users = message.reactions.get(name, [])
    if call.token.user in users:
        raise Refusal("already_reacted")
    if sum(call.token.user in held for held in message.reactions.values()) >= MOST_REACTIONS:
        raise Refusal("too_many_reactions")
    if name not in message.reactions and len(message.reactions) >= MOST_EMOJI:
        raise Refusal("too_many_emoji")
    return _change(call, message, {**message.reactions, name: [*users, call.token.user]})


def remove(call: Call) -> Json:
    """Take a reaction of the app back."""
    message, name = _item(call)
    users = message.reactions.get(name, [])
    if call.token.user not in users:
        raise Refusal("no_reaction")
    left = [user for user in users if user != call.token.user]
    reactions = {key: held for key, held in message.reactions.items() if key != name}
    return _change(call, message, reactions | ({name: left} if left else {}))


def _item(call: Call) -> tuple[Message, str]:
    name = call.arguments.text("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?", name):
        raise Refusal("invalid_name")
    timestamp = call.arguments.text("timestamp")
    if not timestamp:
        raise Refusal("no_item_specified")
    channel = known_channel(call)
    try:
        ts_micros(timestamp)
    except ValueError:
        raise Refusal("bad_timestamp") from None
    message = call.workspace.messages.get(channel.id, timestamp)
    if message is None:
        raise Refusal("message_not_found")
    if channel.is_archived:
        raise Refusal("is_archived")
    head = call.workspace.messages.get(channel.id, message.thread_ts or message.ts)
    if head is not None and head.is_locked:
        raise Refusal("thread_locked")
    return message, name


def _change(call: Call, message: Message, reactions: dict[str, list[str]]) -> Json:
    call.workspace.messages.change(message, reactions=reactions)
    call.workspace.hub.tell(f"channel:{message.channel}")
    return {}


METHODS: Methods = {
    "reactions.add": Method(add, ("reactions:write",), tier=3),
    "reactions.remove": Method(remove, ("reactions:write",), tier=2),
}
