"""chat.*: posting, changing and deleting messages, ephemeral ones, and permalinks."""

from approvalbot.workspace.api.call import Call, Method, Methods
from approvalbot.workspace.api.content import UPDATE_TEXT, Content, content_of
from approvalbot.workspace.api.finding import known_channel, known_message, writable_channel
from approvalbot.workspace.api.shapes import message_shape, permalink
from approvalbot.workspace.errors import Json, Refusal
from approvalbot.workspace.state.cast import Channel
from approvalbot.workspace.state.messages import Message


def post_message(call: Call) -> Json:
    """Post as the app. The answer names the channel by id, whatever it was called with."""
    channel = writable_channel(call, to_people=True)
    content = content_of(call.arguments, cut=True, measured=True)
    message = post_content(call, channel, content)
    return {"channel": channel.id, "ts": message.ts, "message": _shape(call, message)}


def post_content(call: Call, channel: Channel, content: Content) -> Message:
    """Write a checked message into a channel or a thread of it.

    Raises:
        Refusal: `cannot_reply_to_message`, the thread's head is not there or is itself a reply, or it is locked.
    """
    workspace = call.workspace
    message = workspace.messages.add(
        channel.id,
        workspace.directory.app.user_id,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=content.metadata,
        by_app=True,
        thread_ts=thread_of(call, channel),
        is_broadcast=call.arguments.flag("reply_broadcast") and "thread_ts" in call.arguments,
    )
    workspace.hub.tell(f"channel:{channel.id}")
    return message


def thread_of(call: Call, channel: Channel, *, locked: str = "restricted_action_thread_locked") -> str | None:
    """The `ts` of the thread a message is to go into; None for the channel itself.

    Raises:
        Refusal: `cannot_reply_to_message`, or `locked` when the thread takes no more replies.
    """
    thread_ts = call.arguments.text("thread_ts")
    if not thread_ts:
        return None
    head = call.workspace.messages.get(channel.id, thread_ts)
    if head is None or head.is_reply or head.subtype == "tombstone":
        raise Refusal("cannot_reply_to_message")
    if head.is_locked:
        raise Refusal(locked)
    return thread_ts


def update(call: Call) -> Json:
    """Replace a message of the app. Text without blocks removes the blocks, as on the real Slack."""
    workspace = call.workspace
    channel = known_channel(call)
    message = known_message(call, channel)
    if channel.is_archived:
        raise Refusal("is_inactive")
    if not message.by_app or message.subtype == "tombstone":
        raise Refusal("cant_update_message")
    window_s = workspace.config.edit_window_s
    if window_s is not None and workspace.clock.now_s() - float(message.ts) > window_s:
        raise Refusal("edit_window_closed")
    content = content_of(call.arguments, longest=UPDATE_TEXT)
    edited = message.edited
    if content.text != message.text:
        edited = {"user": workspace.directory.app.user_id, "ts": f"{int(workspace.clock.now_s())}.000000"}
    changed = workspace.messages.change(
        message,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=content.metadata if "metadata" in call.arguments else message.metadata,
        edited=edited,
    )
    workspace.hub.tell(f"channel:{channel.id}")
    return {"channel": channel.id, "ts": changed.ts, "text": changed.text, "message": _shape(call, changed)}


def delete(call: Call) -> Json:
    """Delete a message of the app."""
    channel = known_channel(call)
    message = known_message(call, channel)
    if not message.by_app:
        raise Refusal("cant_delete_message")
    call.workspace.messages.remove(message)
    call.workspace.hub.tell(f"channel:{channel.id}")
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(call: Call) -> Json:
    """Show a message to one person of a channel, and to nobody else, until they dismiss it."""
    workspace = call.workspace
    channel = writable_channel(call, restricted="restricted_action")
    person = workspace.directory.people.get(call.arguments.needed("user"))
    if person is None or person.deleted or person.id not in channel.members:
        raise Refusal("user_not_in_channel")
    content = content_of(call.arguments)
    message = workspace.messages.add(
        channel.id,
        workspace.directory.app.user_id,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        by_app=True,
        thread_ts=thread_of(call, channel, locked="restricted_action"),
        only_for=person.id,
    )
    workspace.hub.tell(f"channel:{channel.id}")
    return {"message_ts": message.ts}


def get_permalink(call: Call) -> Json:
    """The address of a message."""
    channel = known_channel(call)
    message = known_message(call, channel, "message_ts")
    return {"channel": channel.id, "permalink": permalink(call.workspace.origin, message)}


def _shape(call: Call, message: Message) -> Json:
    replies = call.workspace.messages.replies(message.channel, message.ts)
    return message_shape(call.workspace.directory, message, call.workspace.origin, replies=replies)


METHODS: Methods = {
    "chat.postMessage": Method(post_message, ("chat:write",), own_limit=True),
    "chat.update": Method(update, ("chat:write",), tier=3),
    "chat.delete": Method(delete, ("chat:write",), tier=3),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",), tier=4),
    "chat.getPermalink": Method(get_permalink, takes_json=False),
}
