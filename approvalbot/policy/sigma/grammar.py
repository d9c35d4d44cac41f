"""The condition line of a Sigma rule: `selection and not 1 of filter_*`.

`not` binds tighter than `and`, `and` tighter than `or`. `1 of`, `any of` and `all of` take a pattern of selection
names, or `them`; both leave out names that start with `_`, unless the pattern itself does. Source: Sigma specification
2.1, "Condition".
"""

import fnmatch
import re
from collections.abc import Mapping
from typing import Any

from approvalbot.policy.conditions.modifiers import ConditionFault
from approvalbot.policy.conditions.tree import AllOf, AnyOf, Node, Not
from approvalbot.policy.faults import guess, quoted

MOST_TOKENS = 500
MOST_DEPTH = 32
"""Words and nested brackets of one condition. Chosen by us: the longest in SigmaHQ has 40 and 3."""

_TOKEN = re.compile(r"\s*(\(|\)|\||[^\s()|]+)")
_WORDS = frozenset({"and", "or", "not", "of"})


def parse_condition(text: Any, selections: Mapping[str, Node]) -> Node:
    """The tree of a condition over named selections.

    Raises:
        ConditionFault: a name that is no selection, an aggregation, or text that is no condition.
    """
    if not isinstance(text, str):
        raise ConditionFault("bad-value", f"{quoted(text)} is no condition", "write condition: selection")
    tokens = _TOKEN.findall(text)
    if not tokens or len(tokens) > MOST_TOKENS:
        raise ConditionFault("bad-value", f"a condition has 1 to {MOST_TOKENS} words", "write condition: selection")
    if "|" in tokens:
        raise ConditionFault(
            "bad-value",
            "aggregations such as `| count()` are the old form of correlation and are not read",
            "write a correlation document, or correlate: in the policy",
        )
    parser = _Parser(tokens, selections)
    node = parser.disjunction(0)
    if parser.rest:
        raise ConditionFault("bad-value", f'"{parser.rest[0]}" is not expected there in "{text}"')
    return node


class _Parser:
    def __init__(self, tokens: list[str], selections: Mapping[str, Node]) -> None:
        self.rest = tokens
        self.selections = selections

    def disjunction(self, depth: int) -> Node:
        children = [self._conjunction(depth)]
        while self._takes("or"):
            children.append(self._conjunction(depth))
        return children[0] if len(children) == 1 else AnyOf(tuple(children))

    def _conjunction(self, depth: int) -> Node:
        children = [self._negation(depth)]
        while self._takes("and"):
            children.append(self._negation(depth))
        return children[0] if len(children) == 1 else AllOf(tuple(children))

    def _negation(self, depth: int) -> Node:
        if depth > MOST_DEPTH:
            raise ConditionFault("bad-value", f"the condition nests deeper than {MOST_DEPTH} levels")
        if self._takes("not"):
            return Not(self._negation(depth + 1))
        if self._takes("("):
            inner = self.disjunction(depth + 1)
            if not self._takes(")"):
                raise ConditionFault("bad-value", "a bracket does not close")
            return inner
        return self._selection()

    def _selection(self) -> Node:
        word = self._next()
        if word.casefold() in {"1", "any", "all"} and self._takes("of"):
            return self._several(word.casefold())
        if word.isdigit() and self._takes("of"):
            raise ConditionFault("bad-value", f"{word} of … is not in Sigma", "write 1 of, any of or all of")
        if word in self.selections:
            return self.selections[word]
        raise ConditionFault("bad-value", f"{word} is no selection of this rule", guess(word, list(self.selections)))

    def _several(self, how: str) -> Node:
        pattern = self._next()
        if pattern.casefold() == "them":
            names = [name for name in self.selections if _is_meant(name, "*")]
        else:
            names = [name for name in self.selections if _is_meant(name, pattern)]
        if not names:
            raise ConditionFault(
                "bad-value", f"{pattern} matches no selection of this rule", guess(pattern, list(self.selections))
            )
        children = tuple(self.selections[name] for name in names)
        return AllOf(children) if how == "all" else AnyOf(children)

    def _takes(self, word: str) -> bool:
        if self.rest and self.rest[0].casefold() == word:
            self.rest = self.rest[1:]
            return True
        return False

    def _next(self) -> str:
        if not self.rest or self.rest[0] in {"(", ")"} or self.rest[0].casefold() in _WORDS:
            found = f'"{self.rest[0]}"' if self.rest else "the end"
            raise ConditionFault("bad-value", f"a selection is missing before {found}")
        word, self.rest = self.rest[0], self.rest[1:]
        return word


def _is_meant(name: str, pattern: str) -> bool:
    """Whether a name pattern means a selection. It knows only `*`; what fnmatch reads besides is made literal."""
    if name.startswith("_") and not pattern.startswith("_"):
        return False
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]").replace("?", "[?]"))
