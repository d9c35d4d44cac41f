"""The house rules of this room."""

import ast
from pathlib import Path

import pytest

import approvalbot.workspace

ROOM = Path(approvalbot.workspace.__file__).parent
PYTHON = sorted(ROOM.rglob("*.py"))
ALL = [*PYTHON, *sorted((ROOM / "page").rglob("*.js")), *sorted(ROOM.rglob("*.css")), *sorted(ROOM.rglob("*.html"))]


@pytest.mark.parametrize("path", ALL, ids=[str(path.relative_to(ROOM)) for path in ALL])
def test_no_file_is_over_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", PYTHON, ids=[str(path.relative_to(ROOM)) for path in PYTHON])
def test_the_workspace_knows_nothing_of_the_bot(path: Path) -> None:
    names = [
        name
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    ]

    foreign = [name for name in names if name.startswith("approvalbot") and "workspace" not in name]
    assert foreign == []


def test_the_page_has_no_way_from_text_to_markup() -> None:
    for script in (ROOM / "page" / "js").glob("*.js"):
        source = script.read_text()
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser"):
            assert word not in source, f"{script.name} uses {word}"
