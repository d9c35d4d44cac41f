"""The workspace's own page of documentation says what the workspace has."""

import re
from pathlib import Path
from typing import get_args

from approvalbot.workspace.config import WorkspaceConfig
from approvalbot.workspace.state.faults import CallFaultKind, DeliveryFaultKind

PAGE = (Path(__file__).parents[2] / "docs" / "workspace.md").read_text()


def first_cells(title: str) -> set[str]:
    """The code words in the first cells of a section's table."""
    part = PAGE.split(f"\n## {title}\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]
    rows = [line for line in part.splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_every_key_is_documented_and_no_other() -> None:
    assert first_cells("By itself") == set(WorkspaceConfig.model_fields)


def test_every_fault_is_documented_and_no_other() -> None:
    assert first_cells("Faults") == {*get_args(CallFaultKind), *get_args(DeliveryFaultKind)}
