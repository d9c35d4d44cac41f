"""The parts of a document that say something: the message template, the effects, and what counts as a repeat."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from approvalbot.policy.base import Block, DurationS, Text

BANNER_MOST = 60
"""Characters of a banner: it stands on one line of a phone, with the others."""


class Banner(Block):
    """A line above everything else of the card, for events that meet `only_if`: that a target is a sensitive one."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=BANNER_MOST)]
    only_if: dict[str, Any] | None = None


class Message(Block):
    """What the card says. `fields` are at most ten paths (Slack shows ten fields a section); `runbook` is https."""

    banners: tuple[Banner, ...] = Field(default=(), max_length=3)
    summary: Annotated[str, StringConstraints(max_length=1000)] = ""
    fields: tuple[Text, ...] = Field(default=(), max_length=10)
    runbook: Annotated[str, StringConstraints(pattern=r"^https://[^\s<>|]+$", max_length=2000)] | None = None


class CallbackEffect(Block):
    """Tell a named destination, signed."""

    to: Text
    status: Text | None = None
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class Effect(Block):
    """One thing that follows a decision: a `callback` or a named `action`, each at most once per decision."""

    callback: CallbackEffect | None = None
    action: Text | None = None
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    only_if: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.callback is None) == (self.action is None):
            raise ValueError("an effect is one thing; write callback: {to: …}, or action: name")
        if self.callback is not None and self.with_:
            raise ValueError("with: what a callback sends stands inside it; write callback: {to: …, with: {…}}")
        return self


EFFECT_LISTS = ("on_approve", "on_deny", "on_expire")
"""The keys of a document under which effects stand."""


def effect_key(listed: str, index: int) -> str:
    """What tells an effect apart within its document: `on_deny.0`."""
    return f"{listed}.{index}"


class Dedupe(Block):
    """What makes two events the same question, for how long, and what a repeat does."""

    key: tuple[Text, ...] = ()
    window_s: DurationS = Field(default=3600, alias="window")
    on_repeat: Literal["thread", "ignore", "new"] = "thread"
