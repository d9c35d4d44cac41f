"""The `limits:` block: how many requests of one policy may wait for their answers at once."""

from typing import Annotated, Self

from pydantic import Field, StrictInt, model_validator

from approvalbot.policy.base import Block

Most = Annotated[StrictInt, Field(ge=1, le=1_000_000)]


class OpenLimits(Block):
    """The most pending requests of a policy, in all (`open`) and of one actor. Over it no new one opens."""

    open: Most | None = None
    per_actor: Most | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.open is None and self.per_actor is None:
            raise ValueError("limits has open, per_actor or both, such as {open: 50, per_actor: 3}")
        return self
