"""The condition of a policy as a tree: and, or, not, leaves, and keywords over the whole event."""

from dataclasses import dataclass
from typing import Any

from approvalbot.policy.conditions.patterns import Pattern
from approvalbot.policy.conditions.tests import RegexTest, Test, TextTest
from approvalbot.policy.conditions.view import Field


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition on one field. `tests` are its listed values: one of them must hold, or all with `every`.

    `want` and `modifiers` are as written, for a reader. `negated` is `neq`: also true where the field is missing.
    """

    field: Field
    modifiers: tuple[str, ...]
    want: Any
    tests: tuple[Test, ...]
    every: bool = False
    negated: bool = False

    @property
    def written(self) -> str:
        """The key as written: `requestParameters.policyArn|endswith`."""
        return "|".join((self.field.name, *self.modifiers))


@dataclass(frozen=True, slots=True)
class Keywords:
    """Texts that stand anywhere in the event, in one of its values each: one of them, or all with `every`."""

    want: Any
    tests: tuple[TextTest | RegexTest, ...]
    every: bool = False
    modifiers: tuple[str, ...] = ()

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The wildcard patterns among what is looked for."""
        return tuple(pattern for test in self.tests if isinstance(test, TextTest) for pattern in test.patterns)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every child holds. `label` is the name of a Sigma selection. Without children it holds for nothing."""

    children: tuple["Node", ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some child holds."""

    children: tuple["Node", ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Not:
    """The child does not hold."""

    child: "Node"


Node = AllOf | AnyOf | Not | Leaf | Keywords


def may_fail(node: Node) -> bool:
    """Whether judging the node can end in an evaluation fault: only what could take too long can."""
    match node:
        case Leaf() | Keywords():
            return any(test.may_fail for test in node.tests)
        case Not():
            return may_fail(node.child)
        case AllOf() | AnyOf():
            return any(may_fail(child) for child in node.children)


def leaves(node: Node) -> list[Leaf]:
    """Every leaf of the tree, in the order written."""
    match node:
        case Leaf():
            return [node]
        case Keywords():
            return []
        case Not():
            return leaves(node.child)
        case AllOf() | AnyOf():
            return [leaf for child in node.children for leaf in leaves(child)]
