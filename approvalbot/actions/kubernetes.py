"""Kubernetes: deletes the pod that an event was about, and no pod that took its name since.

Source: kubernetes.io, API reference of Pod v1 (get, delete) and of DeleteOptions (preconditions). The token needs the
verbs get and delete on pods.
"""

import re
from datetime import datetime

from approvalbot.actions.calling import Api, Network, read
from approvalbot.actions.order import Order, Provider, quoted, refused

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
"""Names of namespaces and pods: RFC 1123, so nothing that means more in a path."""

GONE = "it was gone already"


def delete_pod(network: Network, provider: Provider, order: Order) -> str:
    """Delete the pod; gives what was found.

    The pod is looked up first. One that is younger than the event has only the name in common with the one that the
    event was about: a stateful set gives names again. The deletion names the pod's uid for the same reason.

    Raises:
        DeliveryFailed: not deleted.
    """
    namespace, name = _checked(order, "namespace"), _checked(order, "name")
    path = f"/api/v1/namespaces/{namespace}/pods/{name}"
    api = Api(network, provider, f"Bearer {provider.secret('token')}", order.now)
    found = api.call("GET", path)
    if found.status == 404:
        return GONE
    held = read(found)
    metadata = held.get("metadata") if isinstance(held, dict) else None
    if found.status != 200 or not isinstance(metadata, dict) or not isinstance(metadata.get("uid"), str):
        raise api.fault(found)
    if _is_younger(metadata.get("creationTimestamp"), order.happened_at or order.decided_at):
        return "it was gone already; the pod of that name is another one"
    options = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": metadata["uid"]}}
    deleted = api.call("DELETE", path, options)
    if deleted.status in {404, 409}:
        return GONE
    if deleted.status not in {200, 202}:
        raise api.fault(deleted)
    return "deleted"


def _checked(order: Order, name: str) -> str:
    value = order.text(name)
    if _NAME.fullmatch(value) is None:
        raise refused(f"The {name} {quoted(value)} is no name that Kubernetes takes.")
    return value


def _is_younger(created: object, moment: datetime | None) -> bool:
    if not isinstance(created, str) or moment is None:
        return False
    try:
        return datetime.fromisoformat(created) > moment
    except (ValueError, TypeError):
        return False
