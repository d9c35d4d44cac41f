"""The modifiers of a condition's key: which there are, and which may stand together.

The order of the value transforms is the order written; every other modifier means the same wherever it stands.
Source: Sigma specification 2.1, "Sigma Modifiers Appendix", with the rules of policy.md section 4 where Sigma leaves a
choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from approvalbot.policy.faults import guess

SHAPES = frozenset({"contains", "startswith", "endswith"})
TRANSFORMS = frozenset({"base64", "base64offset", "utf16le", "utf16be", "utf16", "wide", "windash", "expand"})
ORDERS = frozenset({"lt", "lte", "gt", "gte"})
DATE_PARTS = frozenset({"minute", "hour", "day", "week", "month", "year"})
REGEX_FLAGS = {"i": "i", "ignorecase": "i", "m": "m", "multiline": "m", "s": "s", "dotall": "s"}
OTHERS = frozenset({"all", "cased", "re", "exists", "cidr", "fieldref", "neq"})
MODIFIERS = sorted(SHAPES | TRANSFORMS | ORDERS | DATE_PARTS | OTHERS | set(REGEX_FLAGS))

KEYWORD_MODIFIERS = frozenset({"all", "cased", "contains", "neq", "re", *TRANSFORMS, *REGEX_FLAGS})
"""Those that mean something for a text without a field. It is looked for inside every value, so `contains` says nothing
new, and `startswith` and `endswith` would say two things.
"""

Kind = Literal["text", "re", "exists", "cidr", "order", "date", "fieldref"]


class ConditionFault(ValueError):
    """A condition that does not compile. `name` is its stable name, `hint` what to write."""

    def __init__(self, name: str, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.name = name
        self.problem = problem
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Chain:
    """The modifiers of one key, sorted out. `transforms` keep the order written."""

    written: tuple[str, ...] = ()
    kind: Kind = "text"
    shape: str = ""
    order: str = ""
    part: str = ""
    flags: str = ""
    transforms: tuple[str, ...] = ()
    every: bool = False
    cased: bool = False
    negated: bool = False


_KINDS: tuple[tuple[frozenset[str], Kind], ...] = (
    (frozenset({"re"}), "re"),
    (frozenset({"exists"}), "exists"),
    (frozenset({"cidr"}), "cidr"),
    (DATE_PARTS, "date"),
    (ORDERS, "order"),
    (frozenset({"fieldref"}), "fieldref"),
)
_ALLOWED: Mapping[Kind, frozenset[str]] = {
    "text": SHAPES | TRANSFORMS | {"all", "cased", "neq"},
    "re": frozenset({"re", "all", "expand", "neq", *REGEX_FLAGS}),
    "exists": frozenset({"exists"}),
    "cidr": frozenset({"cidr", "all", "expand", "neq"}),
    "order": ORDERS | {"all", "neq"},
    "date": DATE_PARTS | ORDERS | {"all", "neq"},
    "fieldref": SHAPES | {"fieldref", "neq", "cased", "all"},
}


def chain_of(modifiers: tuple[str, ...]) -> Chain:
    """Sort out the modifiers of one key.

    Raises:
        ConditionFault: an unknown modifier, one written twice, or two that cannot stand together.
    """
    for modifier in modifiers:
        if modifier not in MODIFIERS:
            raise ConditionFault("bad-modifier", f"|{modifier} is no modifier", guess(modifier, MODIFIERS))
    given = frozenset(modifiers)
    if len(given) < len(modifiers):
        raise ConditionFault("bad-modifier", "a modifier stands twice", "write each once")
    kind: Kind = next((kind for names, kind in _KINDS if names & given), "text")
    if kind != "re" and (stray := sorted(given & set(REGEX_FLAGS))):
        raise ConditionFault("bad-modifier", f"|{stray[0]} is a flag of |re", f"write |re|{stray[0]}")
    if clash := sorted(given - _ALLOWED[kind]):
        first = next(one for one in modifiers if one in _first_of(kind, given))
        hint = "exists stands alone, with true or false" if kind == "exists" else "write two conditions"
        raise ConditionFault("bad-modifier", f"|{clash[0]} cannot stand with |{first}", hint)
    for alternatives in (SHAPES, ORDERS, DATE_PARTS):
        if len(both := sorted(given & alternatives)) > 1:
            raise ConditionFault("bad-modifier", f"|{both[1]} cannot stand with |{both[0]}", "write two conditions")
    return Chain(
        written=modifiers,
        kind=kind,
        shape=next(iter(given & SHAPES), ""),
        order=next(iter(given & ORDERS), ""),
        part=next(iter(given & DATE_PARTS), ""),
        flags="".join(sorted({REGEX_FLAGS[one] for one in given if one in REGEX_FLAGS})),
        transforms=tuple(one for one in modifiers if one in TRANSFORMS),
        every="all" in given,
        cased="cased" in given,
        negated="neq" in given,
    )


def _first_of(kind: Kind, given: frozenset[str]) -> frozenset[str]:
    """The modifiers that made a chain what it is, for the message of a clash."""
    return next((names & given for names, one in _KINDS if one == kind), given)
