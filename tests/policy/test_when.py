"""`when:`, with the language that the extra `cel` brings: what holds, what does not, and that a fault is never a no."""

from datetime import UTC, datetime

import pytest

from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.matching import Match
from approvalbot.policy.stages import judge_event
from tests.events.makers import event_of
from tests.policy.makers import load, policy_document

pytest.importorskip("cel_expr_python", reason="the extra cel is not installed here")


NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def judged(expression: str, **event: object) -> tuple[Match, ...]:
    return judge_event(load(policy_document(when=expression)), event_of({"action": "deploy", **event}), NOW).holds


@pytest.mark.parametrize(
    ("expression", "event", "holds"),
    [
        ("event.amount > 100", {"amount": 101}, True),
        ("event.amount > 100", {"amount": 100}, False),
        ("event.?target.?region.orValue('') == 'eu'", {"target": {"region": "eu"}}, True),
        ("event.?target.?region.orValue('') == 'eu'", {}, False),
        ("event.tags.exists(tag, tag.startsWith('pci'))", {"tags": ["a", "pci-1"]}, True),
        ("actor.id == 'eve@example.com' && source.name == 'generic'", {"actor": {"id": "eve@example.com"}}, True),
        ("now > timestamp('2020-01-01T00:00:00Z')", {}, True),
    ],
)
def test_an_expression_decides_after_all_else_matched(expression: str, event: dict[str, object], holds: bool) -> None:
    assert [match.error for match in judged(expression, **event)] == ([""] if holds else [])


@pytest.mark.parametrize(
    ("expression", "event"),
    [
        ("event.amount > 100", {}),
        ("event.amount > 100", {"amount": None}),
        ("event.amount > 100", {"amount": "many"}),
        ("event.amount / event.people > 1", {"amount": 1, "people": 0}),
        ("event.amount", {"amount": "yes"}),
    ],
)
def test_what_cannot_be_evaluated_asks_and_never_passes(expression: str, event: dict[str, object]) -> None:
    matches = judged(expression, **event)

    assert len(matches) == 1
    assert "when: " in matches[0].error


@pytest.mark.parametrize("expression", ["event.amount >", "1 + 1", "'yes'", "nobody.knows == 1", "event.nofunction()"])
def test_what_can_never_decide_does_not_load(expression: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        load(policy_document(when=expression))

    assert [(fault.path, fault.name) for fault in caught.value.faults] == [(("when",), "bad-expression")]
    assert all(fault.hint for fault in caught.value.faults)
