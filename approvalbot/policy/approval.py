"""The `approval:` block: who is asked, how many must agree, how long each level has, and what silence means."""

from functools import partial
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)

from approvalbot.policy.base import Block, DurationS, Text, named, one_key_of
from approvalbot.policy.durations import parse_or_off, show_duration
from approvalbot.policy.faults import quoted

ApproverKind = Literal["user", "usergroup", "channel_members", "oncall", "manager_of", "role"]
_APPROVER_KINDS: tuple[ApproverKind, ...] = ("user", "usergroup", "channel_members", "oncall", "manager_of", "role")
_NOTIFY_KINDS = ("channel", "dm", "thread")

MOST_LEVELS = 10
"""Chosen by us: more steps than this is a queue, not an escalation; it also bounds the vote matching."""


_OR_OFF = WithJsonSchema({"type": "string", "pattern": "^(off|0s|[1-9][0-9]{0,8}[smhd])$", "examples": ["5m", "off"]})

ClaimS = Annotated[int, BeforeValidator(partial(parse_or_off, least_s=120, most_s=3600)), _OR_OFF]
"""Two minutes leave one before the claimer is asked whether they still look; over an hour nobody is looking."""

PauseS = Annotated[int, BeforeValidator(partial(parse_or_off, least_s=60, most_s=86_400)), _OR_OFF]
"""A day at most: with three pauses to a request (`request/questions.py`) its end moves by three days at most."""


