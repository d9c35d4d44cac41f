"""The `during:` block: when a policy applies, by a calendar."""

from typing import Literal

from pydantic import Field

from approvalbot.policy.base import Block, Text


class During(Block):
    """When a policy applies. `clock`: the event's time for a review, the opening time otherwise."""

    calendar: Text
    is_: Literal["inside", "outside"] = Field(alias="is")
    clock: Literal["event", "open"] | None = None
