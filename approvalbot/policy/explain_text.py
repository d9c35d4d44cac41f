"""An explanation as text: the verdict, then the tree, one leaf a line.

✓ eventName = AttachUserPolicy
✗ requestParameters.policyArn|endswith wants /AdministratorAccess, got …/ReadOnly
- errorCode missing, so not(…) holds
"""

from collections.abc import Iterator
from typing import Any

from approvalbot.events.values import text_of
from approvalbot.plaintext import one_line
from approvalbot.policy.explain import LONGEST_VALUE, MOST_VALUES, Explained, Explanation

_STAGES = {
    "source": "its events come from other sources",
    "index": "its most selective condition does not hold",
    "match": "its condition does not hold",
    "during": "its calendar says not now",
    "when": "its expression is false",
    "correlate": "it waits for more events",
    "dedupe": "the question is open already",
}
_ABSENT = "\N{EN DASH}"
_MARKS = {True: "✓", False: "✗", None: "!"}
_WORDS = {"and": "all of", "or": "any of", "not": "not"}


def explanation_text(explanation: Explanation) -> str:
    """The whole explanation, ready for a terminal."""
    lines = [f"{explanation.policy} ({explanation.title}) {verdict_text(explanation)}"]
    if explanation.stage != "source":
        lines += [f"  {line}" for line in tree_lines(explanation.tree)]
    lines += [f"  note: {note}" for note in explanation.notes]
    return "\n".join(lines)


def verdict_text(explanation: Explanation) -> str:
    """What it comes to, as the end of a sentence about the policy."""
    if explanation.error:
        return f"cannot be judged, so somebody is asked: {one_line(explanation.error)}"
    if explanation.match:
        return "matches"
    return f"does not match: {_STAGES.get(explanation.stage, explanation.stage)}"


def tree_lines(node: Explained) -> Iterator[str]:
    """The lines of a tree, indented by level."""
    if node.op in {"leaf", "keywords"}:
        yield _leaf_line(node)
        return
    inner = node.children
    if node.op == "not" and len(inner) == 1 and inner[0].op == "leaf" and inner[0].missing and node.ok:
        yield f"{_ABSENT} {_key(inner[0])} missing, so not(…) holds"
        return
    if len(inner) == 1 and node.op != "not" and not node.label:
        yield from tree_lines(inner[0])
        return
    name = f" ({node.label})" if node.label else ""
    yield f"{_MARKS[node.ok]} {_WORDS[node.op]}{name}"
    for child in inner:
        yield from (f"  {line}" for line in tree_lines(child))


def deciding_lines(node: Explained) -> Iterator[str]:
    """The leaves that made a tree what it is, and no others: of an "and" that fails, those that fail."""
    for leaf, turned in _deciding(node, turned=False):
        if turned and leaf.ok is False and leaf.missing:
            yield f"{_ABSENT} {_key(leaf)} missing, so not(…) holds"
        else:
            yield _leaf_line(leaf) + (", under not" if turned else "")


def _deciding(node: Explained, *, turned: bool) -> Iterator[tuple[Explained, bool]]:
    """The deciding leaves, each with whether it stands under a `not`."""
    if not node.children:
        yield node, turned
        return
    # A false child decides an "and" alone, a true one an "or", and a fault where nothing else does.
    alone = node.op != "not" and (node.ok is (node.op == "or") or node.ok is None)
    for child in node.children:
        if not alone or child.ok is node.ok:
            yield from _deciding(child, turned=turned is not (node.op == "not"))


def _leaf_line(node: Explained) -> str:
    key, want = _key(node), _shown(node.want)
    if node.error:
        return f"! {key} cannot be judged: {one_line(node.error)}"
    if node.op == "keywords":
        return f"{_MARKS[node.ok]} {'|'.join(('anywhere in the event', *node.modifiers))}: {want}"
    got = _got(node)
    if node.ok:
        if node.missing:
            return f"✓ {key} {want}, and it is missing"
        return f"✓ {key} = {got}" if not node.modifiers else f"✓ {key} {want}, got {got}"
    return f"✗ {key} wants {want}, {'it is missing' if node.missing else f'got {got}'}"


def _key(node: Explained) -> str:
    return "|".join((node.field, *node.modifiers))


def _got(node: Explained) -> str:
    values = [_shown(value) for value in node.got[:MOST_VALUES]]
    more = f", +{len(node.got) - MOST_VALUES}" if len(node.got) > MOST_VALUES else ""
    return ", ".join(values) + more if values else "nothing"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        shown = [_shown(item) for item in value[:MOST_VALUES]]
        return " or ".join(shown) + (f" or {len(value) - MOST_VALUES} more" if len(value) > MOST_VALUES else "")
    text = "null" if value is None else "''" if value == "" else one_line(text_of(value))
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
