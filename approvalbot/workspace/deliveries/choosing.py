"""What Slack itself fills into selects of people and conversations, and which of it one person may choose."""

from collections.abc import Callable, Mapping
from typing import Any

from approvalbot.workspace.blockkit.places import Place
from approvalbot.workspace.blockkit.values import state_values, stateful
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.state.cast import Channel, Person
from approvalbot.workspace.workspace import Workspace

Offered = Callable[[Workspace, Person, Json], list[str]]


def offered_to(workspace: Workspace, person: Person, element: Json) -> list[str] | None:
    """The ids that a select offers to a person; None for an element whose choices are its own."""
    offer = OFFERS.get(element["type"].removeprefix("multi_"))
    return offer(workspace, person, element) if offer else None


def check_choice(workspace: Workspace, person: Person, place: Place, plain: Any) -> None:
    """Check that what was chosen stands in the list.

    Raises:
        Unable: it does not.
    """
    offered = offered_to(workspace, person, place.element)
    if offered is None:
        return
    for one in plain if isinstance(plain, list | tuple) else [plain]:
        if one not in {None, ""} and one not in offered:
            raise Unable(f"{one!r} is not offered by {place.action_id!r}", status=404)


def offers_of(workspace: Workspace, person: Person) -> Mapping[str, list[Json]]:
    """What the bot suggested to a person for external selects, by action_id."""
    return workspace.offers.get(person.id, {})


def filled(
    workspace: Workspace,
    person: Person,
    blocks: list[Json],
    before: Mapping[str, Json],
    given: Mapping[str, Mapping[str, Any]],
) -> dict[str, Json]:
    """The `state.values` of blocks once a person has put in what is `given`.

    Raises:
        Unable: a value was given for an input that is not there, or one that the input does not offer.
    """
    for place in stateful(blocks):
        if place.action_id in given.get(place.block_id, {}):
            check_choice(workspace, person, place, given[place.block_id][place.action_id])
    return state_values(blocks, before, given, offers_of(workspace, person))


def _people(workspace: Workspace, _person: Person, _element: Json) -> list[str]:
    return [one.id for one in workspace.directory.people.values() if not one.deleted]


def _channels(workspace: Workspace, _person: Person, _element: Json) -> list[str]:
    return [one.id for one in _public(workspace)]


def _public(workspace: Workspace) -> list[Channel]:
    rooms = workspace.directory.channels.values()
    return [one for one in rooms if not (one.is_private or one.is_im or one.is_archived or one.is_deleted)]


def _conversations(workspace: Workspace, person: Person, element: Json) -> list[str]:
    """The public channels, and whatever else the person is in, through the element's `filter`."""
    own = [one for one in workspace.directory.channels_of(person.id) if not one.is_archived]
    wanted = element.get("filter", {})
    everything = {one.id: one for one in (*own, *_public(workspace))}
    return [one.id for one in everything.values() if _passes(workspace, person, one, wanted)]


def _passes(workspace: Workspace, person: Person, channel: Channel, wanted: Json) -> bool:
    if "include" in wanted and _sort(channel) not in wanted["include"]:
        return False
    if wanted.get("exclude_external_shared_channels") and channel.is_ext_shared:
        return False
    others = [workspace.directory.people[one] for one in channel.members if one != person.id]
    return not (wanted.get("exclude_bot_users") and channel.is_im and any(one.is_bot for one in others))


def _sort(channel: Channel) -> str:
    """What a filter calls this kind of conversation."""
    return "im" if channel.is_im else "mpim" if channel.is_mpim else "private" if channel.is_private else "public"


OFFERS: Mapping[str, Offered] = {
    "users_select": _people,
    "channels_select": _channels,
    "conversations_select": _conversations,
}
