"""The panels beside Slack: sample events to send, and the service that waits for what comes of them."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.errors import Unable
from approvalbot.workspace.local.sessions import as_json, body_of, place_of_request, wanted
from approvalbot.workspace.outside.behaviour import Behaviour
from approvalbot.workspace.outside.samples import send_sample


async def samples(request: Request) -> Response:
    """`GET /local/samples`: the events that can be sent."""
    listed = [
        {
            "id": one.id,
            "title": one.title,
            "description": one.description,
            "url": one.url,
            "auth": one.auth.type,
            "wait": one.wait,
            "body": one.body,
        }
        for one in place_of_request(request).config.samples
    ]
    return as_json({"samples": listed})


async def send(request: Request) -> Response:
    """`POST /local/samples/{id} {"changes"?: {path: value}}`: send one; gives what was sent and what came back."""
    body = await body_of(request)
    changes = body.get("changes") or {}
    if not isinstance(changes, dict):
        raise Unable("'changes' is an object of dotted paths and values", status=400)
    sent = await send_sample(place_of_request(request), request.path_params["sample"], changes)
    return as_json({"sent": asdict(sent)})


async def service(request: Request) -> Response:
    """`GET /local/service`: events sent, deliveries received, waits, grants, and how the service was told to answer."""
    workspace = place_of_request(request)
    behaviours = [one.model_dump() for one in workspace.behaviours]
    return as_json({"n": workspace.hub.number, **workspace.book.shown(), "behaviours": behaviours})


async def behave(request: Request) -> Response:
    """`POST /local/service/behaviour`: order an answer. `DELETE`: take all orders back."""
    workspace = place_of_request(request)
    if request.method == "DELETE":
        workspace.behaviours.clear()
    else:
        workspace.behaviours.append(wanted(Behaviour, await body_of(request)))
    workspace.hub.tell("service")
    return as_json({"behaviours": [one.model_dump() for one in workspace.behaviours]})
