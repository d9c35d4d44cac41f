"""Every lint and every named fault, through `policy check`: one document that has it, and one close by that has not.

The finer cases stand in `test_lint.py` and `test_lint_sigma.py`. A lint that is not here, or here and not documented,
fails.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, cli
from tests.docs_pages import ROOT, read, sections
from tests.policy.lint_cases import CASES as OTHERS
from tests.policy.lint_cases import ELSEWHERE, LOADING, ONLY_FAULTS, Files
from tests.policy.lint_cases_gates import GATES
from tests.policy.makers import SOURCES

__all__ = ["cli"]

CASES = {**OTHERS, **GATES}


def found(cli: Cli, folder: Path, files: Files) -> dict[str, str]:
    for name, text in {"sources.yaml": SOURCES, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    told = cli("policy", "check", folder, "--json").json()
    return {one["code"]: one["severity"] for one in [*told["faults"], *told["lints"]]}


@pytest.mark.parametrize("name", CASES)
def test_a_lint_speaks_where_it_should_and_is_silent_close_by(cli: Cli, tmp_path: Path, name: str) -> None:
    case = CASES[name]

    told = found(cli, tmp_path / "has", case.has)
    silent = found(cli, tmp_path / "has_not", case.has_not)

    assert told.get(name) == case.severity
    assert name not in silent
    assert not {one for one, severity in silent.items() if severity == "error"}


def documented(title: str) -> set[str]:
    table = sections(read("docs/policy-reference.md"), 2)[title]
    return {name for row in table.splitlines() for name in first_cells_of(row)}


def first_cells_of(row: str) -> list[str]:
    return row.partition("|")[2].partition("|")[0].replace("`", " ").split() if row.startswith("| `") else []


def raised() -> set[str]:
    """The names that the lints' own code gives."""
    names = set()
    for path in (*(ROOT / "approvalbot" / "policy" / "lint").glob("*.py"), ROOT / "approvalbot" / "cli" / "live.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Smell" and node.args:
                names |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    return {str(name) for name in names}


def test_every_lint_has_both_halves_and_is_documented() -> None:
    here = CASES.keys() - ONLY_FAULTS - LOADING | ELSEWHERE

    assert documented("Lints") == here
    assert raised() == here


NAMED = re.compile(
    r"(bad|unknown|missing|duplicate|yaml|not|too|file|line|literal|unsafe|open|self|template)-[a-z0-9-]+"
)


def named() -> set[str]:
    """What the code that loads gives as the name of a fault: a text of this form, as the argument of a call."""
    names = {"invalid", "unreadable"}
    for folder in ("policy", "events"):
        for path in (ROOT / "approvalbot" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                given = [*node.args, *(one.value for one in node.keywords)] if isinstance(node, ast.Call) else []
                texts = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                names.update(text for text in texts if NAMED.fullmatch(text))
    return names - raised()


def test_every_fault_that_has_a_name_is_documented() -> None:
    assert documented("Faults") == named()
