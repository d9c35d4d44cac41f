"""Okta: takes administrator roles away from a user.

Source: developer.okta.com, "User Role Assignments" (list, unassign). The token needs okta.roles.manage, or is an API
token of a super administrator.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from approvalbot.actions.calling import Api, Network, read
from approvalbot.actions.order import Order, Provider, quoted, refused

SCHEMES = {"ssws": "SSWS", "bearer": "Bearer"}

OURSELVES = frozenset({"me", ".", ".."})
"""`me` is whoever holds the token; the others would lead to another path."""


def revoke_admin_role(network: Network, provider: Provider, order: Order) -> str:
    """Take away the role that is named, or all of them; gives which.

    Roles given after the decision are left alone: what an attempt cut short and a later one must not undo is what
    people did in between.

    Raises:
        DeliveryFailed: not all of them were taken away.
    """
    user, wanted = order.text("user"), order.optional("role")
    if user in OURSELVES:
        raise refused(f"The user {quoted(user)} is nobody's id or login.")
    path = f"/api/v1/users/{quote(user, safe='')}/roles"
    scheme = SCHEMES[str(provider.settings.get("scheme") or "ssws")]
    api = Api(network, provider, f"{scheme} {provider.secret('token')}", order.now)
    listed = api.call("GET", path)
    roles = read(listed)
    if listed.status != 200 or not isinstance(roles, list):
        raise api.fault(listed)
    found = [role for role in roles if _is_meant(role, wanted, order.decided_at)]
    inherited = [role for role in found if role.get("assignmentType") == "GROUP"]
    for role in found:
        if role not in inherited:
            _unassign(api, path, role)
    if inherited:
        raise refused(f"{_named(inherited)} came with a group; take the user out of the group by hand.")
    return f"took away {_named(found)}" if found else "no such role was there any more"


def _unassign(api: Api, path: str, role: dict[str, Any]) -> None:
    answer = api.call("DELETE", f"{path}/{quote(str(role['id']), safe='')}")
    if answer.status not in {204, 404}:
        raise api.fault(answer)


def _is_meant(role: Any, wanted: str | None, decided_at: datetime | None) -> bool:
    if not isinstance(role, dict) or not role.get("id"):
        return False
    names = {str(role.get(key) or "").casefold() for key in ("id", "type", "label")}
    return (wanted is None or wanted.casefold() in names) and not _is_later(role.get("created"), decided_at)


def _is_later(created: object, moment: datetime | None) -> bool:
    if not isinstance(created, str) or moment is None:
        return False
    try:
        return datetime.fromisoformat(created) > moment
    except (ValueError, TypeError):
        return False


def _named(roles: list[dict[str, Any]]) -> str:
    return ", ".join(str(role.get("label") or role.get("type") or role["id"]) for role in roles)
