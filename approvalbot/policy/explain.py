"""Explaining: why a policy does or does not match an event, leaf by leaf, with the values on both sides.

The tree is judged by the same tests as matching, with the same three values; a property test holds the two together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, assert_never

from approvalbot.events.event import Event
from approvalbot.events.values import text_of
from approvalbot.policy.compiled import Compiled
from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.tree import AllOf, AnyOf, Keywords, Leaf, Node, Not
from approvalbot.policy.conditions.view import View
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.index import Index
from approvalbot.policy.matching import Match
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.stages import Stage, after_match

MOST_VALUES = 10
LONGEST_VALUE = 200
"""Values of a leaf that are shown, and characters of each: policy.md section 12."""

Op = Literal["and", "or", "not", "leaf", "keywords"]


@dataclass(frozen=True, slots=True)
class Explained:
    """One node. `ok` is None where it could not be judged, and `error` says why.

    A leaf has `field`, `modifiers`, `want`, and what the event has: `got`, or `missing`. `label` is a Sigma selection's
    name.
    """

    op: Op
    ok: bool | None
    children: tuple["Explained", ...] = ()
    label: str = ""
    field: str = ""
    modifiers: tuple[str, ...] = ()
    want: Any = None
    got: tuple[Any, ...] = ()
    missing: bool = False
    error: str = ""

    def leaves(self) -> Iterator["Explained"]:
        """Its leaves, in the order written."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def to_json(self) -> dict[str, Any]:
        """The same for machines; what is empty is left out."""
        if self.children:
            made: dict[str, Any] = {"op": self.op, "ok": self.ok, "children": [one.to_json() for one in self.children]}
        else:
            made = {"op": self.op, "ok": self.ok, "field": self.field, "modifiers": list(self.modifiers)}
            made |= {
                "want": self.want,
                "got": [_cut(value) for value in self.got[:MOST_VALUES]],
                "missing": self.missing,
            }
        return made | {key: text for key, text in (("label", self.label), ("error", self.error)) if text}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one policy does or does not concern an event. `stage` is where it stopped, empty where it holds."""

    policy: str
    title: str
    digest: str
    match: bool
    stage: str
    tree: Explained
    error: str = ""
    notes: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """`{policy, sha256, match, stage, tree, error}`."""
        made = {"policy": self.policy, "sha256": self.digest, "match": self.match, "stage": self.stage}
        return {**made, "tree": self.tree.to_json(), "error": self.error, "notes": list(self.notes)}


def explain_event(policies: PolicySet, event: Event, now: datetime) -> list[Explanation]:
    """An explanation of every policy of the set, those that match first."""
    made = [explain(policies, compiled, event, now) for compiled in policies.compiled]
    return sorted(made, key=lambda one: (not one.match, not one.error))


def explain(policies: PolicySet, compiled: Compiled, event: Event, now: datetime) -> Explanation:
    """Why this policy does or does not concern an event at `now`. Correlation needs state and is only named."""
    view = View(event)
    tree = explain_tree(compiled.tree, view)
    stage, error = _stage(policies, compiled, event, now, tree)
    policy = compiled.policy
    notes = []
    if policy.mode != "enforce":
        notes.append(f"the policy is in mode {policy.mode}")
    if not stage and compiled.correlation is not None:
        notes.append(f"counts towards {compiled.correlation.type} within {compiled.correlation.timespan_s} s")
    return Explanation(
        policy=policy.key,
        title=policy.title,
        digest=policy.digest,
        match=not stage,
        stage=stage,
        tree=tree,
        error=error,
        notes=tuple(notes),
    )


def _stage(policies: PolicySet, compiled: Compiled, event: Event, now: datetime, tree: Explained) -> tuple[str, str]:
    """The stage that stops the policy, if one does, and what could not be judged."""
    policy = compiled.policy
    if event.source_name not in policy.source:
        return "source", ""
    if tree.ok is False:
        found = Index([compiled.tree]).candidates(View(event))
        return ("match" if found else "index"), ""
    if tree.ok is None:
        return "", tree.error
    match, stopped = after_match(Match(compiled, event), policies.calendars, now)
    stage: Stage | Literal[""] = stopped or ""
    return stage, match.error


def explain_tree(node: Node, view: View) -> Explained:
    """A tree judged node by node."""
    match node:
        case Leaf():
            return _leaf(node, view)
        case Keywords():
            ok, error = _judged(node, view)
            return Explained("keywords", ok, field="anywhere", modifiers=node.modifiers, want=node.want, error=error)
        case Not():
            child = explain_tree(node.child, view)
            return Explained("not", None if child.ok is None else not child.ok, (child,), error=child.error)
        case AllOf():
            return _combined("and", node.children, node.label, view)
        case AnyOf():
            return _combined("or", node.children, node.label, view)
        case _:
            assert_never(node)


def _combined(op: Literal["and", "or"], nodes: tuple[Node, ...], label: str, view: View) -> Explained:
    """False decides an "and", true an "or"; a fault shows only where nothing decides."""
    children = tuple(explain_tree(node, view) for node in nodes)
    deciding = op == "or"
    faulty = next((child.error for child in children if child.ok is None), "")
    if not children or any(child.ok is deciding for child in children):
        return Explained(op, deciding if children else False, children, label)
    return Explained(op, None if faulty else not deciding, children, label, error=faulty)


def _leaf(leaf: Leaf, view: View) -> Explained:
    ok, error = _judged(leaf, view)
    return Explained(
        "leaf",
        ok,
        field=leaf.field.name,
        modifiers=leaf.modifiers,
        want=leaf.want,
        got=tuple(view.values(leaf.field)),
        missing=not view.terminals(leaf.field),
        error=error,
    )


def _judged(node: Node, view: View) -> tuple[bool | None, str]:
    try:
        return compile_tree(node)(view), ""
    except EvaluationFault as fault:
        return None, str(fault)


def _cut(value: Any) -> Any:
    """A value of the event, its text cut; an object is cut as the JSON by which it was compared."""
    if not isinstance(value, str | dict | list):
        return value
    text = text_of(value)
    return text[: LONGEST_VALUE - 1] + "…" if len(text) > LONGEST_VALUE else value
