"""What one listed value of a condition asks of a field. A test judges single values; null fails every positive one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, assert_never

from approvalbot.events.values import text_of
from approvalbot.policy.conditions import numbers
from approvalbot.policy.conditions.patterns import Matcher, Pattern, matcher
from approvalbot.policy.conditions.regexes import Regex
from approvalbot.policy.conditions.view import Field, View
from approvalbot.policy.faults import EvaluationFault

MOST_COMPARED = 10_000_000
"""Letters that comparing two fields may look at: ten milliseconds. Thousands of values each took half a second."""

Order = Literal["lt", "lte", "gt", "gte", "eq"]
DatePart = Literal["minute", "hour", "day", "week", "month", "year"]
EMPTY_LIST = "[]"
Shape = Literal["equals", "contains", "startswith", "endswith"]


@dataclass(frozen=True, slots=True)
class TextTest:
    """The text of the value matches one of the patterns; `cased` compares without folding."""

    patterns: tuple[Pattern, ...]
    cased: bool = False

    @property
    def may_fail(self) -> bool:
        return any(pattern.may_fail for pattern in self.patterns)

    def matchers(self) -> tuple[Matcher, ...]:
        """One function per pattern; its text is to be folded unless the test is cased."""
        return tuple(matcher(pattern if self.cased else pattern.folded()) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class RegexTest:
    """RE2 finds the pattern in the text of the value."""

    regex: Regex
    may_fail: ClassVar = True


@dataclass(frozen=True, slots=True)
class NumberTest:
    """The value, or a part of the date it is, stands in this order to a number."""

    order: Order
    number: numbers.Number
    part: DatePart | None = None
    may_fail: ClassVar = False


@dataclass(frozen=True, slots=True)
class NetworkTest:
    """The value is an address inside the network."""

    network: numbers.Network
    may_fail: ClassVar = False


@dataclass(frozen=True, slots=True)
class OtherFieldTest:
    """The value equals (contains, starts with, ends with) some value of another field; null never does."""

    other: Field
    shape: Shape = "equals"
    cased: bool = False

    @property
    def may_fail(self) -> bool:
        return self.shape != "equals"

    def holds(self, field: Field, view: View) -> bool:
        """Whether some value of `field` is like some value of the other.

        Raises:
            EvaluationFault: there is too much to compare.
        """
        texts = View.texts if self.cased else View.folded
        own, others = texts(view, field), texts(view, self.other)
        if self.shape == "equals":
            return not frozenset(own).isdisjoint(others)
        compare = _COMPARE[self.shape]
        if sum(map(len, own)) * len(others) > MOST_COMPARED:
            raise EvaluationFault(f"{field.name} and {self.other.name} have too many values to compare each with each")
        return any(compare(text, other) for text in own for other in others)


@dataclass(frozen=True, slots=True)
class NullTest:
    """The field is missing, null or an empty list."""

    may_fail: ClassVar = False


@dataclass(frozen=True, slots=True)
class ExistsTest:
    """The key is there, or is not; null, an empty text and an empty list count as there."""

    wanted: bool
    may_fail: ClassVar = False


@dataclass(frozen=True, slots=True)
class EmptyListTest:
    """The field is an empty list, which has no value of its own to compare with the text `[]`; or it is that text."""

    may_fail: ClassVar = False


ValueTest = TextTest | RegexTest | NumberTest | NetworkTest | OtherFieldTest
FieldTest = NullTest | ExistsTest | EmptyListTest
Test = ValueTest | FieldTest


def passes(test: ValueTest, value: Any, view: View) -> bool:
    """Whether one value of a field, not null and not a list, passes.

    Raises:
        EvaluationFault: it cannot be told.
    """
    match test:
        case TextTest():
            text = text_of(value) if test.cased else text_of(value).casefold()
            return any(matches(text) for matches in test.matchers())
        case RegexTest():
            return test.regex.search(text_of(value))
        case NumberTest():
            return _in_order(test, value)
        case NetworkTest():
            return isinstance(value, str) and numbers.is_inside(value, test.network)
        case OtherFieldTest():
            return _like_other(test, text_of(value), view)
        case _:
            assert_never(test)


def holds(test: FieldTest, field: Field, view: View) -> bool:
    """Whether a field as a whole passes."""
    match test:
        case NullTest():
            values = view.values(field)
            return not values or any(value is None for value in values)
        case ExistsTest():
            return bool(view.terminals(field)) is test.wanted
        case EmptyListTest():
            return [] in view.terminals(field) or EMPTY_LIST in view.texts(field)
        case _:
            assert_never(test)


def _in_order(test: NumberTest, value: Any) -> bool:
    number = numbers.number_of(value) if test.part is None else numbers.date_part(value, test.part)
    if number is None:
        return False
    match test.order:
        case "lt":
            return number < test.number
        case "lte":
            return number <= test.number
        case "gt":
            return number > test.number
        case "gte":
            return number >= test.number
        case "eq":
            return number == test.number
        case _:
            assert_never(test.order)


def _like_other(test: OtherFieldTest, text: str, view: View) -> bool:
    compare = _COMPARE[test.shape]
    if test.cased:
        return any(compare(text, other) for other in view.texts(test.other))
    folded = text.casefold()
    return any(compare(folded, other) for other in view.folded(test.other))


_COMPARE: dict[Shape, Callable[[str, str], bool]] = {
    "equals": str.__eq__,
    "contains": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
