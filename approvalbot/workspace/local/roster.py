"""The workspace's own levers over people, user groups and channels. The bot hears of each change as Slack tells it."""

from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.deliveries.acting import channel_of, seen_message
from approvalbot.workspace.deliveries.rooms import ChannelChange, NewChannel, add_channel, lock_thread
from approvalbot.workspace.deliveries.rooms import change_channel as change_room
from approvalbot.workspace.deliveries.rosters import GroupChange, NewPerson, PersonChange, add_group, add_person
from approvalbot.workspace.deliveries.rosters import change_group as change_subteam
from approvalbot.workspace.deliveries.rosters import change_person as change_user
from approvalbot.workspace.errors import Unable
from approvalbot.workspace.local.sessions import as_json, body_of, needed, place_of_request, viewer, wanted
from approvalbot.workspace.local.shapes import group_seen, message_seen, person_seen


async def join(request: Request) -> Response:
    """`POST /local/people {"name", "real_name", "email"?, "tz"?, "kind"?}`: somebody joins the workspace."""
    person = add_person(place_of_request(request), wanted(NewPerson, await body_of(request)))
    return as_json({"user": person_seen(person)})


async def change_person(request: Request) -> Response:
    """`POST /local/people/{id}`: change a person's `active`, `kind`, `role`, `real_name`, `email`, `tz` or `groups`."""
    change = wanted(PersonChange, await body_of(request))
    person = change_user(place_of_request(request), request.path_params["user"], change)
    return as_json({"user": person_seen(person)})


async def make_group(request: Request) -> Response:
    """`POST /local/groups {"handle", "name"?, "members"?}`: make a user group."""
    group = add_group(place_of_request(request), wanted(GroupChange, await body_of(request)))
    return as_json({"group": group_seen(group)})


async def change_group(request: Request) -> Response:
    """`POST /local/groups/{id}` with `members`, `handle`, `name`, `disabled`: change a user group."""
    change = wanted(GroupChange, await body_of(request))
    group = change_subteam(place_of_request(request), request.path_params["group"], change)
    return as_json({"group": group_seen(group)})


async def make_channel(request: Request) -> Response:
    """`POST /local/channels {"name", "private"?, "members"?}`: make a channel, with the signed-in person in it."""
    change = wanted(NewChannel, await body_of(request))
    channel = add_channel(place_of_request(request), viewer(request), change)
    return as_json({"channel": channel.model_dump(mode="json")})


async def change_channel(request: Request) -> Response:
    """`POST /local/channels/{id}`: change a channel.

    The body may hold `archived`, `deleted`, `members`, `name`, `shared`, `limited_access` and `posting`, which is
    `everyone`, `read_only`, `thread_only` or `no_threads`.
    """
    change = wanted(ChannelChange, await body_of(request))
    channel = change_room(place_of_request(request), request.path_params["channel"], change, viewer(request).id)
    return as_json({"channel": channel.model_dump(mode="json")})


async def lock(request: Request) -> Response:
    """`POST /local/threads/lock {"channel", "ts", "locked"}`: lock a thread, or open it again."""
    workspace = place_of_request(request)
    body = await body_of(request)
    person = viewer(request)
    channel = channel_of(workspace, person, needed(body, "channel"))
    message = seen_message(workspace, person, channel, needed(body, "ts"))
    if message.only_for is not None or message.is_reply:
        raise Unable("only a message that can have a thread can be locked")
    if not isinstance(body.get("locked"), bool):
        raise Unable("'locked' is true or false", status=400)
    changed = lock_thread(workspace, channel, message, locked=body["locked"])
    return as_json({"message": message_seen(workspace, changed)})
