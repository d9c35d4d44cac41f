"""`kind: Policy`: which events open a question, whom it goes to, and what follows the answer."""

from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, StringConstraints, model_validator

from approvalbot.events.digests import digest_of
from approvalbot.policy.approval import Approval
from approvalbot.policy.base import Block, Document, Mode, Place, Severity, Text, one_or_many
from approvalbot.policy.correlate import Correlate
from approvalbot.policy.credit import Credit
from approvalbot.policy.during import During
from approvalbot.policy.entitlement import check_severe
from approvalbot.policy.limits import OpenLimits
from approvalbot.policy.message import Dedupe, Effect, Message
from approvalbot.policy.narrower import Narrower


class SigmaRef(Block):
    """One Sigma rule, unchanged: by file (relative to the policy's folder) or by id."""

    file: Text | None = None
    rule: Text | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.file is None) == (self.rule is None):
            raise ValueError("one rule is named, in one way; write file: path/of/the/rule.yml, or rule: its id")
        return self


class Policy(Document):
    """One policy. `match` stays the raw map: the condition compiler reads it, and a snapshot keeps it word for word.

    `rule` names the Sigma rule behind it, and `pack` the SigmaPack that it was expanded from, if any.
    """

    kind: Literal["Policy"] = "Policy"
    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    tags: tuple[Text, ...] = ()
    mode: Mode = "enforce"
    request: Literal["gate", "review"]
    severity: Severity
    source: Annotated[tuple[Text, ...], BeforeValidator(one_or_many), Field(min_length=1)]
    match: dict[str, Any] | None = None
    sigma: SigmaRef | None = None
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
    narrower: Narrower | None = None

    _rule: Credit | None = PrivateAttr(default=None)
    _pack: str = PrivateAttr(default="")

    @property
    def rule(self) -> Credit | None:
        return self._rule

    @property
    def pack(self) -> str:
        return self._pack

    def of_rule(self, rule: Credit, *, pack: str = "", place: Place | None = None) -> Self:
        """This policy, standing on a Sigma rule."""
        self._rule, self._pack = rule, pack
        self._place = place or self._place
        return self

    @property
    def key(self) -> str:
        """What tells this policy apart in a whole set: its id, and for a rule of a pack the rule's id too."""
        # Asked for with every match. By their own names, pydantic takes two microseconds for each of the two.
        held = self.__pydantic_private__ or {}
        rule = held.get("_rule")
        return f"{self.id}/{rule.id}" if held.get("_pack") and rule else self.id

    @cached_property
    def digest(self) -> str:
        """The sha256 of the document as written, with the Sigma rule's own text and its filters' where there is one."""
        if self._rule is None:
            return digest_of(self.document)
        whole: dict[str, Any] = {"policy": self.document, "rule": self._rule.document}
        return digest_of({**whole, "beside": list(self._rule.beside)} if self._rule.beside else whole)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.match is None and self.sigma is None:
            raise ValueError(
                "match: there is no condition, so every event would ask somebody; add match: {field: value}, or sigma"
            )
        if self.narrower is not None:
            if self.request == "review":
                raise ValueError("narrower: what has already happened cannot be approved with less; leave it out")
            self.narrower.check_told()
        check_severe(self.severity, self.approval)
        return self
