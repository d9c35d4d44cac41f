"""`policy`: what a policy author uses."""

from pathlib import Path
from typing import Annotated

import typer

from approvalbot.cli.output import emit, say
from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.parse import load_policies

app = typer.Typer(help="Policies: check, test, explain.", no_args_is_help=True)


@app.callback()
def _policy() -> None:
    """Policies: check, test, explain."""


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A policy folder, or one file of it.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Load the policies and name every fault: file, line, column, what is wrong, what to write instead."""
    try:
        loaded = load_policies(path)
    except PolicyFaults as fault:
        say(str(fault), "red")
        raise typer.Exit(1) from None
    if json:
        emit({"ok": True, "digest": loaded.digest})
    say(f"ok: {len(loaded.policies)} policies, {len(loaded.entitlements)} entitlements, {len(loaded.sources)} sources")