class Approver(Block):
    """One approver entry: a seat that its members may fill. `key` names it in votes and trails."""

    KEYS: ClassVar = (*_APPROVER_KINDS, "allow")

    kind: ApproverKind
    name: Text
    allow: tuple[Text, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_map(cls, value: object) -> object:
        if isinstance(value, dict) and "kind" in value:
            return value
        kind, name, rest = one_key_of(value, _APPROVER_KINDS, "an approver")
        return {"kind": kind, "name": name, **rest}

    @model_validator(mode="after")
    def _a_template_has_a_list(self) -> Self:
        if self.templated and not self.allow:
            raise named(
                "template-in-approver",
                f"{self.kind}: {self.name!r} is filled from the event, which must not choose its own judges;"
                " add allow: ['@team-*']",
            )
        return self

    @property
    def key(self) -> str:
        """`usergroup:@sec-oncall`: equal entries in two versions of a policy have equal keys."""
        return f"{self.kind}:{self.name}"

    @property
    def templated(self) -> bool:
        """Whether the name is filled from the event when the request opens."""
        return "{{" in self.name


class Notice(Block):
    """One place a level's notice goes: a channel, the approvers' direct messages, or the card's thread."""

    KEYS: ClassVar = _NOTIFY_KINDS

    kind: Literal["channel", "dm", "thread"]
    target: Text

    @model_validator(mode="before")
    @classmethod
    def _from_map(cls, value: object) -> object:
        if isinstance(value, dict) and "kind" in value:
            return value
        kind, target, rest = one_key_of(value, _NOTIFY_KINDS, "a notice")
        if kind == "dm" and target != "approvers":
            raise ValueError(f"dm: {quoted(target)} is not understood; write dm: approvers")
        if kind == "thread" and target is not True:
            raise ValueError(f"thread: {quoted(target)} is not understood; write thread: true")
        if kind == "channel" and "{{" in str(target):
            raise ValueError("channel: an event never chooses where it is shown; write a channel's own name")
        return {"kind": kind, "target": "thread" if kind == "thread" else target, **rest}


class Level(Block):
    """One step of the escalation chain. `timeout_s` and each of `remind_s` count from the level's start, in seconds."""

    name: Text
    approvers: tuple[Approver, ...] = Field(min_length=1)
    notify: tuple[Notice, ...] = ()
    remind_s: tuple[DurationS, ...] = Field(default=(), alias="remind")
    timeout_s: DurationS = Field(alias="timeout")

    @model_validator(mode="after")
    def _reminders_come_before_the_end(self) -> Self:
        if late := [offset for offset in self.remind_s if offset >= self.timeout_s]:
            end = show_duration(self.timeout_s)
            raise ValueError(
                f"remind: {show_duration(late[0])} is not before the level's timeout of {end}; write an earlier time"
            )
        if list(self.remind_s) != sorted(set(self.remind_s)):
            raise ValueError("remind: the times do not rise, each once; write them in order, such as [5m, 10m]")
        return self


ReasonRule = Literal["required", "optional", "none"]


class Reasons(Block):
    """Whether a press needs a reason."""

    approve: ReasonRule = "optional"
    deny: ReasonRule = "optional"


class Confirm(Block):
    """What an approver has to do besides pressing: type on what they decide."""

    type: Literal["resource"]


class ScheduleRow(Block):
    """Another quorum while a calendar says so. The last row has `otherwise: true` instead of `during`."""

    during: Text | None = None
    otherwise: Literal[True] | None = None
    quorum: Annotated[StrictInt, Field(ge=1, le=50)] = 1
    from_distinct_groups: StrictBool = False

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if (self.during is None) == (self.otherwise is None):
            raise ValueError("a row has one of during and otherwise; write during: calendar-id, or otherwise: true")
        return self


MOST_DELEGATES = 20
"""Entries that a policy names for delegates. Chosen by us: each is looked up at the press of one."""


_Delegates = Annotated[
    Annotated[Literal["peers", "none"], Tag("a word")]
    | Annotated[tuple[Approver, ...], Field(min_length=1, max_length=MOST_DELEGATES), Tag("a list")],
    Discriminator(lambda value: "a list" if isinstance(value, list | tuple) else "a word"),
]


class Delegation(Block):
    """From whom somebody may come who votes in the place of an approver who is away.

    `peers`: whoever belongs to an approver entry of the same policy, at any level. A list names other entries instead.
    """

    allow: _Delegates = "peers"

    @model_validator(mode="before")
    @classmethod
    def _a_word_or_a_list(cls, value: Any) -> Any:
        allow = value.get("allow", "peers") if isinstance(value, dict) else "peers"
        if not isinstance(allow, list | tuple) and allow not in ("peers", "none"):
            raise ValueError(f"allow: {quoted(allow)} is not understood; write peers, none, or a list of entries")
        return value

    @model_validator(mode="after")
    def _names_are_written_out(self) -> Self:
        for entry in self.entries:
            if entry.templated or entry.name.startswith("$"):
                raise ValueError(f"allow: {quoted(entry.name)} is filled from the event; write the name of a group")
        return self

    @property
    def entries(self) -> tuple[Approver, ...]:
        """The entries that are named, if any are."""
        return () if isinstance(self.allow, str) else self.allow


class Approval(Block):
    """Who must agree to what. Every default is the careful one.

    `claim_s` is how long "I'm looking" holds, `question_pause_s` how long a question stops the clock; 0 is off.
    """

    quorum: Annotated[StrictInt, Field(ge=1, le=50)] = 1
    from_distinct_groups: StrictBool = False
    deny_quorum: Annotated[StrictInt, Field(ge=1, le=50)] = 1
    self_approval: StrictBool = False
    exclude: tuple[Text, ...] = ()
    unmapped_actor: Literal["refuse", "extra_vote", "allow"] | None = None
    assurance: Literal["press", "step_up"] = "press"
    reason: Reasons = Reasons()
    schedule: tuple[ScheduleRow, ...] = ()
    levels: tuple[Level, ...] = Field(min_length=1, max_length=MOST_LEVELS)
    on_timeout: Literal["expire", "approve"] = "expire"
    unsafe: StrictBool = False
    delegation: Delegation = Delegation()
    confirm: Confirm | None = None
    claim_s: ClaimS = Field(default=300, alias="claim")
    question_pause_s: PauseS = Field(default=0, alias="question_pause")

    @model_validator(mode="before")
    @classmethod
    def _silence_is_no_denial(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("on_timeout") == "deny":
            raise ValueError("on_timeout: deny does not exist, nobody acted is not a denial; write on_timeout: expire")
        return value

    @model_validator(mode="after")
    def _risky_values_say_unsafe(self) -> Self:
        if self.on_timeout == "approve" and not self.unsafe:
            raise named(
                "unsafe-timeout", "on_timeout: approve lets silence through; write expire, or unsafe: true beside it"
            )
        if self.unmapped_actor == "allow" and not self.unsafe:
            raise ValueError(
                "unmapped_actor: allow skips the self-approval ban; write refuse, or unsafe: true beside it"
            )
        if self.schedule and self.schedule[-1].otherwise is None:
            raise ValueError(
                "schedule: the last row says nothing of other times; end with {otherwise: true, quorum: 1}"
            )
        return self

    @property
    def entry_keys(self) -> frozenset[str]:
        """The keys of all approver entries of all levels."""
        return frozenset(entry.key for level in self.levels for entry in level.approvers)


ChannelName = Annotated[str, StringConstraints(pattern=r"^(#[a-z0-9._-]{1,80}|[CDG][A-Z0-9]{2,})$")]
