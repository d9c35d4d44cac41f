"""`wait`, `gate`, `receipt verify`: what runs where something waits for a yes.

Exit codes: 0 approved, 1 denied, 2 expired or withdrawn, 3 anything else. A gate runs its command only on 0.
"""

import os
import subprocess
from collections.abc import Mapping
from typing import Annotated, Any

import httpx
import orjson
import typer

from approvalbot.cli.output import emit, err
from approvalbot.client import Answer, Approvals, NoAnswer
from approvalbot.plaintext import one_line

APPROVED, DENIED, NOBODY, FAULT = 0, 1, 2, 3

TERMS = "APPROVALBOT_TERMS"
"""What the command of a gate finds in its environment where less was approved than asked: the terms, as JSON."""

Url = Annotated[str, typer.Option(envvar="APPROVALBOT_URL", help="Where approvalbot is.")]
Source = Annotated[str, typer.Option(envvar="APPROVALBOT_SOURCE", help="The source this key belongs to.")]
Key = Annotated[
    str, typer.Option(envvar="APPROVALBOT_KEY", help="The source's key; better in the environment than here.")
]
Timeout = Annotated[float | None, typer.Option(min=1, help="Give up after so many seconds.")]
AcceptsLess = Annotated[
    bool, typer.Option("--accepts-less", help="An approval with less than was asked is a yes too; its terms are kept.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def exit_code(status: str, *, allowed: bool) -> int:
    """What a script is told."""
    if allowed:
        return APPROVED
    # Approved and yet not allowed: with less than was asked, for a caller that did not say that it keeps to that.
    return {"denied": DENIED, "expired": NOBODY, "withdrawn": NOBODY}.get(status, FAULT)


def wait(
    request_id: Annotated[str, typer.Argument(metavar="ID")],
    url: Url = "",
    source: Source = "",
    key: Key = "",
    timeout_s: Annotated[float | None, typer.Option("--timeout", min=1, help="Give up after so many seconds.")] = None,
    accepts_less: AcceptsLess = False,
    json: AsJson = False,
) -> None:
    """Wait for an answer; the exit code is the answer."""
    with _approvals(url, source, key, accepts_less=accepts_less) as approvals:
        answer = _or_fault(lambda: approvals.wait(request_id, timeout_s=timeout_s))
    _tell(answer, json=json)
    raise typer.Exit(exit_code(answer.status, allowed=answer.allowed))


def gate(
    context: typer.Context,
    action: Annotated[str, typer.Option(help="What is about to be done, such as deploy.requested.")],
    resource: Annotated[str, typer.Option(help="On what.")] = "",
    actor: Annotated[str, typer.Option(help="Who asks; default: $USER.")] = "",
    field: Annotated[list[str] | None, typer.Option(help="More of the event: name=value, dots nest.")] = None,
    url: Url = "",
    source: Source = "",
    key: Key = "",
    timeout_s: Annotated[float | None, typer.Option("--timeout", min=1, help="Give up after so many seconds.")] = None,
    accepts_less: AcceptsLess = False,
    json: AsJson = False,
) -> None:
    """Ask, wait, and run the command after -- only if it was approved."""
    command = context.args[1:] if context.args[:1] == ["--"] else context.args
    if not command:
        raise typer.BadParameter("nothing to run: write the command after --")
    event = _event(action, resource, actor or os.environ.get("USER", "unknown"), field or [])
    with _approvals(url, source, key, accepts_less=accepts_less) as approvals:
        asked = _or_fault(lambda: approvals.ask(event))
        if not asked.id:
            err.print(f"approvalbot: {asked.status}: nobody was asked, so nothing is run", style="red", markup=False)
            raise typer.Exit(DENIED if asked.status == "denied" else FAULT)
        err.print(f"approvalbot: asked, waiting: {asked.url}", markup=False)
        answer = _or_fault(lambda: approvals.wait(asked.id, timeout_s=timeout_s))
    _tell(answer, json=json)
    code = exit_code(answer.status, allowed=answer.allowed)
    raise typer.Exit(_run(command, answer.terms) if code == APPROVED else code)


def _run(command: list[str], terms: Mapping[str, Any]) -> int:
    """Run what was approved; its exit code is ours, except that a 3 of its own could not be told from a fault.

    Its environment has the terms of an approval with less; one that stands there already is not ours.
    """
    environment = {name: value for name, value in os.environ.items() if name != TERMS}
    if terms:
        environment[TERMS] = orjson.dumps(dict(terms)).decode()
    try:
        return subprocess.run(command, check=False, env=environment).returncode  # noqa: S603 - the caller's own command line
    except OSError as fault:
        err.print(f"approvalbot: approved, but {command[0]} did not start: {fault}", style="red", markup=False)
        return FAULT


def _approvals(url: str, source: str, key: str, *, accepts_less: bool) -> Approvals:
    missing = [name for name, value in (("--url", url), ("--source", source), ("--key", key)) if not value]
    if missing:
        names = ", ".join(f"{name} (APPROVALBOT_{name[2:].upper()})" for name in missing)
        raise typer.BadParameter(f"not set: {names}")
    approvals: Approvals = _or_fault(lambda: Approvals(url, source=source, key=key, accepts_less=accepts_less))
    return approvals


def _or_fault(call: Any) -> Any:
    try:
        return call()
    except (NoAnswer, httpx.InvalidURL, ValueError) as fault:  # a key that is no base64 is a ValueError
        err.print(f"approvalbot: no answer, so no approval: {fault}", style="red", markup=False)
        raise typer.Exit(FAULT) from None


def _tell(answer: Answer, *, json: bool) -> None:
    if json:
        emit(dict(answer.body))
        return
    by = ", ".join(person["name"] for person in answer.body.get("decided_by", []))
    text = f"approvalbot: {answer.status}{f' by {by}' if by else ''}{f': {answer.reason}' if answer.reason else ''}"
    if answer.terms:
        refused = "" if answer.allowed else ", which this caller does not accept (--accepts-less)"
        text += f", with less{refused}: {shown_terms(answer.terms)}"
    err.print(one_line(text), style="green" if answer.allowed else "red", markup=False)


def shown_terms(terms: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(terms)).decode()


def _event(action: str, resource: str, actor: str, fields: list[str]) -> dict[str, Any]:
    event: dict[str, Any] = {"action": action, "actor": {"id": actor}}
    if resource:
        event["resource"] = {"id": resource}
    for one in fields:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"--field {one!r}: write name=value")
        *path, last = name.split(".")
        place = event
        for step in path:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise typer.BadParameter(f"--field {one!r}: {step} is a value already")
        place[last] = value
    return event
