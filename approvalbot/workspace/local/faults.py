"""The workbench's levers for bad days: faults to order, and the traffic inspector with its replays."""

from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.api.codes import OWN, codes_of
from approvalbot.workspace.deliveries.replay import replay
from approvalbot.workspace.errors import Unable
from approvalbot.workspace.local.sessions import as_json, body_of, place_of_request, wanted
from approvalbot.workspace.state.faults import DELIVERY_FAULTS, RESPONSE_URL, TRANSPORT_FAULTS, FaultOrder
from approvalbot.workspace.state.traffic import shown
from approvalbot.workspace.workspace import Workspace

INTERACTIONS = ("block_actions", "view_submission", "view_closed", "block_suggestion", "shortcut", "message_action")


async def faults(request: Request) -> Response:
    """`GET /local/faults`: what is switched on. `POST`: switch one on. `DELETE`: switch all off."""
    workspace = place_of_request(request)
    if request.method == "POST":
        order = wanted(FaultOrder, await body_of(request))
        _check(workspace, order)
        workspace.faults.add(order)
        workspace.hub.tell("faults")
    elif request.method == "DELETE":
        workspace.faults.clear()
        workspace.hub.tell("faults")
    return as_json({"faults": workspace.faults.shown()})


async def choices(request: Request) -> Response:
    """`GET /local/faults/choices`: what a fault may strike, and the error codes that each method may answer with."""
    return as_json(
        {
            "methods": {method: sorted(codes_of(method)) for method in sorted(OWN)},
            "any_method": sorted(codes_of("*")),
            "deliveries": _deliveries(place_of_request(request)),
        }
    )


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
    after = request.query_params.get("after", "0")
    if not after.isdigit():
        raise Unable("after is a number of the inspector's", status=400)
    direction = request.query_params.get("direction")
    entries = [
        shown(entry)
        for entry in workspace.traffic.entries
        if entry.number > int(after) and direction in {None, entry.direction}
    ]
    return as_json({"n": workspace.hub.number, "entries": entries})


async def replay_entry(request: Request) -> Response:
    """`POST /local/traffic/{n}/replay {"fresh"?}`: send a delivery again to the byte, or newly signed with `fresh`."""
    body = await body_of(request)
    entry = await replay(place_of_request(request), request.path_params["number"], fresh=bool(body.get("fresh")))
    return as_json({"entry": shown(entry)})


def _deliveries(workspace: Workspace) -> list[str]:
    commands = [one.command for one in workspace.config.commands]
    events = [one.partition(".")[0] for one in workspace.config.events]
    return [*INTERACTIONS, *commands, *events, "url_verification"]


def _check(workspace: Workspace, order: FaultOrder) -> None:
    """Refuse a fault that Slack does not have: a code that is not the method's, or a target that never comes.

    Raises:
        Unable: with what there is instead.
    """
    if order.kind in DELIVERY_FAULTS:
        targets = {"*", *_deliveries(workspace)}
    else:
        targets = {"*", *OWN} | ({RESPONSE_URL} if order.kind in TRANSPORT_FAULTS else set())
    if order.target not in targets:
        raise Unable(f"{order.kind} cannot strike {order.target!r}; it can: {', '.join(sorted(targets))}", status=400)
    if order.kind == "error" and order.error not in codes_of(order.target):
        listed = ", ".join(sorted(codes_of(order.target)))
        raise Unable(f"{order.target} never answers {order.error!r}; it can answer: {listed}", status=400)
