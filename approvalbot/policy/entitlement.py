"""`kind: Entitlement`: something engineers can ask for; approval gives a grant for a time."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, StrictInt, StringConstraints, model_validator

from approvalbot.policy.approval import Approval, Approver
from approvalbot.policy.base import SEVERE, Block, Document, DurationS, Mode, Severity, Text, named
from approvalbot.policy.durations import show_duration
from approvalbot.policy.message import Dedupe, Effect, Message
from approvalbot.policy.narrower import Narrower

CHOICES_S = (900, 1800, 3600, 7200, 14_400, 28_800, 86_400)
"""Durations offered when an entitlement lists none."""

LONGEST_GRANT_S = 7 * 86_400
"""Seven days: policy.md section 2; longer needs `unsafe: true`, for access that long is not just-in-time."""


class Option(Block):
    """One choice of a select input. Written as a text alone, it is its own label."""

    value: Annotated[str, StringConstraints(min_length=1, max_length=150)]
    label: Annotated[str, StringConstraints(min_length=1, max_length=75)]

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"value": value, "label": value[:75]} if isinstance(value, str) else value


class Input(Block):
    """One field of the request form. `pattern` is RE2 and must match the whole value."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    label: Annotated[str, StringConstraints(min_length=1, max_length=75)]
    type: Literal["text", "select", "user", "date"] = "text"
    options: tuple[Option, ...] = Field(default=(), max_length=100)
    pattern: str | None = None
    required: StrictBool = False
    max_length: Annotated[StrictInt, Field(ge=1, le=3000)] = 200

    @model_validator(mode="after")
    def _a_select_has_options(self) -> Self:
        if (self.type == "select") != bool(self.options):
            raise ValueError("options: they belong to type select, which needs some; write both, or neither")
        return self


class AskReason(Block):
    """How long the requester's reason must and may be, in characters."""

    required: StrictBool = True
    min_length: Annotated[StrictInt, Field(ge=1, le=500)] = 1
    max_length: Annotated[StrictInt, Field(ge=1, le=3000)] = 500


class Durations(Block):
    """The times that may be asked for, in seconds."""

    default_s: DurationS = Field(alias="default")
    max_s: DurationS = Field(alias="max")
    choices_s: tuple[DurationS, ...] = Field(default=(), alias="choices")

    @property
    def offered_s(self) -> tuple[int, ...]:
        """What a form offers, rising."""
        choices = self.choices_s or tuple(one for one in CHOICES_S if one <= self.max_s)
        return tuple(sorted({*choices, self.default_s}))

    @model_validator(mode="after")
    def _within_the_maximum(self) -> Self:
        if self.default_s > self.max_s:
            raise ValueError(f"default: {_over(self.default_s, self.max_s)}")
        for place, choice in enumerate(self.choices_s):
            if choice > self.max_s:
                raise ValueError(f"choices[{place}]: {_over(choice, self.max_s)}")
        return self


def _over(asked_s: int, max_s: int) -> str:
    return f"{show_duration(asked_s)} is over the max of {show_duration(max_s)}; write less, or a larger max"


class Extend(Block):
    """Whether a grant may be made longer, and whom that needs."""

    max_times: Annotated[StrictInt, Field(ge=1, le=100)] = 1
    by_s: DurationS = Field(alias="by")
    approval: Literal["same", "none"] = "same"

    @property
    def offered_s(self) -> tuple[int, ...]:
        """What a form offers, rising."""
        return tuple(sorted({*(one for one in CHOICES_S if one < self.by_s), self.by_s}))


class EndFailure(Block):
    """What follows when access cannot be ended: how long to try, and whom to page."""

    retry_for_s: DurationS = Field(default=86_400, alias="retry_for")
    page: Text = "owner"


class Grant(Block):
    """How access is given and ended. `with_` holds the provider's parameters; templates in it are filled raw."""

    provider: Text
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    start_within_s: DurationS = Field(default=900, alias="start_within")
    extend: Extend | None = None
    end_on: tuple[Literal["duration", "withdraw", "requester_leaves_group"], ...] = ("duration", "withdraw")
    on_end_failure: EndFailure = EndFailure.model_validate_json("{}")
    how_to_use: Annotated[str, StringConstraints(max_length=500)] = ""


class Entitlement(Document):
    """Something engineers can ask for with `/access`."""

    kind: Literal["Entitlement"]
    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    tags: tuple[Text, ...] = ()
    mode: Mode = "enforce"
    severity: Severity
    requestable_by: tuple[Approver, ...]
    inputs: tuple[Input, ...] = Field(default=(), max_length=10)
    reason: AskReason = AskReason()
    duration: Durations
    grant: Grant
    dedupe: Dedupe | None = None
    approval: Approval
    message: Message = Message()
    on_approve: tuple[Effect, ...] = ()
    on_deny: tuple[Effect, ...] = ()
    on_expire: tuple[Effect, ...] = ()
    unsafe: StrictBool = False
    narrower: Narrower | None = None

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.duration.max_s > LONGEST_GRANT_S and not self.unsafe:
            raise ValueError(
                "duration.max: access for over 7d is a risk; write 7d or less, or unsafe: true in the document"
            )
        if self.severity in SEVERE:
            if self.grant.extend is not None and self.grant.extend.approval == "none":
                raise ValueError(f"grant.extend.approval: none is refused for severity {self.severity}; write same")
            check_severe(self.severity, self.approval)
        return self


def check_severe(severity: Severity, approval: Approval) -> None:
    """Refuse what `unsafe` cannot admit for a high or critical severity.

    Raises:
        PydanticCustomError: `on_timeout: approve` or `self_approval: true`.
    """
    if severity in SEVERE and approval.on_timeout == "approve":
        raise named("unsafe-timeout", f"approval.on_timeout: approve is refused for severity {severity}; write expire")
    if severity in SEVERE and approval.self_approval:
        raise named(
            "self-approval-severe", f"approval.self_approval: true is refused for severity {severity}; write false"
        )
