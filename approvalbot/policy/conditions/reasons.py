"""Why a condition held: the fields with the values that met it, for "why now" on the card."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, assert_never

from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.tests import EMPTY_LIST, EmptyListTest, ExistsTest, NullTest, passes
from approvalbot.policy.conditions.tree import AllOf, AnyOf, Keywords, Leaf, Node, Not
from approvalbot.policy.conditions.view import View
from approvalbot.policy.faults import EvaluationFault


@dataclass(frozen=True, slots=True)
class Reason:
    """A field as the policy writes it, its modifiers, and the values of the event that met the condition."""

    field: str
    modifiers: tuple[str, ...]
    values: tuple[Any, ...]


def reasons(tree: Node, view: View) -> tuple[Reason, ...]:
    """The reasons of a tree that holds. What stands under `not` is no reason: nothing was there."""
    found: dict[str, Reason] = {}
    for reason in _reasons(tree, view):
        earlier = found.get(reason.field)
        if earlier is None:
            found[reason.field] = reason
        else:
            more = tuple(value for value in reason.values if value not in earlier.values)
            found[reason.field] = Reason(reason.field, earlier.modifiers, (*earlier.values, *more))
    return tuple(found.values())


def _reasons(node: Node, view: View) -> Iterator[Reason]:
    match node:
        case Leaf():
            values = hits(node, view)
            if values and not node.negated:
                yield Reason(node.field.name, node.modifiers, values)
        case Keywords():
            yield from _keyword_reasons(node, view)
        case Not():
            return
        case AllOf():
            for child in node.children:
                yield from _reasons(child, view)
        case AnyOf():
            for child in node.children:
                if _holds(child, view):
                    yield from _reasons(child, view)
        case _:
            assert_never(node)


def hits(leaf: Leaf, view: View) -> tuple[Any, ...]:
    """The values of the field that meet at least one of the leaf's listed values; null where null was asked for."""
    values = view.values(leaf.field)
    return tuple(value for value in values if any(_meets(test, value, view) for test in leaf.tests))


def _meets(test: Any, value: Any, view: View) -> bool:
    match test:
        case NullTest():
            return value is None
        case ExistsTest():
            return bool(test.wanted)
        case EmptyListTest():
            return bool(value == EMPTY_LIST)
        case _:
            try:
                return value is not None and passes(test, value, view)
            except EvaluationFault:
                return False


def _holds(node: Node, view: View) -> bool:
    try:
        return compile_tree(node)(view)
    except EvaluationFault:
        return False


def _keyword_reasons(node: Keywords, view: View) -> Iterator[Reason]:
    values = tuple(text for text in view.scalars() if any(_meets(test, text, view) for test in node.tests))
    if values:
        yield Reason("anywhere", node.modifiers, tuple(dict.fromkeys(values)))
