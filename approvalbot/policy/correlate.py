"""The `correlate:` block: several events that together make one question."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictInt, model_validator

from approvalbot.policy.base import Block, DurationS, Text

Counted = Literal["event_count", "value_count", "temporal", "temporal_ordered"]

MOST_MEMBERS = 10_000
"""Members of one correlation key: policy.md section 7. Reached, the condition is taken as true and logged."""

_UNSUPPORTED = ("value_sum", "value_avg", "value_percentile", "value_median")


class Threshold(Block):
    """How many are enough: one comparison, or a range (`gt` or `gte` with `lt` or `lte`)."""

    gt: Annotated[StrictInt, Field(ge=0, le=MOST_MEMBERS)] | None = None
    gte: Annotated[StrictInt, Field(ge=1, le=MOST_MEMBERS)] | None = None
    lt: Annotated[StrictInt, Field(ge=1, le=MOST_MEMBERS)] | None = None
    lte: Annotated[StrictInt, Field(ge=1, le=MOST_MEMBERS)] | None = None
    eq: Annotated[StrictInt, Field(ge=1, le=MOST_MEMBERS)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _can_be_reached(cls, value: Any) -> Any:
        if isinstance(value, dict):
            lower = [key for key in ("gt", "gte") if key in value]
            if (absent := [key for key in ("lt", "lte") if key in value]) and not lower:
                raise ValueError(f"{absent[0]}: too few events cannot be seen when one arrives; write gt or gte")
            if value.get("eq") == 0 and not isinstance(value.get("eq"), bool):
                raise ValueError("eq: 0 means that nothing happened, which no event tells; write gt or gte")
            if len(value) != 1 and (len(value), len(lower), len(absent)) != (2, 1, 1):
                raise ValueError("a condition is one comparison or a range; write {gte: 3}, or {gte: 3, lt: 10}")
        return value

    @model_validator(mode="after")
    def _has_a_number(self) -> Self:
        if self.least > self._most:
            raise ValueError(
                f"no count is at least {self.least} and at most {self._most}; write a range that holds one"
            )
        return self

    @property
    def least(self) -> int:
        """The smallest count that is enough."""
        return self.gt + 1 if self.gt is not None else self.gte if self.gte is not None else self.eq or 1

    @property
    def _most(self) -> int:
        bounds = (self.lt and self.lt - 1, self.lte, self.eq)
        return min((bound for bound in bounds if bound is not None), default=MOST_MEMBERS)

    def is_reached(self, count: int) -> bool:
        """Whether a count is enough. A full key (`MOST_MEMBERS`) always is: more cannot be counted."""
        return count >= MOST_MEMBERS or self.least <= count <= self._most


class Correlate(Block):
    """What is counted, by which group, in which time. `clock: event` counts by the events' own times.

    `rules` are named conditions for the temporal types: all of them within `timespan_s`, in the order written for
    `temporal_ordered`.
    """

    type: Counted
    group_by: tuple[Text, ...] = ()
    timespan_s: DurationS = Field(alias="timespan")
    condition: Threshold | None = None
    field: Text | None = None
    rules: dict[str, dict[str, Any]] = Field(default_factory=dict)
    clock: Literal["arrival", "event"] = "arrival"

    @model_validator(mode="before")
    @classmethod
    def _supported(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("type") in _UNSUPPORTED:
            raise ValueError(f"type: {value['type']} is not supported; write event_count or value_count")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        temporal = self.type in {"temporal", "temporal_ordered"}
        if temporal != bool(self.rules):
            meant = "add rules: {name: {field: value}}" if temporal else "leave them out"
            raise ValueError(f"rules: {self.type} {'needs' if temporal else 'has no'} named rules; {meant}")
        if (self.type == "value_count") != (self.field is not None):
            raise ValueError("field: it belongs to value_count alone, which needs it; write it there and nowhere else")
        if self.condition is None and not temporal:
            raise ValueError(f"condition: {self.type} needs one; add condition: {{gte: 3}}")
        if self.type == "temporal_ordered" and self.condition is not None and self.condition.least != len(self.rules):
            raise ValueError("condition: temporal_ordered always means all its rules in order; leave it out")
        if temporal and self.condition is not None and not self.condition.is_reached(len(self.rules)):
            raise ValueError(
                f"condition: {len(self.rules)} rules can never reach it; write {{gte: {len(self.rules)}}} or less"
            )
        return self
