"""Lint of unquoted numbers: account ids and ticket numbers are text, and lose their zeros or digits as numbers."""

import re
from collections.abc import Iterator

from approvalbot.events.yamlreader import Node
from approvalbot.policy.faults import KeyPath
from approvalbot.policy.lint.finding import Smell, Smells

_RISKY = re.compile(r"-?(0[0-9]+|[0-9]{16,})")


def number_smells(node: Node, key: str) -> Smells:
    """Unquoted numbers with a leading zero or over 15 digits below a key of a document."""
    block, reached = node.at((key,))
    if reached:
        for path, source in _scalars(block, (key,)):
            if _RISKY.fullmatch(source):
                message = f"{source} is not quoted; as a number it would lose zeros or digits, so write '{source}'"
                yield Smell("untyped-number", "warning", path, message)


def _scalars(node: Node, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if node.source is not None:
        yield path, node.source
    children = node.children
    if isinstance(children, dict):
        for key, child in children.items():
            yield from _scalars(child, (*path, key))
    elif isinstance(children, list):
        for place, child in enumerate(children):
            yield from _scalars(child, (*path, place))
