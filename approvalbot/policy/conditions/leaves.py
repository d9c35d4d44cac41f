"""One condition: a key such as `requestParameters.policyArn|endswith` and what it wants, as a leaf of the tree."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from approvalbot.events.values import text_of
from approvalbot.policy.conditions import numbers
from approvalbot.policy.conditions.fields import NameFault
from approvalbot.policy.conditions.modifiers import KEYWORD_MODIFIERS, Chain, ConditionFault, chain_of
from approvalbot.policy.conditions.placeholders import Placeholders, expanded
from approvalbot.policy.conditions.regexes import RegexFault, compile_regex
from approvalbot.policy.conditions.tests import (
    EMPTY_LIST,
    EmptyListTest,
    ExistsTest,
    NetworkTest,
    NullTest,
    NumberTest,
    OtherFieldTest,
    RegexTest,
    Test,
    TextTest,
)
from approvalbot.policy.conditions.transforms import patterns_of
from approvalbot.policy.conditions.tree import Keywords, Leaf, Not
from approvalbot.policy.conditions.view import Field
from approvalbot.policy.faults import parted, quoted


@dataclass(frozen=True, slots=True)
class Reading:
    """How keys and values are read: which field a name stands for, and the lists that `expand` fills in."""

    field_of: Callable[[str], Field]
    placeholders: Placeholders = field(default_factory=Placeholders)


def leaf_of(key: str, want: Any, reading: Reading) -> Leaf:
    """The condition that `key: want` writes.

    Raises:
        ConditionFault: the name, a modifier or a value cannot be used.
    """
    name, *modifiers = key.split("|")
    chain = chain_of(tuple(modifiers))
    tests = tuple(_test(value, chain, reading) for value in _wanted(want, chain, reading))
    return Leaf(_field(name, reading), chain.written, want, tests, chain.every, chain.negated)


def keywords_of(want: Any, modifiers: tuple[str, ...], reading: Reading) -> Keywords | Not:
    """The condition that some text stands anywhere in an event, in one of its values.

    Raises:
        ConditionFault: a modifier or a value cannot be used without a field.
    """
    chain = chain_of(modifiers)
    if needs_field := sorted(set(modifiers) - KEYWORD_MODIFIERS):
        raise ConditionFault(
            "bad-modifier",
            f"|{needs_field[0]} needs a field, and a keyword has none",
            f"write field|{needs_field[0]}, or leave it out",
        )
    wanted = _wanted(want, chain, reading)
    if any(value is None or isinstance(value, dict | list) for value in wanted):
        raise ConditionFault("bad-value", "a keyword is a text", "list texts")
    tests = tuple(_text_test(value, replace(chain, shape="contains")) for value in wanted)
    found = Keywords(want, tests, chain.every, chain.written)
    return Not(found) if chain.negated else found


def _wanted(want: Any, chain: Chain, reading: Reading) -> list[Any]:
    """The values that a key lists, with every filling of their placeholders."""
    wanted = want if isinstance(want, list) else [want]
    if not wanted:
        raise ConditionFault("bad-value", "an empty list matches nothing", "list at least one value")
    return expanded(wanted, reading.placeholders) if "expand" in chain.transforms else wanted


def _text_test(value: Any, chain: Chain) -> TextTest | RegexTest:
    # A number or a boolean is compared by its text, which has no wildcards.
    return _regex(value, chain) if chain.kind == "re" else TextTest(patterns_of(text_of(value), chain), chain.cased)


def _field(name: str, reading: Reading) -> Field:
    try:
        return reading.field_of(name)
    except NameFault as fault:
        raise ConditionFault("bad-path", fault.problem, fault.hint) from fault
    except ValueError as fault:
        raise ConditionFault("bad-path", *parted(str(fault))) from fault


def _test(value: Any, chain: Chain, reading: Reading) -> Test:
    if isinstance(value, dict | list):
        raise ConditionFault(
            "bad-value", f"{quoted(value)} is no value to compare with", "write a text, a number, true, false or null"
        )
    if value is None:
        return _null(chain)
    match chain.kind:
        case "text" if value == EMPTY_LIST and not chain.shape and not chain.transforms:
            return EmptyListTest()
        case "text" | "re":
            return _text_test(value, chain)
        case "exists":
            return _exists(value)
        case "cidr":
            return _network(value)
        case "order" | "date":
            return _number(value, chain)
        case "fieldref":
            return _other_field(value, chain, reading)


def _null(chain: Chain) -> Test:
    if chain.kind != "text" or chain.shape or chain.transforms:
        raise ConditionFault("bad-value", f"null has no text for |{chain.written[0]}", "write `field: null` alone")
    return NullTest()


def _regex(value: Any, chain: Chain) -> RegexTest:
    try:
        return RegexTest(compile_regex(text_of(value), chain.flags))
    except RegexFault as fault:
        raise ConditionFault("bad-regex", *parted(str(fault))) from fault


def _exists(value: Any) -> Test:
    if not isinstance(value, bool):
        raise ConditionFault("bad-value", f"{quoted(value)} is neither true nor false", "write true or false")
    return ExistsTest(value)


def _network(value: Any) -> Test:
    try:
        return NetworkTest(numbers.network_of(text_of(value)))
    except ValueError as fault:
        raise ConditionFault("bad-value", *parted(str(fault))) from fault


def _number(value: Any, chain: Chain) -> Test:
    number = numbers.number_of(value)
    if number is None:
        raise ConditionFault("bad-value", f"{quoted(value)} is no number", "write a number such as 10 or 2.5")
    return NumberTest(chain.order or "eq", number, chain.part or None)  # type: ignore[arg-type]  # both checked above


def _other_field(value: Any, chain: Chain, reading: Reading) -> Test:
    if not isinstance(value, str):
        raise ConditionFault("bad-value", f"{quoted(value)} is no field name", "write the name of another field")
    if "*" in value or "?" in value:
        raise ConditionFault("bad-value", f"{quoted(value)} is no field name: a name has no wildcards")
    return OtherFieldTest(_field(value, reading), chain.shape or "equals", chain.cased)  # type: ignore[arg-type]
