"""What may be given: a value that was filled from what somebody typed must be on the entitlement's own list."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from approvalbot.errors import DeliveryFailed


def allowed(parameters: Mapping[str, Any], name: str) -> str:
    """The value of a parameter.

    Raises:
        DeliveryFailed: final; it is missing, or not on the list in `allow`.
    """
    value = parameters.get(name)
    if not isinstance(value, str) or not value:
        raise DeliveryFailed("grant_failed", f"The entitlement's grant names no {name}.", final=True)
    listed = parameters.get("allow")
    if listed is not None and not any(fnmatchcase(value, str(one)) for one in listed):
        raise DeliveryFailed("grant_failed", f"{value[:80]} is not on the entitlement's list of {name}s.", final=True)
    return value
