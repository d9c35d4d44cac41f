"""The index of a source's policies: from the values of an event to the few policies that could match it.

For each policy one *necessary* condition is picked, one that every matching event passes and a dictionary can answer:
of an "and" the most selective child, of an "or" all children or none. A "not", numbers, networks, null and most regular
expressions offer nothing; a policy without any such condition is always judged. What the index gives is a superset:
only the compiled condition decides, so that indexed and linear evaluation agree.

A regular expression that plainly needs a text offers that. A value too long to be searched is a fault and not a miss,
so it hits too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from approvalbot.policy.conditions.patterns import IndexKind
from approvalbot.policy.conditions.regexes import LARGEST_SUBJECT, MOST_BYTES_OF_A_CHARACTER
from approvalbot.policy.conditions.tests import RegexTest, Test, TextTest
from approvalbot.policy.conditions.tree import AllOf, AnyOf, Keywords, Leaf, Node, Not
from approvalbot.policy.conditions.view import Field, View

COMMON_FIELDS = frozenset(
    {"eventsource", "eventtype", "category", "status", "verb", "stage", "action", "$source.name", "$outcome"}
    | {"readonly", "awsregion", "level", "kind", "type", "objectref.resource", "$header.x-github-event"}
)
"""Fields of few different values: a condition on one of them is taken only where nothing better is offered."""

_COST: dict[IndexKind, int] = {"equal": 1, "prefix": 2, "suffix": 2, "contains": 40, "search": 60}
_COST_OF_COMMON = 20
_COST_OF_KEYWORD = 400

_COST_OF_LOOKING = 100
"""What looking a field up costs in every event, hit or not, in the same units: it is shared by all policies that could
be filed under the field. A few policies under one key of a field that is looked at anyway cost less than a field more.
"""


@dataclass(frozen=True, slots=True)
class Key:
    """One dictionary look-up: a field (None: anywhere in the event), how, and the case-folded text.

    A value of more than `sure` characters might be too long for the regular expression behind a `search`.
    """

    field: Field | None
    kind: IndexKind
    text: str
    sure: int = LARGEST_SUBJECT

    @property
    def cost(self) -> int:
        """What finding by this key costs, roughly, in look-ups."""
        if self.field is None:
            return _COST_OF_KEYWORD
        common = _COST_OF_COMMON if self.field.name.casefold() in COMMON_FIELDS else 1
        return _COST[self.kind] * common


Keys = tuple[Key, ...]
"""Look-ups of which at least one hits for every event that matches."""


def offers(node: Node) -> list[Keys]:
    """The necessary conditions that a tree offers, each as look-ups of which one must hit."""
    match node:
        case Leaf():
            return _offers_of_leaf(node)
        case Keywords():
            return _offers_of_keywords(node)
        case Not():
            return []
        case AllOf():
            return [keys for child in node.children for keys in offers(child)]
        case AnyOf():
            chosen = [_cheapest(offers(child)) for child in node.children]
            if not chosen or any(keys is None for keys in chosen):
                return []
            return [tuple(dict.fromkeys(key for keys in chosen if keys for key in keys))]


def _offers_of_leaf(leaf: Leaf) -> list[Keys]:
    if leaf.negated:
        return []
    found = [_keys_of(leaf.field, test) for test in leaf.tests]
    if leaf.every:
        return [keys for keys in found if keys]
    return [] if any(keys is None for keys in found) else [tuple(key for keys in found if keys for key in keys)]


def _keys_of(of: Field | None, test: Test) -> Keys | None:
    if isinstance(test, RegexTest):
        needed = test.regex.needed
        sure = test.regex.longest // MOST_BYTES_OF_A_CHARACTER
        return (Key(of, "search", needed.casefold(), sure),) if needed else None
    if not isinstance(test, TextTest):
        return None
    # A cased condition is indexed by its folded text: folding is done letter by letter, so it keeps what stands where.
    keys = [pattern.index_key() for pattern in test.patterns]
    return None if any(key is None for key in keys) else tuple(Key(of, *key) for key in keys if key)


def _offers_of_keywords(node: Keywords) -> list[Keys]:
    found = [_keys_of(None, test) for test in node.tests]
    if node.every:
        return [keys for keys in found if keys]
    return [] if any(keys is None for keys in found) else [tuple(key for keys in found if keys for key in keys)]


def _cheapest(choices: Iterable[Keys]) -> Keys | None:
    return min(choices, key=lambda keys: sum(key.cost for key in keys), default=None)


@dataclass(slots=True)
class _FieldIndex:
    """The look-ups of one field. Prefixes and suffixes are kept by their length."""

    equal: dict[str, list[int]] = field(default_factory=dict)
    prefix: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    suffix: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    contains: dict[str, list[int]] = field(default_factory=dict)
    search: dict[str, list[int]] = field(default_factory=dict)
    inexact: bool = False
    sure: int = LARGEST_SUBJECT

    def add(self, key: Key, number: int) -> None:
        self.sure = min(self.sure, key.sure)
        self.inexact = self.inexact or key.kind != "equal"
        match key.kind:
            case "equal":
                held = self.equal
            case "prefix":
                held = self.prefix.setdefault(len(key.text), {})
            case "suffix":
                held = self.suffix.setdefault(len(key.text), {})
            case "contains":
                held = self.contains
            case "search":
                held = self.search
        held.setdefault(key.text, []).append(number)

    def find(self, texts: Sequence[str], found: set[int]) -> None:
        equal = self.equal
        for text in texts:
            if text in equal:
                found.update(equal[text])
            if self.inexact:
                self._find_inexactly(text, found)

    def _find_inexactly(self, text: str, found: set[int]) -> None:
        for length, held in self.prefix.items():
            if (start := text[:length]) in held:
                found.update(held[start])
        for length, held in self.suffix.items():
            if length <= len(text) and (end := text[len(text) - length :]) in held:
                found.update(held[end])
        for inner, numbers in self.contains.items():
            if inner in text:
                found.update(numbers)
        for inner, numbers in self.search.items():
            if len(text) > self.sure or inner in text:
                found.update(numbers)


class Index:
    """The index over numbered trees. `unindexed` are the numbers that are always candidates."""

    def __init__(self, trees: Sequence[Node]) -> None:
        offered = [offers(tree) for tree in trees]
        # How many policies would share a look-up tells how selective it really is.
        shared = Counter(key for choices in offered for keys in choices for key in set(keys))
        sharing = Counter(of for choices in offered for of in {key.field for keys in choices for key in keys})

        def cost(keys: Keys) -> float:
            looking = sum(_COST_OF_LOOKING / sharing[of] for of in {key.field for key in keys})
            # A value that many of the policies about a field ask for, such as "production", stands in many events too.
            likely = {key: _COST_OF_LOOKING * (shared[key] - 1) / sharing[key.field] for key in keys}
            return looking + sum(max(key.cost, likely[key]) * shared[key] for key in keys)

        self.unindexed: tuple[int, ...] = tuple(number for number, choices in enumerate(offered) if not choices)
        self._fields: dict[Field, _FieldIndex] = {}
        self._keywords = _FieldIndex()
        for number, choices in enumerate(offered):
            if choices:
                for key in min(choices, key=cost):
                    self._index_of(key.field).add(key, number)
        self._plan = tuple(self._fields.items())
        self._has_keywords = bool(self._keywords.contains)

    def candidates(self, view: View) -> list[int]:
        """The numbers of the trees that could hold for an event, in order."""
        found: set[int] = set()
        for of, index in self._plan:
            texts = view.folded(of)
            if texts:
                index.find(texts, found)
        if self._has_keywords:
            self._keywords.find(view.keywords(), found)
        if not found:
            return list(self.unindexed)
        return sorted(found.union(self.unindexed))

    def _index_of(self, of: Field | None) -> _FieldIndex:
        return self._keywords if of is None else self._fields.setdefault(of, _FieldIndex())
