"""First tests of an imported pack: an event that one of its rules finds, and one that none of them does."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from approvalbot.events.mapping import Table
from approvalbot.events.normalise import RawEvent, normalise
from approvalbot.policy.conditions.compile import Judge, compile_tree
from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.view import View
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.sigma.example import example_event
from approvalbot.policy.sigma.rules import SigmaRule

NOTHING = "nothing that a rule looks for"
_WHEN = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
"""The moment of inline tests, unless they say another."""


def tests_of(
    rules: Sequence[SigmaRule], policies: PolicySet, source: str, placeholders: Placeholders
) -> list[dict[str, Any]]:
    """The tests that hold; none of the first kind where no rule is about plain texts."""
    table = policies.table_of(source)
    needed = dict.fromkeys(table.detect, NOTHING)
    trees = [(rule, rule.tree(placeholders, [])) for rule in rules]
    judges = {rule.id: compile_tree(tree) for rule, tree in trees}
    made: list[dict[str, Any]] = []
    for rule, tree in trees:
        event = example_event(tree)
        if event and _holds(judges[rule.id], {**needed, **event}, table, source):
            named = [one for one, judge in judges.items() if _holds(judge, {**needed, **event}, table, source)]
            name = f"made up from the rule: {rule.text('title')}"
            made.append(_test(name, source, {**needed, **event}, expect="match", rules=named))
            break
    harmless = needed or {"action": NOTHING}
    if not any(_holds(judge, harmless, table, source) for judge in judges.values()):
        made.append(_test("an event that no rule is about", source, harmless, expect="no_match"))
    return made


def _test(name: str, source: str, event: dict[str, Any], **expected: Any) -> dict[str, Any]:
    return {"name": name, "source": source, "event": event, **expected}


def _holds(judge: Judge, body: dict[str, Any], table: Table, source: str) -> bool:
    try:
        return judge(View(normalise(table, RawEvent(body), source=source, headers={}, received_at=_WHEN)))
    except EvaluationFault:
        return True
