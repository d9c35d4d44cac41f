"""A document together with the place where each of its keys stands."""

from dataclasses import dataclass

from approvalbot.events.yamlreader import Node
from approvalbot.policy.base import Document
from approvalbot.policy.faults import Fault, Finding


@dataclass(frozen=True, slots=True)
class Written:
    """A document and its file. `node` knows line and column of every key and value."""

    document: Document
    node: Node
    file: str

    def fault(self, finding: Finding) -> Fault:
        """A finding of this document at its place in the file."""
        line, column = self.node.place(finding.path)
        return Fault(self.file, line, column, finding.path, finding.problem, finding.hint, finding.name)
