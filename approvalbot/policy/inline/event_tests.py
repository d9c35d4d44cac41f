"""One test of a policy or a pack: an event or a series of them, and what they are to come to."""

from dataclasses import dataclass, field
from datetime import datetime

from approvalbot.events.event import Event
from approvalbot.events.normalise import BadEvent
from approvalbot.policy.documents import Policy
from approvalbot.policy.inline.because import Because, Step
from approvalbot.policy.inline.expectations import compare, play
from approvalbot.policy.inline.opening import opening_of
from approvalbot.policy.inline.port import Lifecycle
from approvalbot.policy.inline.results import Difference
from approvalbot.policy.inline.shapes import PolicyTest, TimedEvent
from approvalbot.policy.inline.source_tests import events_of
from approvalbot.policy.inline.times import moment_of
from approvalbot.policy.inline.world import World
from approvalbot.policy.matching import Match, Matcher
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.pipeline import Pipeline
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.stages import Stage
from approvalbot.policy.templates import fill_text


@dataclass(slots=True)
class _Seen:
    """What a series of events came to. `stopped` is where the last one ended that did not hold."""

    holds: list[Match] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    opens: list[int] = field(default_factory=list)
    opened: list[tuple[Match, datetime]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    stopped: Stage = "source"


def run_policy_test(
    policies: PolicySet, document: Policy | SigmaPack, test: PolicyTest, world: World, lifecycle: Lifecycle | None
) -> tuple[list[Difference], tuple[str, ...]]:
    """What is not as the test expects, and what could not be judged here."""
    seen = _Seen()
    # Each document is tested by itself, and also while it is `off`.
    own = policies.compiled_of(document)
    pipeline = Pipeline(policies, Matcher.of(own))
    for number, step in enumerate(test.steps, start=1):
        fault = _feed(policies, document, pipeline, step, number, seen)
        if fault is not None:
            return [fault], ()
    outcome = "error" if seen.errors else "match" if seen.holds else "no_match"
    found = compare(test, outcome, seen.errors[0] if seen.errors else seen.stopped)
    if test.opens is not None and list(test.opens) != seen.opens:
        found.append(Difference("opens", list(test.opens), seen.opens))
    found += _details(test, seen.holds)
    opening = opening_of(policies, *seen.opened[-1], world) if seen.opened else None
    if test.quorum is not None:
        got = None if opening is None else opening.quorum
        found += [] if got == test.quorum else [Difference("quorum", test.quorum, got)]
    more, left_out = play(test, opening, lifecycle)
    because = Because(policies, own, test, seen.steps, opening)
    return [because.explained(one) for one in [*found, *more]], left_out


def matching_events(policies: PolicySet, document: Policy | SigmaPack) -> list[Event]:
    """The events of those tests of a document that are to match: what its author knows will be asked about."""
    found: list[Event] = []
    for written in document.tests:
        test = PolicyTest.model_validate(written)
        if test.expect != "match":
            continue
        for step in test.steps:
            source = policies.sources.get(step.source or next(iter(document.source or ()), ""))
            if source is not None:
                events = events_of(policies, source, step.event, step.headers, step.at)
                found += [event for event in events if isinstance(event, Event)]
    return found


def _feed(
    policies: PolicySet, document: Policy | SigmaPack, pipeline: Pipeline, step: TimedEvent, number: int, seen: _Seen
) -> Difference | None:
    name = step.source or next(iter(document.source or ()), "") or _only_source(pipeline)
    source = policies.sources.get(name)
    if source is None:
        return Difference("source", "a source of this folder", name or "none; write source: …")
    for event in events_of(policies, source, step.event, step.headers, step.at):
        if isinstance(event, BadEvent):
            return Difference("event", f"an event of {name}", event.reason)
        _judge(pipeline, event, moment_of(step.at), number, seen)
    return None


def _only_source(pipeline: Pipeline) -> str:
    return next(iter(pipeline.matcher.plans), "")


def _judge(pipeline: Pipeline, event: Event, at: datetime, number: int, seen: _Seen) -> None:
    outcomes = tuple(pipeline.feed(event, at))
    seen.steps.append(Step(number, event, at, outcomes))
    for outcome in outcomes:
        match, stage = outcome.match, outcome.stopped
        if match.error:
            seen.errors.append(match.error)
        if stage in {"during", "when"}:
            seen.stopped = stage
            continue
        seen.holds.append(match)
        if stage is None:
            seen.opened.append((match, at))
            if number not in seen.opens:
                seen.opens.append(number)
    if not seen.holds and seen.stopped == "source":
        seen.stopped = "match"


def _details(test: PolicyTest, holds: list[Match]) -> list[Difference]:
    found: list[Difference] = []
    if test.rules is not None:
        got = sorted({match.rule.id for match in holds if match.rule})
        if got != sorted(test.rules):
            found.append(Difference("rules", sorted(test.rules), got))
    if test.credit is not None:
        texts = [match.rule.text for match in holds if match.rule]
        if not any(test.credit in text for text in texts):
            found.append(Difference("credit", test.credit, texts))
    if test.summary is not None:
        texts = [fill_text(match.policy.message.summary, match.names(), match.event) for match in holds]
        if test.summary not in texts:
            found.append(Difference("summary", test.summary, texts[0] if texts else None))
    return found
