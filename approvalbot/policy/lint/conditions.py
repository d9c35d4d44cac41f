"""Lints of a condition: what it says too much, too little, or not at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from approvalbot.policy.conditions.patterns import Pattern, Wild
from approvalbot.policy.conditions.tests import ExistsTest, NullTest, TextTest
from approvalbot.policy.conditions.tree import AllOf, AnyOf, Keywords, Leaf, Node, Not, leaves
from approvalbot.policy.index import offers
from approvalbot.policy.lint.finding import Smell, Smells

MATCH = ("match",)
SHORTEST_TEXT = 4
"""Characters that a `contains` or a keyword should have: shorter ones stand in too many texts by chance."""

_ESCAPED = re.compile(r"\\[*?\\]")

OUTCOMES = frozenset({"success", "failure", "denied", "unknown"})
_SINGLE = frozenset({"$action", "$outcome", "$id", "$actor.id", "$resource.id", "$source.name", "$source.tenant"})


def condition_smells(tree: Node, sources: tuple[str, ...]) -> Smells:
    """What is wrong with a policy's own condition as a whole."""
    if always(tree):
        yield Smell(
            "empty-match", "error", MATCH, "every event meets this condition, so every event would ask somebody"
        )
    elif never(tree, sources):
        yield Smell("contradiction", "error", MATCH, "no event can ever meet this condition")
    for branch in _branches(tree):
        if not is_positive(branch):
            message = (
                "this asks only what an event is not, so an event without the field matches too; add field|exists: true"
            )
            yield Smell("not-without-exists", "warning", MATCH, message)
    if not offers(tree):
        message = "no condition can be indexed (equality, contains, startswith, endswith), so every event is judged"
        yield Smell("unindexed", "warning", MATCH, message)
    for leaf in leaves(tree):
        yield from _leaf_smells(leaf)
    yield from _broad_keywords(tree)


def always(node: Node) -> bool:
    """Whether every event meets it, as far as its form tells."""
    match node:
        case Leaf() | Keywords():
            return False
        case Not():
            return never(node.child, ())
        case AllOf():
            return bool(node.children) and all(always(child) for child in node.children)
        case AnyOf():
            return any(always(child) for child in node.children) or _has_complement(node.children)


def never(node: Node, sources: tuple[str, ...]) -> bool:
    """Whether no event meets it, as far as its form tells."""
    match node:
        case Leaf():
            return _impossible(node, sources)
        case Keywords():
            return False
        case Not():
            return always(node.child)
        case AnyOf():
            return all(never(child, sources) for child in node.children)
        case AllOf():
            conjuncts = list(_conjuncts(node))
            return (
                any(never(child, sources) for child in conjuncts)
                or _has_complement(tuple(conjuncts))
                or _clash([one for one in conjuncts if isinstance(one, Leaf)])
            )


def is_positive(node: Node) -> bool:
    """Whether something must be there for it to hold."""
    match node:
        case Leaf():
            absent = [isinstance(test, NullTest) or test == ExistsTest(wanted=False) for test in node.tests]
            return not node.negated and not (all(absent) if node.every else any(absent))
        case Keywords():
            return True
        case Not():
            return False
        case AllOf():
            return any(is_positive(child) for child in node.children)
        case AnyOf():
            return bool(node.children) and all(is_positive(child) for child in node.children)


def _branches(tree: Node) -> Iterator[Node]:
    """The alternatives of a condition: its own `any` branches, or itself."""
    if isinstance(tree, AnyOf):
        for child in tree.children:
            yield from _branches(child)
    else:
        yield tree


def _conjuncts(node: AllOf) -> Iterator[Node]:
    for child in node.children:
        if isinstance(child, AllOf):
            yield from _conjuncts(child)
        else:
            yield child


def _has_complement(nodes: tuple[Node, ...]) -> bool:
    """Whether something stands beside its own opposite."""
    denied = [node.child for node in nodes if isinstance(node, Not)]
    return any(node in denied for node in nodes)


def _impossible(leaf: Leaf, sources: tuple[str, ...]) -> bool:
    """Whether a leaf asks a closed list of words for a word that is not on it."""
    words = (
        OUTCOMES if leaf.field.name == "$outcome" else frozenset(sources) if leaf.field.name == "$source.name" else None
    )
    literals = _literals(leaf)
    return bool(words) and literals is not None and literals.isdisjoint(words or ())


def _clash(conjuncts: list[Leaf]) -> bool:
    """Whether two leaves on one field cannot both hold.

    Lists fan out, so a raw field may well equal two values at once; a normalised one has a single value.
    """
    for place, first in enumerate(conjuncts):
        for second in conjuncts[place + 1 :]:
            if first.field is not second.field:
                continue
            if (_absent(first) and is_positive(second)) or (_absent(second) and is_positive(first)):
                return True
            one, other = _literals(first), _literals(second)
            if first.field.name in _SINGLE and one is not None and other is not None and not one & other:
                return True
    return False


