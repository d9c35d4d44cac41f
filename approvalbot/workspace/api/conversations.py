"""conversations.*: the channels, who is in them, opening DMs, joining, and reading history where a scope allows it."""

from approvalbot.workspace.api.call import Call, Method, Methods
from approvalbot.workspace.api.finding import known_channel
from approvalbot.workspace.api.pages import page_of
from approvalbot.workspace.api.people import wanted_types
from approvalbot.workspace.api.shapes import channel_shape, message_shape
from approvalbot.workspace.deliveries.rooms import ChannelChange, change_channel
from approvalbot.workspace.errors import Json, Refusal
from approvalbot.workspace.state.cast import Channel
from approvalbot.workspace.state.clock import ts_micros
from approvalbot.workspace.state.messages import Message

LARGEST_GROUP_DM = 8
"""errors.json, conversations.open `too_many_users`: "Needs at most 8 users to open"."""


def conversations_list(call: Call) -> Json:
    """Every channel the app can see, of the types asked for."""
    directory = call.workspace.directory
    visible = [one for one in directory.channels.values() if directory.app_sees(one) and not one.is_deleted]
    page, more = page_of(call, wanted_types(call, visible), bad_limit="invalid_limit")
    return {"channels": [channel_shape(directory, one, with_members=True) for one in page], **more}


def conversations_info(call: Call) -> Json:
    """One channel."""
    channel = _readable(call)
    if channel.is_limited_access:
        raise Refusal("channel_is_limited_access")
    with_members = call.arguments.flag("include_num_members")
    return {"channel": channel_shape(call.workspace.directory, channel, with_members=with_members)}


def conversations_members(call: Call) -> Json:
    """The ids of a channel's members."""
    page, more = page_of(call, _readable(call).members, bad_limit="invalid_limit")
    return {"members": page, **more}


def _readable(call: Call) -> Channel:
    channel = known_channel(call)
    _need(call, f"{_family(channel)}:read")
    return channel


def _family(channel: Channel) -> str:
    """What Slack's scopes call this kind of conversation."""
    return "im" if channel.is_im else "mpim" if channel.is_mpim else "groups" if channel.is_private else "channels"


def _need(call: Call, scope: str) -> None:
    if scope not in call.token.scopes:
        raise Refusal("missing_scope", needed=scope, provided=",".join(call.token.scopes))


def conversations_open(call: Call) -> Json:
    """Open the DM with one person, or the group DM with up to eight; the same people always give the same channel."""
    directory = call.workspace.directory
    if "channel" in call.arguments:
        channel = known_channel(call)
        if not (channel.is_im or channel.is_mpim):
            raise Refusal("method_not_supported_for_channel_type")
        return _opened(call, channel, is_new=False)
    people = _people_to_open(call)
    members = (*people, directory.app.user_id)
    is_new = directory.direct_channel(members, make=False) is None
    opened = directory.direct_channel(members, make=not call.arguments.flag("prevent_creation"))
    if opened is None:
        raise Refusal("channel_not_found")
    return _opened(call, opened, is_new=is_new)


def _people_to_open(call: Call) -> list[str]:
    listed = call.arguments.values.get("users")
    users = listed if isinstance(listed, list) else call.arguments.text("users").split(",")
    people = list(dict.fromkeys(str(one).strip() for one in users if str(one).strip()))
    if not people:
        raise Refusal("users_list_not_supplied")
    if len(people) > LARGEST_GROUP_DM:
        raise Refusal("too_many_users")
    if people == [call.workspace.directory.app.user_id]:
        raise Refusal("not_enough_users")
    if len(people) > 1:
        _need(call, "mpim:write")
    for user in people:
        _check_person(call, user)
    _check_strangers(call, people)
    return people


def _check_strangers(call: Call, people: list[str]) -> None:
    """People of other companies must already share a channel with each other before a group DM can hold them."""
    directory = call.workspace.directory
    strangers = {one for one in people if directory.people[one].is_stranger}
    together = any(strangers <= set(one.members) for one in directory.channels.values() if one.is_ext_shared)
    if strangers and not together:
        raise Refusal("invalid_user_combination")


