"""The tree of a condition, compiled to one function from a view to true or false.

An evaluation fault is a third value. A false child decides an "and" whatever the others are, a true one an "or"; only
where nothing else decides does the fault come through. So neither the order of keys nor the index can turn a fault into
"no match" or back.
"""

from collections.abc import Callable, Iterable

from approvalbot.policy.conditions.patterns import Matcher
from approvalbot.policy.conditions.tests import (
    FieldTest,
    OtherFieldTest,
    RegexTest,
    Test,
    TextTest,
    holds,
    passes,
)
from approvalbot.policy.conditions.tree import AllOf, AnyOf, Keywords, Leaf, Node, Not, may_fail
from approvalbot.policy.conditions.view import Field, View
from approvalbot.policy.faults import EvaluationFault

Judge = Callable[[View], bool]
"""Whether a condition holds. Raises EvaluationFault where that cannot be told."""


def compile_tree(node: Node) -> Judge:
    """The condition as a function."""
    match node:
        case Leaf():
            judge = _leaf(node)
            return (lambda view: not judge(view)) if node.negated else judge
        case Keywords():
            return _keywords(node)
        case Not():
            child = compile_tree(node.child)
            return lambda view: not child(view)
        case AllOf() if not node.children:
            return lambda _: False  # an empty `all:` matches nothing
        case AllOf():
            return _every(_compiled(node.children), faulty=may_fail(node))
        case AnyOf():
            return _some(_compiled(node.children), faulty=may_fail(node))


def _compiled(children: tuple[Node, ...]) -> tuple[Judge, ...]:
    # What can fail comes last, since it is also what costs most.
    return tuple(compile_tree(child) for child in sorted(children, key=may_fail))


def _every(judges: tuple[Judge, ...], *, faulty: bool) -> Judge:
    if faulty:
        return _settled_by(judges, deciding=False)
    if len(judges) == 2:
        first, second = judges
        return lambda view: first(view) and second(view)

    def every(view: View) -> bool:
        for judge in judges:  # noqa: SIM110 - a generator costs twice as much, and this is the innermost loop
            if not judge(view):
                return False
        return True

    return judges[0] if len(judges) == 1 else every


def _some(judges: tuple[Judge, ...], *, faulty: bool) -> Judge:
    if faulty:
        return _settled_by(judges, deciding=True)

    def some(view: View) -> bool:
        for judge in judges:  # noqa: SIM110 - as above
            if judge(view):
                return True
        return False

    return judges[0] if len(judges) == 1 else some


def _settled_by(judges: tuple[Judge, ...], *, deciding: bool) -> Judge:
    """An "and" (false decides) or an "or" (true decides) of which a part may fail."""

    def settle(view: View) -> bool:
        fault: EvaluationFault | None = None
        for judge in judges:
            try:
                if judge(view) is deciding:
                    return deciding
            except EvaluationFault as raised:
                fault = raised
        if fault is not None:
            raise fault
        return not deciding

    return settle


def _leaf(leaf: Leaf) -> Judge:
    if leaf.every:
        return _every(tuple(_test(test, leaf.field) for test in leaf.tests), faulty=may_fail(leaf))
    literals = frozenset(
        literal.casefold()
        for test in leaf.tests
        if isinstance(test, TextTest) and not test.cased
        for pattern in test.patterns
        if (literal := pattern.literal) is not None
    )
    judges = [_test(rest, leaf.field) for test in leaf.tests if (rest := _without_literals(test)) is not None]
    if literals:
        judges.insert(0, _equal_to_one_of(literals, leaf.field))
    return _some(tuple(judges), faulty=may_fail(leaf))


def _without_literals(test: Test) -> Test | None:
    """What is left of a test once its plain literals stand in the set of equal texts."""
    if not isinstance(test, TextTest) or test.cased:
        return test
    rest = tuple(pattern for pattern in test.patterns if pattern.literal is None)
    return TextTest(rest) if rest else None


def _equal_to_one_of(literals: frozenset[str], field: Field) -> Judge:
    if len(literals) == 1:
        (only,) = literals
        return lambda view: only in view.folded(field)
    return lambda view: not literals.isdisjoint(view.folded(field))


def _test(test: Test, field: Field) -> Judge:
    if isinstance(test, FieldTest):
        return lambda view: holds(test, field, view)
    if isinstance(test, TextTest):
        return _text_test(test, field)
    if isinstance(test, OtherFieldTest):
        return lambda view: test.holds(field, view)
    if isinstance(test, RegexTest):
        return lambda view: _found_in((test.regex.search,), view.texts(field))
    return lambda view: any(passes(test, value, view) for value in view.values(field) if value is not None)


def _found_in(searches: tuple[Matcher, ...], texts: Iterable[str]) -> bool:
    """Whether something is found in some text. One that is too long to search hides no other, wherever it stands."""
    fault: EvaluationFault | None = None
    for text in texts:
        for search in searches:
            try:
                if search(text):
                    return True
            except EvaluationFault as raised:
                fault = raised
    if fault is not None:
        raise fault
    return False


def _text_test(test: TextTest, field: Field) -> Judge:
    matchers = test.matchers()
    texts = View.texts if test.cased else View.folded
    if test.may_fail:
        return lambda view: _found_in(matchers, texts(view, field))
    if len(matchers) == 1:
        matches = matchers[0]
        return lambda view: any(map(matches, texts(view, field)))
    return lambda view: any(matches(text) for text in texts(view, field) for matches in matchers)


def _keywords(node: Keywords) -> Judge:
    judges = tuple(_keyword(test) for test in sorted(node.tests, key=lambda test: test.may_fail))
    combine = _every if node.every else _some
    return combine(judges, faulty=may_fail(node))


def _keyword(test: TextTest | RegexTest) -> Judge:
    if isinstance(test, RegexTest):
        return lambda view: _found_in((test.regex.search,), view.scalars())
    matchers, texts = test.matchers(), View.scalars if test.cased else View.keywords
    if test.may_fail:
        return lambda view: _found_in(matchers, texts(view))
    return lambda view: any(matches(text) for text in texts(view) for matches in matchers)
