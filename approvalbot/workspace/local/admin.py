"""The workspace's own levers: people, groups, channels, faults, the traffic inspector, the installation, reset."""

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.deliveries.changes import change_channel, install, set_active, set_members, uninstall
from approvalbot.workspace.deliveries.events import verify_bot
from approvalbot.workspace.deliveries.replay import replay
from approvalbot.workspace.errors import Unable
from approvalbot.workspace.local.sessions import as_json, body_of, place_of_request
from approvalbot.workspace.local.shapes import person_seen
from approvalbot.workspace.state.faults import FaultOrder
from approvalbot.workspace.state.traffic import shown


async def change_person(request: Request) -> Response:
    """`POST /local/people/{id} {"active"}`: deactivate a person, or take them back."""
    body = await body_of(request)
    if not isinstance(body.get("active"), bool):
        raise Unable("'active' is true or false", status=400)
    person = set_active(place_of_request(request), request.path_params["user"], active=body["active"])
    return as_json({"user": person_seen(person)})


async def change_group(request: Request) -> Response:
    """`POST /local/groups/{id} {"members": [ids]}`: give a user group other members."""
    members = (await body_of(request)).get("members")
    if not isinstance(members, list) or not all(isinstance(one, str) for one in members):
        raise Unable("'members' is a list of user ids", status=400)
    group = set_members(place_of_request(request), request.path_params["group"], tuple(dict.fromkeys(members)))
    return as_json({"group": group.model_dump(include={"id", "handle", "name", "members"})})


async def alter_channel(request: Request) -> Response:
    """`POST /local/channels/{id} {"archived"?, "deleted"?, "members"?}`: archive, delete or re-people a channel."""
    channel = change_channel(place_of_request(request), request.path_params["channel"], await body_of(request))
    return as_json({"channel": channel.model_dump(mode="json")})


async def faults(request: Request) -> Response:
    """`GET /local/faults`: what is switched on. `POST`: switch one on. `DELETE`: switch all off."""
    workspace = place_of_request(request)
    if request.method == "POST":
        try:
            order = FaultOrder.model_validate(await body_of(request))
        except ValidationError as fault:
            raise Unable(f"{fault.errors()[0]['loc']}: {fault.errors()[0]['msg']}", status=400) from None
        workspace.faults.add(order)
        workspace.hub.tell("faults")
    elif request.method == "DELETE":
        workspace.faults.clear()
        workspace.hub.tell("faults")
    return as_json({"faults": workspace.faults.shown()})


async def fault(request: Request) -> Response:
    """`DELETE /local/faults/{id}`: switch one off."""
    workspace = place_of_request(request)
    if not workspace.faults.remove(request.path_params["fault"]):
        raise Unable("that fault is not switched on", status=404)
    workspace.hub.tell("faults")
    return as_json({"faults": workspace.faults.shown()})


async def traffic(request: Request) -> Response:
    """`GET /local/traffic?after=N&direction=…`: what went in and out, oldest first. `DELETE`: forget it."""
    workspace = place_of_request(request)
    if request.method == "DELETE":
        workspace.traffic.clear()
    after = int(request.query_params.get("after", "0"))
    wanted = request.query_params.get("direction")
    entries = [
        shown(entry)
        for entry in workspace.traffic.entries
        if entry.number > after and wanted in {None, entry.direction}
    ]
    return as_json({"n": workspace.hub.number, "entries": entries})


async def replay_entry(request: Request) -> Response:
    """`POST /local/traffic/{n}/replay {"fresh"?}`: send a delivery again to the byte, or newly signed with `fresh`."""
    body = await body_of(request)
    entry = await replay(place_of_request(request), request.path_params["number"], fresh=bool(body.get("fresh")))
    return as_json({"entry": shown(entry)})


async def app(request: Request) -> Response:
    """`POST /local/app {"installed"?, "verify"?}`: remove or take back the app, or check its request URL."""
    workspace = place_of_request(request)
    body = await body_of(request)
    if body.get("installed") is False:
        uninstall(workspace)
    elif body.get("installed") is True:
        install(workspace)
    if body.get("verify"):
        return as_json((await verify_bot(workspace)).shown())
    return as_json({"installed": workspace.tokens.bot.fault is None})


async def reset(request: Request) -> Response:
    """`POST /local/reset`: everything as at the first start."""
    place_of_request(request).reset()
    return as_json({"ok": True})
