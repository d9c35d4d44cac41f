"""Who acts, and on what they can act: the checks that Slack's own client makes before anything leaves it."""

from collections.abc import Iterable

from approvalbot.workspace.blockkit.places import Place, interactive
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.state.cast import Channel, Person
from approvalbot.workspace.state.messages import Message
from approvalbot.workspace.state.views import View
from approvalbot.workspace.workspace import Workspace


def acting_person(workspace: Workspace, user: str) -> Person:
    """The person, as long as they may do anything at all.

    Raises:
        Unable: they are not here any more, or were never.
    """
    person = workspace.directory.people.get(user)
    if person is None:
        raise Unable(f"there is no person {user!r} in this workspace", status=404)
    if person.deleted:
        raise Unable(f"{person.real_name}'s account is deactivated: nothing can be done with it", status=403)
    return person


def check_installed(workspace: Workspace) -> None:
    """Check that there is an app to reach.

    Raises:
        Unable: it was removed from the workspace.
    """
    if not workspace.installed:
        raise Unable(f"{workspace.directory.app.name} is not installed in this workspace any more")


def known_people(workspace: Workspace, users: Iterable[str]) -> None:
    """Check that everybody named is here.

    Raises:
        Unable: with the first who is not.
    """
    for unknown in [one for one in users if one not in workspace.directory.people]:
        raise Unable(f"there is no person {unknown!r}", status=404)


def channel_of(workspace: Workspace, person: Person, reference: str) -> Channel:
    """A channel by id or name that the person is in.

    Raises:
        Unable: there is no such channel, or they are not in it.
    """
    channel = workspace.directory.channel(reference)
    if channel is None or person.id not in channel.members:
        raise Unable(f"{person.real_name} is not in a channel {reference!r}", status=404)
    return channel


def seen_message(workspace: Workspace, person: Person, channel: Channel, ts: str) -> Message:
    """A message the person sees.

    Raises:
        Unable: it is not there, or it is only for somebody else.
    """
    message = workspace.messages.get_for(person.id, channel.id, ts)
    if message is None:
        raise Unable(f"{person.real_name} sees no message {ts} in #{channel.name or channel.id}", status=404)
    return message


def open_view(workspace: Workspace, person: Person, view_id: str | None, *, home: bool = False) -> View:
    """The view the person looks at: the top of their stack, or their Home tab. `view_id` must match it when given.

    Raises:
        Unable: nothing is open, or another view lies on top.
    """
    held = workspace.views.homes.get(person.id) if home else workspace.views.top(person.id)
    if held is None or (view_id is not None and held.id != view_id):
        what = "Home tab" if home else "modal"
        raise Unable(f"{person.real_name} has no such {what} open", status=404)
    return held


def place_of(blocks: list[Json], action_id: str, block_id: str | None) -> Place:
    """The interactive element with an action_id; `block_id` tells several apart.

    Raises:
        Unable: it is not there.
    """
    for place in interactive(blocks):
        if place.action_id == action_id and block_id in {None, place.block_id}:
            return place
    found = ", ".join(sorted(place.action_id for place in interactive(blocks))) or "none"
    raise Unable(f"there is nothing to press with action_id {action_id!r}; there is: {found}", status=404)
