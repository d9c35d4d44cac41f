"""`kind: SigmaPack`: many Sigma rules under one approval block; each match opens a review."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from approvalbot.policy.approval import Approval
from approvalbot.policy.base import Block, Document, Mode, Severity, Text, one_or_many
from approvalbot.policy.correlate import Correlate
from approvalbot.policy.during import During
from approvalbot.policy.limits import OpenLimits
from approvalbot.policy.message import Dedupe, Effect, Message

Texts = Annotated[tuple[Text, ...], BeforeValidator(one_or_many), Field(min_length=1)]
Listed = Annotated[tuple[Text, ...], BeforeValidator(one_or_many)]
SigmaLevel = Literal["informational", "low", "medium", "high", "critical"]
SigmaStatus = Literal["stable", "test", "experimental", "deprecated", "unsupported"]


class Select(Block):
    """Which rules of the files are taken: every list that is given must hold."""

    level: Annotated[tuple[SigmaLevel, ...], BeforeValidator(one_or_many)] | None = None
    status: Annotated[tuple[SigmaStatus, ...], BeforeValidator(one_or_many)] | None = None
    tags: Texts | None = None
    product: Texts | None = None
    service: Texts | None = None


class SigmaPack(Document):
    """A pack. `include` and `filters` are globs from the root of the policy folder."""

    kind: Literal["SigmaPack"]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    tags: tuple[Text, ...] = ()
    mode: Mode = "enforce"
    include: Texts
    select: Select = Select()
    exclude_ids: Listed = ()
    filters: Listed = ()
    severity_from: Literal["level"] | None = None
    severity: Severity | None = None
    source: Texts | None = None
    during: During | None = None
    when: Text | None = None
    correlate: Correlate | None = None
    dedupe: Dedupe | None = None
    limits: OpenLimits | None = None
    approval: Approval
    message: Message = Message()
    on_approve: tuple[Effect, ...] = ()
    on_deny: tuple[Effect, ...] = ()
    on_expire: tuple[Effect, ...] = ()

    @model_validator(mode="after")
    def _one_severity(self) -> Self:
        if (self.severity_from is None) == (self.severity is None):
            raise ValueError("severity: it has one source; write severity_from: level, or a severity for all rules")
        return self
