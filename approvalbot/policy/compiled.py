"""A policy ready to judge events: its condition as a tree and as a function, and what it counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from approvalbot.policy.conditions.compile import Judge, compile_tree
from approvalbot.policy.conditions.tree import Node
from approvalbot.policy.correlation import CorrelationPlan
from approvalbot.policy.credit import Credit
from approvalbot.policy.documents import Policy
from approvalbot.policy.when import When


@dataclass(frozen=True)
class Compiled:
    """A policy, the condition its events must meet (`match` and the Sigma rule), and its later stages."""

    policy: Policy
    tree: Node = field(repr=False)
    correlation: CorrelationPlan | None = None
    when: When | None = None

    @cached_property
    def key(self) -> str:
        """The policy's key. Kept, as the rest here: a pydantic model takes microseconds for a private attribute."""
        return self.policy.key

    @cached_property
    def rule(self) -> Credit | None:
        """The Sigma rule behind it."""
        return self.policy.rule

    @cached_property
    def names(self) -> Mapping[str, Any]:
        """What `$rule` stands for in its templates."""
        return {} if self.rule is None else {"$rule": self.rule.names()}

    @cached_property
    def judge(self) -> Judge:
        """The condition as a function."""
        return compile_tree(self.tree)
