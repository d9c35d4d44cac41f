"""The inline tests of a document, as they may be written: closed to unknown keys, like everything else in a policy."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StrictInt, ValidationError, model_validator

from approvalbot.events.times import parse_time
from approvalbot.policy.base import Block, Document, DurationS, Text
from approvalbot.policy.calendar import Calendar
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import SYSTEMS, Identities, Sources
from approvalbot.policy.faults import Finding
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.sentences import findings_of

DEFAULT_AT = "2026-03-03T12:00:00Z"
"""When a test happens unless it says so: policy.md section 12."""


def _moment(text: str) -> str:
    if parse_time(text) is None:
        raise ValueError(f'"{text}" is no time; write {DEFAULT_AT}')
    return text


At = Annotated[str, AfterValidator(_moment)]
People = dict[str, tuple[Text, ...]]


class Standing(Block):
    """What Slack says of somebody: an active account, a person and no bot, a full member and no guest."""

    active: StrictBool = True
    person: StrictBool = True
    full: StrictBool = True

    @property
    def refusal(self) -> str:
        """The code by which whatever they press or ask is refused, or nothing."""
        if not self.person:
            return "not_a_person"
        return "" if self.active and self.full else "not_a_member"


class Fixtures(Block):
    """Who is a member of what while the tests run; what is not listed names nobody."""

    groups: People = Field(default_factory=dict)
    channels: People = Field(default_factory=dict)
    oncall: People = Field(default_factory=dict)
    managers: dict[str, Text] = Field(default_factory=dict)
    roles: People = Field(default_factory=dict)
    people: dict[str, Standing] = Field(default_factory=dict)


class VoteStep(Block):
    """One press of a test: who, what, how long after the request opened, and whether it is to count."""

    by: Text
    press: Literal["approve", "deny"]
    reason: str = ""
    after_s: DurationS = Field(alias="after", default=1)
    counts: StrictBool | None = None
    why: Text | None = None


class TimedEvent(Block):
    """One event of a series."""

    at: At
    event: dict[str, Any]
    headers: dict[str, str] = Field(default_factory=dict)
    source: Text | None = None


class WishStep(Block):
    """What somebody asks for in a test."""

    by: Text
    at: At = DEFAULT_AT
    input: dict[str, Any] = Field(default_factory=dict)
    duration_s: DurationS | None = Field(alias="duration", default=None)
    reason: str = ""


Expected = Literal["match", "no_match", "error", "refused"]


class PolicyTest(Block):
    """One test of a policy, a pack or an entitlement: what happens, and what is expected of it."""

    name: str = ""
    event: dict[str, Any] | None = None
    events: tuple[TimedEvent, ...] = ()
    request: WishStep | None = None
    source: Text | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    at: At = DEFAULT_AT
    expect: Expected | None = None
    why: Text | None = None
    opens: tuple[Annotated[StrictInt, Field(ge=1)], ...] | None = None
    quorum: StrictInt | None = None
    rules: tuple[Text, ...] | None = None
    credit: Text | None = None
    summary: str | None = None
    votes: tuple[VoteStep, ...] = ()
    after_s: DurationS | None = Field(alias="after", default=None)
    state: Text | None = None

    @model_validator(mode="after")
    def _one_cause(self) -> Self:
        if sum((self.event is not None, bool(self.events), self.request is not None)) != 1:
            raise ValueError("a test has one cause; write one of event, events and request")
        if self.expect is None and self.opens is None and not self.votes and self.state is None:
            raise ValueError("the test expects nothing; add expect, opens, votes or state")
        return self

    @property
    def needs_lifecycle(self) -> bool:
        """Whether presses or the passing of time are part of it."""
        return bool(self.votes) or self.after_s is not None or self.state is not None

    @property
    def steps(self) -> tuple[TimedEvent, ...]:
        """Its events in order; source and headers of the test hold for each that has none of its own."""
        written = self.events
        if self.event is not None:
            written = (TimedEvent(at=self.at, event=self.event),)
        return tuple(
            step.model_copy(update={"source": step.source or self.source, "headers": step.headers or self.headers})
            for step in written
        )


class SourceExpectation(Block):
    """What a delivery is to become; the other keys are `$` names of its first event."""

    model_config = ConfigDict(**{**Block.model_config, "extra": "allow"})

    events: int | None = None
    refused: Text | None = None


class SourceTest(Block):
    """One delivery to a source."""

    name: str = ""
    source: Text
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any
    expect: SourceExpectation


class CalendarTest(Block):
    """Whether a moment is inside."""

    name: str = ""
    at: At
    expect: Literal["inside", "outside", "error"]


class IdentityTest(Block):
    """Whom an account belongs to; `none` for nobody."""

    name: str = ""
    lookup: dict[Literal[SYSTEMS], Text]  # type: ignore[valid-type]
    expect: Text


def shape_of(document: Document) -> type[Block]:
    """The form of a document's tests."""
    match document:
        case Sources():
            return SourceTest
        case Calendar():
            return CalendarTest
        case Identities():
            return IdentityTest
        case _:
            return PolicyTest


def check_tests(document: Document) -> Iterator[Finding]:
    """The faults in the form of a document's tests and fixtures."""
    shape = shape_of(document)
    for place, written in enumerate(document.tests):
        try:
            test = shape.model_validate(written)
        except ValidationError as fault:
            yield from (finding.under("tests", place) for finding in findings_of(shape, written, fault))
        else:
            yield from (finding.under("tests", place) for finding in _misplaced(document, test))
    if document.fixtures:
        try:
            Fixtures.model_validate(document.fixtures)
        except ValidationError as fault:
            yield from (finding.under("fixtures") for finding in findings_of(Fixtures, document.fixtures, fault))


def _misplaced(document: Document, test: Block) -> Iterator[Finding]:
    if isinstance(test, PolicyTest):
        if isinstance(document, Entitlement) and test.request is None:
            yield Finding((), "an entitlement is tested with request, not with an event", "write request: {by: …}")
        if isinstance(document, Policy | SigmaPack) and test.request is not None:
            yield Finding(("request",), "a policy is tested with an event, not with request", "write event: {…}")
        if isinstance(document, Policy) and len(document.source) > 1 and any(not one.source for one in test.steps):
            hint = f"write source: {document.source[0]}"
            yield Finding((), "the policy has several sources, so its test must name one", hint)
