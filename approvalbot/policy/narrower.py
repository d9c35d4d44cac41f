"""The `narrower:` block: what an approver may grant instead of all that was asked, in the policy's own words and order.

For an entitlement a choice changes what its provider is told to give; for a gate it is told to the service that waits,
which has to know what it means.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Self

import orjson
from pydantic import Field, StringConstraints, model_validator

from approvalbot.policy.base import Block

Label = Annotated[str, StringConstraints(min_length=1, max_length=60)]

WITH_MOST = 4000
"""Bytes of what a gate's choice tells: it stands in every answer and receipt, which proxies take as a header."""


class NarrowerScope(Block):
    """One narrower choice. `with_` is what it changes of the grant's parameters, or what a gate's caller is told."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,30}$")]
    label: Label
    with_: dict[str, Any] = Field(default_factory=dict, alias="with", min_length=1)


class Narrower(Block):
    """The choices, from wide to narrow. `asked` is what the whole is called beside them."""

    asked: Label
    scopes: tuple[NarrowerScope, ...] = Field(min_length=1, max_length=10)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [one.id for one in self.scopes]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise ValueError(f"scopes[{place}].id: {name} stands twice; write another id")
        return self

    def check_told(self) -> None:
        """Do nothing where every choice can be told to a waiting service as it is written.

        Raises:
            ValueError: a template, which nothing would fill; or more than an answer holds.
        """
        for place, one in enumerate(self.scopes):
            at = f"narrower.scopes[{place}].with"
            if any("{{" in text for text in _texts(one.with_)):
                raise ValueError(f"{at}: a gate's terms are told as they stand; write values instead of a template")
            if len(orjson.dumps(one.with_, default=str)) > WITH_MOST:
                raise ValueError(f"{at}: longer than {WITH_MOST} bytes; write less")

    def place_of(self, scope: str) -> int:
        """How narrow a choice is: 0 is all that was asked. A name that is not on the list is the narrowest of all."""
        names = ["", *(one.id for one in self.scopes)]
        return names.index(scope) if scope in names else len(names)

    def named(self, scope: str) -> NarrowerScope | None:
        """The choice of that id."""
        return next((one for one in self.scopes if one.id == scope), None)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