def _absent(leaf: Leaf) -> bool:
    return leaf.tests == (ExistsTest(wanted=False),)


def _literals(leaf: Leaf) -> frozenset[str] | None:
    """The texts that a plain equality asks for; None for any other leaf."""
    found: set[str] = set()
    for test in leaf.tests:
        if leaf.negated or leaf.every or not isinstance(test, TextTest):
            return None
        for pattern in test.patterns:
            if pattern.literal is None:
                return None
            found.add(pattern.literal.casefold())
    return frozenset(found)


def _leaf_smells(leaf: Leaf) -> Smells:
    if isinstance(leaf.want, list) and any(value is None for value in leaf.want):
        message = f"{leaf.written}: null among other values is read as or; write `any` with `field: null` of its own"
        yield Smell("null-in-list", "warning", MATCH, message)
    if leaf.every and len(leaf.tests) == 1:
        yield Smell("single-all", "warning", MATCH, f"{leaf.written}: all with one value says nothing; leave it out")
    patterns = [pattern for test in leaf.tests if isinstance(test, TextTest) for pattern in test.patterns]
    if _doubled(leaf):
        message = f"{leaf.written}: the modifier already puts a wildcard there; leave the * out"
        yield Smell("double-wildcard", "warning", MATCH, message)
    if any(_is_broad(pattern) for pattern in patterns):
        message = f"{leaf.written}: a text of under {SHORTEST_TEXT} characters stands in too many values by chance"
        yield Smell("broad-contains", "warning", MATCH, message)


def _doubled(leaf: Leaf) -> bool:
    if not any(isinstance(test, TextTest) for test in leaf.tests):
        return False
    values = leaf.want if isinstance(leaf.want, list) else [leaf.want]
    texts = [_ESCAPED.sub("_", value) for value in values if isinstance(value, str) and value != "*"]
    start = bool({"contains", "endswith"}.intersection(leaf.modifiers))
    end = bool({"contains", "startswith"}.intersection(leaf.modifiers))
    return any("**" in text or (start and text.startswith("*")) or (end and text.endswith("*")) for text in texts)


def _is_broad(pattern: Pattern) -> bool:
    texts = [part for part in pattern.parts if isinstance(part, str)]
    inside = len(pattern.parts) > 1 and pattern.parts[0] is Wild.RUN and pattern.parts[-1] is Wild.RUN
    return inside and bool(texts) and max(map(len, texts)) < SHORTEST_TEXT


def _broad_keywords(tree: Node) -> Smells:
    for node in nodes(tree):
        if isinstance(node, Keywords) and any(_is_broad(pattern) for pattern in node.patterns):
            message = f"a keyword of under {SHORTEST_TEXT} characters stands in too many events by chance"
            yield Smell("broad-contains", "warning", MATCH, message)


def nodes(node: Node) -> Iterator[Node]:
    """Every node of a tree, itself first."""
    yield node
    match node:
        case Not():
            yield from nodes(node.child)
        case AllOf() | AnyOf():
            for child in node.children:
                yield from nodes(child)
        case _:
            pass


@dataclass(frozen=True, slots=True)
class Companion:
    """A field that says little without another, such as the name of an AWS action without its service."""

    field: str
    needs: frozenset[str]
    message: str


COMPANIONS = {
    "aws.cloudtrail": Companion(
        "eventName",
        frozenset({"eventSource", "$action", "$source.service", "$source.name"}),
        "eventName without eventSource: other services have actions of the same name",
    ),
    "github.webhook": Companion(
        "action",
        frozenset({"$header.x-github-event", "$action", "$source.name"}),
        "action without $header.x-github-event: every type of webhook has actions of the same name",
    ),
}


def companion_smells(tree: Node, mappings: frozenset[str]) -> Smells:
    """Fields that are tested without the one that gives them their meaning."""
    for mapping, companion in COMPANIONS.items():
        if mapping in mappings and _alone(tree, companion, frozenset()):
            yield Smell("action-without-source", "warning", MATCH, companion.message)


def _alone(node: Node, companion: Companion, beside: frozenset[str]) -> bool:
    match node:
        case Leaf():
            return node.field.name == companion.field and not companion.needs & beside
        case Keywords() | Not():
            return False
        case AllOf():
            own = {
                _plain(leaf.field.name)
                for child in node.children
                if not isinstance(child, Not)
                for leaf in leaves(child)
            }
            return any(_alone(child, companion, beside | own) for child in node.children)
        case AnyOf():
            return any(_alone(child, companion, beside) for child in node.children)


def _plain(name: str) -> str:
    """A header's name in lower case, as headers are looked up; other names as they stand."""
    return name.lower() if name.startswith("$header.") else name
