"""`policy`: what a policy author uses: check, lint, test, explain, replay, schema."""

import json as jsonlib
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from approvalbot import __version__
from approvalbot.cli.import_sigma import import_sigma
from approvalbot.cli.live import live_lints
from approvalbot.cli.output import emit, err, say
from approvalbot.cli.policy_explain import explain
from approvalbot.cli.policy_replay import replay
from approvalbot.cli.policy_test import run_policy_tests
from approvalbot.cli.reading import read_policies
from approvalbot.events.schema import mapping_schema
from approvalbot.log import set_up_logs
from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.lint.finding import Lint
from approvalbot.policy.lint.formats import github_lines, sarif_document
from approvalbot.policy.lint.running import Knowledge, fails, in_order, lint_folder, lints_of_faults
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.schema import policy_schema
from approvalbot.settings import load_settings

PolicyPath = Annotated[Path, typer.Argument(help="A policy folder, or one file of it.")]
Strict = Annotated[bool, typer.Option("--strict", help="Let warnings fail too.")]
LiveCheck = Annotated[bool, typer.Option("--live", help="Ask the workspace and the on-call providers too.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document, as --format json.")]


class Format(StrEnum):
    """The forms of what is found: for a reader, a script, GitHub's annotations, a code scanner."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


Form = Annotated[Format, typer.Option("--format", help="text, json, github (annotations) or sarif.")]

STYLES = {"error": "red", "warning": "yellow", "info": "dim"}

app = typer.Typer(help="Policies: check, lint, test, explain, replay.", no_args_is_help=True)
app.command("test")(run_policy_tests)
app.command()(explain)
app.command()(replay)
app.command("import-sigma")(import_sigma)


@app.command()
def check(
    path: PolicyPath,
    strict: Strict = False,
    live: LiveCheck = False,
    form: Form = Format.TEXT,
    json: AsJson = False,
) -> None:
    """Load the policies and name every fault: file, line, column, what is wrong, what to write instead."""
    form = Format.JSON if json else form
    try:
        loaded = read_policies(path)
    except PolicyFaults as fault:
        _tell_faults(fault, path, form)
        raise typer.Exit(1) from None
    found = lint_folder(loaded, _knowledge())
    if live:
        # What is found is what it says; a process's log lines would stand among it.
        set_up_logs("CRITICAL")
        found = in_order([*found, *live_lints(loaded, load_settings())])
    lints = _of_path(found, path)
    failed = fails(lints, strict=strict)
    match form:
        case Format.TEXT:
            _tell(lints)
            _conclude(loaded.policies, lints, failed=failed)
        case Format.JSON:
            digest = loaded.policies.digest
            emit({"ok": not failed, "digest": digest, "faults": [], "lints": [one.to_json() for one in lints]})
        case _:
            _tell_pipeline(lints, path, form)
    if failed:
        raise typer.Exit(1)


@app.command()
def lint(path: PolicyPath, strict: Strict = False, form: Form = Format.TEXT, json: AsJson = False) -> None:
    """Name what loads and is unwise all the same; what the author allowed is shown too, with the reason."""
    form = Format.JSON if json else form
    try:
        lints = _of_path(lint_folder(read_policies(path), _knowledge()), path)
    except PolicyFaults as fault:
        lints = lints_of_faults(fault.faults)
    failed = fails(lints, strict=strict)
    match form:
        case Format.TEXT:
            _tell(lints, allowed=True)
            say(_counted(lints) or "nothing to say", "red" if failed else "green")
        case Format.JSON:
            emit({"ok": not failed, "lints": [one.to_json() for one in lints]})
        case _:
            _tell_pipeline(lints, path, form)
    if failed:
        raise typer.Exit(1)


@app.command()
def schema(*, mappings: Annotated[bool, typer.Option("--mappings", help="That of mapping files.")] = False) -> None:
    """Print the JSON Schema of policy files, for an editor: `# yaml-language-server: $schema=policy.schema.json`."""
    # A file to keep beside the policies: indented, also in a pipe, so that a change of it can be reviewed.
    typer.echo(jsonlib.dumps(mapping_schema() if mappings else policy_schema(), indent=2, ensure_ascii=False))


def _tell_faults(fault: PolicyFaults, path: Path, form: Format) -> None:
    match form:
        case Format.TEXT:
            say(fault.whole(), "red")
        case Format.JSON:
            emit({"ok": False, "digest": None, "faults": [one.to_json() for one in fault.faults], "lints": []})
        case _:
            _tell_pipeline(lints_of_faults(fault.faults), path, form)


def _tell_pipeline(lints: list[Lint], path: Path, form: Format) -> None:
    """For a pipeline, each finding beside its line: files are named as they lie below where it runs."""
    root = path if path.is_dir() else path.parent
    below = root.resolve()
    here = Path.cwd().resolve()
    named = (below.relative_to(here) if below.is_relative_to(here) else below).as_posix()
    if form is Format.SARIF:
        emit(sarif_document(lints, named, __version__))
        return
    for line in github_lines(lints, named):
        say(line)


def _knowledge() -> Knowledge:
    return Knowledge(today=datetime.now(UTC).date())


def _of_path(lints: list[Lint], path: Path) -> list[Lint]:
    """Those of one file, where one was named; the others are its neighbours'."""
    return lints if path.is_dir() else [one for one in lints if one.file == path.name]


def _tell(lints: list[Lint], *, allowed: bool = False) -> None:
    for one in lints:
        if allowed or not one.allowed:
            say(str(one), "dim" if one.allowed else STYLES[one.severity])


def _conclude(policies: PolicySet, lints: list[Lint], *, failed: bool) -> None:
    told = _counted(lints)
    if failed:
        err.print(f"not good enough: {told}", style="red", markup=False)
        return
    say(f"ok: {contents(policies)}{f'; {told}' if told else ''}", "green")


def contents(policies: PolicySet) -> str:
    """What a set holds, in numbers."""
    parts: list[tuple[int, Any]] = [
        (len(policies.policies), ("policy", "policies")),
        (len(policies.packs), ("pack", "packs")),
        (len(policies.entitlements), ("entitlement", "entitlements")),
        (len(policies.sources), ("source", "sources")),
    ]
    return ", ".join(f"{count} {names[count != 1]}" for count, names in parts if count) or "no documents"


def _counted(lints: list[Lint]) -> str:
    open_ones = [one.severity for one in lints if not one.allowed]
    counts = [(open_ones.count(severity), severity) for severity in ("error", "warning", "info")]
    counts.append((len(lints) - len(open_ones), "allowed"))
    plural = {"error": "errors", "warning": "warnings"}
    return ", ".join(f"{count} {plural.get(name, name) if count != 1 else name}" for count, name in counts if count)
