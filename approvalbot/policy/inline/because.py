"""Why a test came out as it did: the conditions that decided, where each of its events ended, who may press."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from approvalbot.events.event import Event
from approvalbot.events.times import show_time
from approvalbot.policy.asking import levels_of
from approvalbot.policy.calendars import is_inside, schedule_row
from approvalbot.policy.compiled import Compiled
from approvalbot.policy.conditions.view import View
from approvalbot.policy.explain import Explained, explain_tree
from approvalbot.policy.explain_text import deciding_lines
from approvalbot.policy.inline.port import Opening
from approvalbot.policy.inline.results import Difference
from approvalbot.policy.inline.shapes import PolicyTest
from approvalbot.policy.people import actor_of
from approvalbot.policy.pipeline import Outcome
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.stages import clock_of

MOST_RULES = 3
"""Rules of a pack that are told about one test."""

_ENDED = {
    "during": "its calendar says not now",
    "when": "its expression is false",
    "correlate": "is counted, and waits for more",
    "dedupe": "is a repeat of a question that is open",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a test and what every policy of the document made of it. `number` counts from 1."""

    number: int
    event: Event
    at: datetime
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Because:
    """What reasons are looked for in: the document's judging policies, and the events that the test fed them."""

    policies: PolicySet
    compiled: Sequence[Compiled]
    test: PolicyTest
    steps: Sequence[Step]
    opening: Opening | None = None

    def explained(self, difference: Difference) -> Difference:
        """The difference with what decided it."""
        if not self.steps:
            return difference
        match difference.what:
            case "expect" | "why":
                lines = self._verdict()
            case "rules":
                lines = self._rules(set(difference.expected), set(difference.got))
            case "opens":
                lines = self._ends()
            case "quorum":
                lines = self._quorum()
            case what if " by " in what and self.opening is not None:
                lines = self._seats(self.opening)
            case _:
                return difference
        return replace(difference, because=tuple(lines))

    def _verdict(self) -> Iterator[str]:
        held = [one for step in self.steps for one in step.outcomes]
        if held:
            for outcome in held[:MOST_RULES]:
                yield from self._outcome(outcome)
            return
        step = self.steps[-1]
        for one in self._nearest(step.event):
            yield from self._against(one, step.event)

    def _outcome(self, outcome: Outcome) -> Iterator[str]:
        match = outcome.match
        yield from self._named(match.compiled)
        if match.error:
            yield f"  ! cannot be judged: {match.error}"
        elif outcome.stopped == "during":
            yield from self._during(outcome)
        elif outcome.stopped == "when":
            yield f"  ✗ when: {match.policy.when}"
        else:
            yield from _decided(explain_tree(match.compiled.tree, View(match.event)))

    def _during(self, outcome: Outcome) -> Iterator[str]:
        match = outcome.match
        during = match.policy.during
        at = next(step.at for step in self.steps if outcome in step.outcomes)
        if during is None:
            return
        moment = clock_of(match.policy, during, match.event, at)
        is_ = "inside" if is_inside(self.policies.calendars, during.calendar, moment) else "outside"
        yield f"  ✗ during: {show_time(moment)} is {is_} {during.calendar}, and the policy asks for {during.is_}"

    def _against(self, compiled: Compiled, event: Event) -> Iterator[str]:
        """What kept a policy from an event."""
        yield from self._named(compiled)
        sources = compiled.policy.source
        if event.source_name not in sources:
            yield f"  ✗ the event comes from {event.source_name}, and the policy reads {', '.join(sources)}"
            return
        yield from _decided(explain_tree(compiled.tree, View(event)))

    def _named(self, compiled: Compiled) -> Iterator[str]:
        if len(self.compiled) > 1:
            yield f"{compiled.key.rpartition('/')[2]} ({compiled.policy.title}):"

    def _nearest(self, event: Event) -> list[Compiled]:
        """The policies to tell about: those the test names, else the one of which the fewest conditions fail."""
        if self.test.rules:
            return [one for one in self.compiled if one.rule and one.rule.id in self.test.rules][:MOST_RULES]

        def misses(one: Compiled) -> tuple[bool, int, int]:
            leaves = list(explain_tree(one.tree, View(event)).leaves())
            failed = sum(leaf.ok is False for leaf in leaves)
            return event.source_name not in one.policy.source, failed, failed - len(leaves)

        return sorted(self.compiled, key=misses)[:1]

    def _rules(self, expected: set[str], got: set[str]) -> Iterator[str]:
        by_id = {one.rule.id: one for one in self.compiled if one.rule}
        for name in sorted(expected - got)[:MOST_RULES]:
            if name in by_id:
                yield from self._against(by_id[name], self.steps[-1].event)
            else:
                yield f"{name} is no rule of this document"
        held = {rule.id: one for step in self.steps for one in step.outcomes if (rule := one.match.rule)}
        for name in sorted(got - expected)[:MOST_RULES]:
            yield from self._outcome(held[name])

    def _ends(self) -> Iterator[str]:
        """Where each event ended."""
        for step in self.steps:
            told = [_ENDED.get(one.stopped, one.stopped) if one.stopped else "opens" for one in step.outcomes]
            yield f"  {step.number}. {show_time(step.at)}: {', '.join(dict.fromkeys(told)) or 'does not match'}"

    @staticmethod
    def _seats(opening: Opening) -> Iterator[str]:
        """Who may press, and who must not."""
        for number, level in enumerate(levels_of(opening, lambda entry, name: opening.world.members(entry.kind, name))):
            for entry in level.entries:
                people = (
                    "nobody, its members are not in the fixtures" if entry.people is None else ", ".join(entry.people)
                )
                yield f"  level {number + 1}: {entry.key}: {people}"
        if opening.bars:
            barred = (f"{account} ({role})" for role, _, account in opening.bars)
            yield f"  may not vote: {', '.join(dict.fromkeys(barred))}"

    def _quorum(self) -> Iterator[str]:
        for step in self.steps:
            for outcome in step.outcomes:
                if outcome.stopped is not None:
                    continue
                policy = outcome.match.policy
                row = schedule_row(policy.approval, self.policies.calendars, step.at)
                if policy.approval.schedule:
                    yield f"  schedule: {f'during {row.during}' if row.during else 'otherwise'} asks for {row.quorum}"
                if not actor_of(self.policies, step.event).known:
                    yield "  whoever acted is nobody that Identities know, which may ask for one more vote"
                if outcome.match.error:
                    yield "  a policy that cannot be judged asks for two"
                return


def _decided(explained: Explained) -> Iterator[str]:
    yield from (f"  {line}" for line in deciding_lines(explained))
