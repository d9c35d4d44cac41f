"""Pages of a list, by an opaque cursor."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from approvalbot.workspace.api.call import Call
from approvalbot.workspace.errors import Json, Refusal

Item = TypeVar("Item")

LARGEST_PAGE = 1000
"""docs.slack.dev, "Pagination": no method gives more at once."""


def page_of(
    call: Call, listed: Sequence[Item], *, size: int = 100, bad_limit: str = "invalid_arguments"
) -> tuple[list[Item], Json]:
    """One page of a list, and the `response_metadata` with the cursor of the next; an empty cursor ends the list.

    Raises:
        Refusal: `invalid_cursor`, or `bad_limit` for a limit that is no number from 1 to 1000.
    """
    try:
        limit = call.arguments.integer("limit") or size
    except ValueError:
        raise Refusal(bad_limit) from None
    if not 0 < limit <= LARGEST_PAGE:
        raise Refusal(bad_limit)
    start = _start(call.arguments.text("cursor"))
    if start > len(listed):
        raise Refusal("invalid_cursor")
    end = start + limit
    following = base64.urlsafe_b64encode(f"next:{end}".encode()).decode() if end < len(listed) else ""
    return list(listed[start:end]), {"response_metadata": {"next_cursor": following}}


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(cursor).decode().partition(":")
        if word != "next":
            raise Refusal("invalid_cursor")
        return int(number)
    except (binascii.Error, ValueError):
        raise Refusal("invalid_cursor") from None
