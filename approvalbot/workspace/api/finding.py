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


def writable_channel(call: Call, *, read_only_code: str = "restricted_action_read_only_channel") -> Channel:
    """The channel a message is to go to: an id, a name, or a person for the DM with them.

    Raises:
        Refusal: it is not there, archived, read-only, or the app is not in it.
    """
    channel = _person_dm(call) or known_channel(call, by_name=True)
    if channel.is_archived:
        raise Refusal("is_archived")
    if channel.is_im and call.workspace.config.messages_tab == "off":
        raise Refusal("messages_tab_disabled")
    is_member = call.workspace.directory.app.user_id in channel.members
    if not is_member and "chat:write.public" not in call.token.scopes:
        raise Refusal("not_in_channel")
    if channel.is_read_only:
        raise Refusal(read_only_code)
    return channel


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