def _check_person(call: Call, user: str) -> None:
    directory = call.workspace.directory
    person = directory.people.get(user)
    # Another app cannot be written to (Slack has a code of its own for that, which is not in its documentation).
    if person is None or person.is_bot:
        raise Refusal("user_not_found")
    if not directory.app_sees_person(person):
        raise Refusal("user_not_visible")
    if person.deleted:
        raise Refusal("user_disabled")


def _opened(call: Call, channel: Channel, *, is_new: bool) -> Json:
    whole = call.arguments.flag("return_im")
    shown = channel_shape(call.workspace.directory, channel) if whole else {"id": channel.id}
    return {"channel": shown} if is_new else {"no_op": True, "already_open": True, "channel": shown}


def conversations_join(call: Call) -> Json:
    """Join a public channel."""
    directory = call.workspace.directory
    channel = known_channel(call)
    if channel.is_private or channel.is_im or channel.is_mpim:
        raise Refusal("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refusal("is_archived")
    if channel.is_limited_access:
        raise Refusal("channel_is_limited_access")
    if directory.app.user_id in channel.members:
        answer: Json = {"channel": channel_shape(directory, channel), "warning": "already_in_channel"}
        return answer | {"response_metadata": {"warnings": ["already_in_channel"]}}
    app = directory.app.user_id
    joined = change_channel(call.workspace, channel.id, ChannelChange(members=(*channel.members, app)), by=app)
    return {"channel": channel_shape(directory, joined)}


def conversations_history(call: Call) -> Json:
    """The messages of a channel, newest first, for an app that holds a history scope."""
    channel = known_channel(call)
    _need(call, f"{_family(channel)}:history")
    if channel.is_limited_access:
        raise Refusal("channel_is_limited_access")
    if call.workspace.directory.app.user_id not in channel.members:
        raise Refusal("not_in_channel")
    messages = [one for one in call.workspace.messages.in_channel(channel.id) if not one.is_reply or one.is_broadcast]
    page, more = page_of(call, _within(call, messages)[::-1])
    has_more = bool(more["response_metadata"]["next_cursor"])
    return {"messages": [_shape(call, one) for one in page], "has_more": has_more, "pin_count": 0, **more}


def conversations_replies(call: Call) -> Json:
    """A thread with its head, oldest first, for an app that holds a history scope."""
    channel = known_channel(call)
    _need(call, f"{_family(channel)}:history")
    head = call.workspace.messages.get(channel.id, call.arguments.text("ts"))
    if head is None:
        raise Refusal("thread_not_found")
    thread = [head, *call.workspace.messages.replies(channel.id, head.ts)]
    page, more = page_of(call, _within(call, thread))
    return {
        "messages": [_shape(call, one) for one in page],
        "has_more": bool(more["response_metadata"]["next_cursor"]),
        **more,
    }


def _within(call: Call, messages: list[Message]) -> list[Message]:
    for name in ("oldest", "latest"):
        limit = call.arguments.text(name)
        if not limit:
            continue
        try:
            at = ts_micros(limit if "." in limit else f"{limit}.000000")
        except ValueError:
            raise Refusal(f"invalid_ts_{name}") from None
        messages = [one for one in messages if (ts_micros(one.ts) > at) == (name == "oldest")]
    return messages


def _shape(call: Call, message: Message) -> Json:
    replies = call.workspace.messages.replies(message.channel, message.ts)
    return message_shape(call.workspace.directory, message, call.workspace.origin, replies=replies)


READS = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")

METHODS: Methods = {
    "conversations.list": Method(conversations_list, READS, tier=2, takes_json=False),
    "conversations.info": Method(conversations_info, READS, tier=3, takes_json=False),
    "conversations.members": Method(conversations_members, READS, tier=4, takes_json=False),
    "conversations.open": Method(conversations_open, ("im:write", "mpim:write"), tier=3),
    "conversations.join": Method(conversations_join, ("channels:join",), tier=3),
    "conversations.history": Method(conversations_history, HISTORY, tier=3, takes_json=False),
    "conversations.replies": Method(conversations_replies, HISTORY, tier=3, takes_json=False),
}
