"""Findings in the forms that pipelines read: workflow commands of GitHub Actions, and SARIF.

Sources: GitHub Docs, "Workflow commands for GitHub Actions"; OASIS SARIF 2.1.0. `root` is the policy folder as a path
from where the pipeline runs, so that a finding shows up beside its line.
"""

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from approvalbot.policy.lint.finding import Lint, Severity

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}


def github_lines(lints: Iterable[Lint], root: str) -> Iterator[str]:
    """`::warning file=…,line=…,col=…,title=…::…`, one a finding; what an author allowed is no annotation."""
    for one in lints:
        if one.allowed:
            continue
        where = f"file={_property(_path(root, one.file))},line={one.line},col={one.column}"
        yield f"::{_COMMANDS[one.severity]} {where},title={_property(one.name)}::{_escaped(one.message)}"


def sarif_document(lints: Iterable[Lint], root: str, version: str) -> dict[str, Any]:
    """The findings as one SARIF run; what an author allowed is suppressed in the source, with the reason."""
    listed = list(lints)
    names = sorted({one.name for one in listed})
    driver = {
        "name": "approvalbot",
        "version": version,
        "rules": [{"id": name, "shortDescription": {"text": name}} for name in names],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(one, root, names.index(one.name)) for one in listed],
            }
        ],
    }


def _result(one: Lint, root: str, rule: int) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": quote(_path(root, one.file)), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": one.line, "startColumn": one.column},
    }
    made: dict[str, Any] = {
        "ruleId": one.name,
        "ruleIndex": rule,
        "level": _LEVELS[one.severity],
        "message": {"text": one.message},
        "locations": [{"physicalLocation": place}],
    }
    allowed = [{"kind": "inSource", "justification": one.allowed}] if one.allowed else []
    return {**made, "suppressions": allowed}


def _path(root: str, file: str) -> str:
    return posixpath.normpath(posixpath.join(root, file))


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
