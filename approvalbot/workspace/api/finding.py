"""From an argument to the channel or person it names, with the refusals that Slack gives on the way."""

from approvalbot.workspace.api.call import Call
from approvalbot.workspace.errors import Refusal
from approvalbot.workspace.state.cast import Channel, Person
from approvalbot.workspace.state.messages import Message


def known_channel(call: Call, name: str = "channel", *, by_name: bool = False) -> Channel:
    """The channel an argument names by id, and with `by_name` by name too.

    Raises:
        Refusal: `channel_not_found`, also for a private channel that the app is not in.
    """
    directory = call.workspace.directory
    reference = call.arguments.needed(name)
    channel = directory.channel(reference) if by_name or reference in directory.channels else None
    if channel is None or not directory.app_sees(channel):
        raise Refusal("channel_not_found")
    return channel


def writable_channel(call: Call, *, to_people: bool = False, restricted: str = "") -> Channel:
    """The channel a message is to go to: an id or a name, and with `to_people` a person for the DM with them.

    `restricted` is the one code of a method that does not say which of the channel's rules stands against it.

    Raises:
        Refusal: it is not there, archived, closed for such a message, or the app is not in it.
    """
    channel = (_person_dm(call) if to_people else None) or known_channel(call, by_name=True)
    if channel.is_archived:
        raise Refusal("is_archived")
    if channel.is_im and call.workspace.config.messages_tab == "off":
        raise Refusal("messages_tab_disabled")
    is_member = call.workspace.directory.app.user_id in channel.members
    if not is_member and (channel.is_private or "chat:write.public" not in call.token.scopes):
        raise Refusal("not_in_channel")
    if code := _against(call, channel):
        raise Refusal(restricted or code)
    return channel


def _against(call: Call, channel: Channel) -> str:
    """The code of the channel's rule that such a message breaks; empty when it breaks none."""
    in_thread = "thread_ts" in call.arguments
    if channel.is_read_only:
        return "restricted_action_read_only_channel"
    if channel.is_thread_only and not in_thread:
        return "restricted_action_thread_only_channel"
    return "restricted_action_non_threadable_channel" if channel.is_non_threadable and in_thread else ""


def _person_dm(call: Call) -> Channel | None:
    directory = call.workspace.directory
    person = directory.people.get(call.arguments.needed("channel"))
    if person is None:
        return None
    if person.deleted or person.is_bot or not directory.app_sees_person(person):
        raise Refusal("channel_not_found")
    return directory.app_dm(person.id)


def visible_person(call: Call, name: str = "user") -> Person:
    """The person an argument names by id.

    Raises:
        Refusal: `user_not_found` or `user_not_visible`.
    """
    directory = call.workspace.directory
    person = directory.people.get(call.arguments.text(name))
    if person is None:
        raise Refusal("user_not_found")
    if not directory.app_sees_person(person):
        raise Refusal("user_not_visible")
    return person


def known_message(call: Call, channel: Channel, name: str = "ts") -> Message:
    """The message an argument names; ephemeral ones cannot be named.

    Raises:
        Refusal: `message_not_found`.
    """
    message = call.workspace.messages.get(channel.id, call.arguments.needed(name))
    if message is None:
        raise Refusal("message_not_found")
    return message
