"""An event that meets a condition, made up from the condition itself: enough for a first test of an imported rule.

Nobody should read more into it. Its values are the texts that the rule lists, with nothing where a wildcard stands;
whoever makes one holds it against the rule before using it.
"""

from typing import Any

from approvalbot.policy.conditions.patterns import Pattern, Wild
from approvalbot.policy.conditions.tests import NullTest, TextTest
from approvalbot.policy.conditions.tree import AllOf, AnyOf, Keywords, Leaf, Node, Not

_STANDS_FOR = {Wild.RUN: "", Wild.ONE: "x", Wild.DASH: "-"}


def example_event(node: Node) -> dict[str, Any] | None:
    """The event, or None where the condition asks for more than texts."""
    match node:
        case Leaf():
            return _of_leaf(node)
        case Keywords():
            patterns = node.patterns if node.every else node.patterns[:1]
            return {"message": " ".join(map(_written, patterns))}
        case Not():
            return {}
        case AllOf():
            made: dict[str, Any] = {}
            for child in node.children:
                found = example_event(child)
                if found is None:
                    return None
                _merge(made, found)
            return made
        case AnyOf():
            return next((found for child in node.children if (found := example_event(child)) is not None), None)


def _of_leaf(leaf: Leaf) -> dict[str, Any] | None:
    tests = leaf.tests if leaf.every else leaf.tests[:1]
    if leaf.negated or all(isinstance(test, NullTest) for test in tests):
        return {}
    texts = [_written(test.patterns[0]) for test in tests if isinstance(test, TextTest)]
    if len(texts) < len(tests):
        return None
    value: Any = "".join(texts)
    for step in reversed(leaf.field.name.split(".")):
        value = {step: value}
    made: dict[str, Any] = value
    return made


def _written(pattern: Pattern) -> str:
    return "".join(part if isinstance(part, str) else _STANDS_FOR[part] for part in pattern.parts)


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        held = into.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            _merge(held, value)
        else:
            into[key] = value
