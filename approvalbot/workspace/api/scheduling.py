"""chat.scheduleMessage and chat.deleteScheduledMessage. What is scheduled does not outlive the process."""

import asyncio

from approvalbot.workspace.api.call import Call, Method, Methods
from approvalbot.workspace.api.chat import post_content
from approvalbot.workspace.api.content import Content, content_of
from approvalbot.workspace.api.finding import writable_channel
from approvalbot.workspace.errors import Json, Refusal
from approvalbot.workspace.state.cast import Channel
from approvalbot.workspace.state.views import new_id

FURTHEST_S = 120 * 86_400
"""docs.slack.dev, chat.scheduleMessage: "up to 120 days into the future"."""
WINDOW_S, MOST_IN_WINDOW = 300, 30
"""docs.slack.dev, chat.scheduleMessage: at most 30 messages for one channel within five minutes."""


def schedule(call: Call) -> Json:
    """Post later."""
    workspace = call.workspace
    channel = _channel(call)
    content = content_of(call.arguments)
    post_at = _post_at(call)
    held = workspace.scheduled
    near = [at for place, at in held.values() if place == channel.id and abs(at - post_at) < WINDOW_S]
    if len(near) >= MOST_IN_WINDOW:
        raise Refusal("restricted_too_many")
    key = new_id("Q")
    held[key] = (channel.id, post_at)
    workspace.in_background(_post_later(call, key, channel, content, post_at))
    message: Json = {"text": content.text, "type": "delayed_message", "user": call.token.user}
    if content.blocks:
        message["blocks"] = list(content.blocks)
    return {"channel": channel.id, "scheduled_message_id": key, "post_at": post_at, "message": message}


def _channel(call: Call) -> Channel:
    """Where it is to go. The method has no code of its own for a Messages tab that is off."""
    try:
        return writable_channel(call)
    except Refusal as refusal:
        raise Refusal("restricted_action") if refusal.code == "messages_tab_disabled" else refusal from None


def _post_at(call: Call) -> int:
    try:
        post_at = call.arguments.integer("post_at")
    except ValueError:
        raise Refusal("invalid_time") from None
    if post_at is None:
        raise Refusal("invalid_time")
    now_s = call.workspace.clock.now_s()
    if post_at <= now_s:
        raise Refusal("time_in_past")
    if post_at > now_s + FURTHEST_S:
        raise Refusal("time_too_far")
    return post_at


async def _post_later(call: Call, key: str, channel: Channel, content: Content, post_at: int) -> None:
    await asyncio.sleep(max(0.0, post_at - call.workspace.clock.now_s()))
    if call.workspace.scheduled.pop(key, None) is None:
        return
    try:
        # By now the channel may be archived or closed, or the thread locked. Slack drops such a message silently.
        writable_channel(call)
        post_content(call, channel, content)
    except Refusal as refusal:
        entry = call.workspace.traffic.begin("call", "a scheduled message is due")
        call.workspace.traffic.end(entry, status=None, failure=f"not posted: {refusal.code}")


def delete_scheduled(call: Call) -> Json:
    """Take a scheduled message back before it is posted."""
    key = call.arguments.text("scheduled_message_id")
    held = call.workspace.scheduled.get(key)
    if held is None:
        raise Refusal("invalid_scheduled_message_id")
    if held[0] != call.arguments.text("channel"):
        raise Refusal("channel_not_found")
    del call.workspace.scheduled[key]
    return {}


METHODS: Methods = {
    "chat.scheduleMessage": Method(schedule, ("chat:write",), tier=3),
    "chat.deleteScheduledMessage": Method(delete_scheduled, ("chat:write",), tier=3),
}
