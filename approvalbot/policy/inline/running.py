"""Running the inline tests of a set: no network, no Redis, no clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from approvalbot.policy.base import Block, Document
from approvalbot.policy.calendar import Calendar
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import Identities, Sources
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.inline.access_tests import run_access_test
from approvalbot.policy.inline.event_tests import run_policy_test
from approvalbot.policy.inline.port import Lifecycle
from approvalbot.policy.inline.results import Difference, TestResult
from approvalbot.policy.inline.shapes import CalendarTest, Fixtures, IdentityTest, PolicyTest, SourceTest, shape_of
from approvalbot.policy.inline.source_tests import run_source_test
from approvalbot.policy.inline.times import moment_of
from approvalbot.policy.inline.world import World
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.policyset import PolicySet


@dataclass(frozen=True, slots=True)
class Setting:
    """What a test runs in."""

    policies: PolicySet
    document: Document
    lifecycle: Lifecycle | None = None

    @property
    def world(self) -> World:
        return World(Fixtures.model_validate(self.document.fixtures), self.policies.identities)


def run_tests(
    policies: PolicySet, documents: Iterable[Document] | None = None, lifecycle: Lifecycle | None = None
) -> Iterator[TestResult]:
    """The results of all tests of these documents (of the whole set where none are given), one after the other.

    Without a `lifecycle` the parts that need one (votes, after, state) are named as left out.
    """
    for document in policies.documents if documents is None else documents:
        setting = Setting(policies, document, lifecycle)
        shape = shape_of(document)
        for number, written in enumerate(document.tests):
            test = shape.model_validate(written)
            differences, left_out = _run(setting, test)
            yield TestResult(
                document=document.id,
                kind=type(document).__name__,
                name=getattr(test, "name", "") or f"test {number + 1}",
                place=_place(document, number),
                differences=tuple(differences),
                left_out=left_out,
            )


def _place(document: Document, number: int) -> str:
    if document.place is None:
        return document.id
    lines = document.test_lines
    return f"{document.place.file}:{lines[number] if number < len(lines) else document.place.line}"


def _run(setting: Setting, test: Block) -> tuple[list[Difference], tuple[str, ...]]:
    document, policies = setting.document, setting.policies
    match document, test:
        case Entitlement(), PolicyTest():
            return run_access_test(policies, document, test, setting.world, setting.lifecycle)
        case Policy() | SigmaPack(), PolicyTest():
            return run_policy_test(policies, document, test, setting.world, setting.lifecycle)
        case Sources(), SourceTest():
            return run_source_test(policies, test), ()
        case Calendar(), CalendarTest():
            return _calendar(policies, document, test), ()
        case Identities(), IdentityTest():
            return _identity(document, test), ()
        case _:
            return [Difference("kind", "a document that has tests", type(document).__name__)], ()


def _calendar(policies: PolicySet, calendar: Calendar, test: CalendarTest) -> list[Difference]:
    try:
        got = "inside" if policies.calendars[calendar.id].is_inside(moment_of(test.at)) else "outside"
    except EvaluationFault as fault:
        got = "error" if test.expect == "error" else f"error: {fault}"
    return [] if got == test.expect else [Difference(test.at, test.expect, got)]


def _identity(identities: Identities, test: IdentityTest) -> list[Difference]:
    found = []
    for system, account in test.lookup.items():
        got = identities.lookup(str(system), account) or "none"
        if got != test.expect:
            found.append(Difference(f"{system} {account}", test.expect, got))
    return found
