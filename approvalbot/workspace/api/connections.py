"""apps.connections.open: a ticket for one Socket Mode connection."""

from approvalbot.workspace.api.call import Call, Method, Methods
from approvalbot.workspace.errors import Json, Refusal


def connections_open(call: Call) -> Json:
    """The address of a WebSocket, good for one connection that begins soon.

    Raises:
        Refusal: `insecure_request`, it was not asked by POST.
    """
    if call.http_method != "POST":
        raise Refusal("insecure_request")
    workspace = call.workspace
    ticket = workspace.sockets.make_ticket()
    return {"url": f"ws://{workspace.config.host}:{workspace.config.port}/socket?ticket={ticket}"}


METHODS: Methods = {
    "apps.connections.open": Method(connections_open, ("connections:write",), tier=3, tokens=("app",)),
}
