"""`policy explain`: which policies an event concerns, and why or why not, leaf by leaf."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from approvalbot.cli.output import emit, say
from approvalbot.cli.reading import read_body
from approvalbot.errors import BadInput
from approvalbot.events.event import Event
from approvalbot.events.times import parse_time, show_time
from approvalbot.plaintext import one_line
from approvalbot.policy.deliveries import Delivered, events_in
from approvalbot.policy.explain import Explanation, explain_event
from approvalbot.policy.explain_text import explanation_text
from approvalbot.policy.parse import load_policies
from approvalbot.policy.people import may_send
from approvalbot.policy.policyset import PolicySet


def explain(
    path: Annotated[Path, typer.Argument(help="A policy folder, or one file of it: then only its policies.")],
    file: Annotated[str, typer.Argument(metavar="EVENT.json", help="The event, or - for standard input.")],
    source: Annotated[str, typer.Option(help="The source it comes from; default: the one it looks like.")] = "",
    header: Annotated[list[str] | None, typer.Option(help="A header it came with: 'name: value'.")] = None,
    at: Annotated[str, typer.Option(help="When it arrives, such as 2026-03-03T12:00:00Z; default: now.")] = "",
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say which policies match an event, and why or why not, leaf by leaf."""
    policies = load_policies(path)
    delivered = Delivered(_moment(at), source, dict(_header(one) for one in header or []))
    body = read_body(file)
    try:
        events = list(events_in(policies, body, delivered))
    except BadInput as fault:
        where = "standard input" if file == "-" else file
        raise BadInput(fault.code, "{where}: {why}", where=where, why=fault.text()) from fault
    explained = [(one, _explained(policies, one, path)) for one in events]
    if json:
        emit({"events": [_document(policies, one, found) for one, found in explained]})
        return
    for place, (one, found) in enumerate(explained):
        if place:
            say("")
        _tell(policies, one, found)


def _moment(at: str) -> datetime:
    moment = parse_time(at) if at else datetime.now(UTC)
    if moment is None:
        raise typer.BadParameter(f"--at {at!r} is no time; write 2026-03-03T12:00:00Z")
    return moment


def _header(written: str) -> tuple[str, str]:
    name, colon, value = written.partition(":")
    if not colon or not name.strip():
        raise typer.BadParameter(f"--header {written!r}: write 'name: value'")
    return name.strip().lower(), value.strip()


def _explained(policies: PolicySet, event: Event, path: Path) -> list[Explanation]:
    wanted = {
        one.policy.key
        for one in policies.compiled
        if path.is_dir() or (one.policy.place is not None and one.policy.place.file == path.name)
    }
    return [one for one in explain_event(policies, event, event.received_at) if one.policy in wanted]


def _document(policies: PolicySet, event: Event, found: list[Explanation]) -> dict[str, Any]:
    return {
        "source": event.source_name,
        "id": event.id,
        "action": event.action,
        "at": show_time(event.received_at),
        "refused": _refused(policies, event),
        "policies": [one.to_json() for one in found],
    }


def _tell(policies: PolicySet, event: Event, found: list[Explanation]) -> None:
    by = f" by {event.actor.shown}" if event.actor.shown else ""
    say(f"{event.source_name}: {one_line(event.action or 'no action')}{one_line(by)}", "bold")
    refused = _refused(policies, event)
    if refused:
        say(f"refused at the door ({refused}): its tenant is not on the source's list", "red")
    for one in found:
        if one.stage != "source":
            say(explanation_text(one), "green" if one.match else None)
    others = [one.policy for one in found if one.stage == "source"]
    if others:
        say(f"of other sources: {', '.join(others)}", "dim")
    if not found:
        say("there are no policies here", "yellow")


def _refused(policies: PolicySet, event: Event) -> str:
    return "" if may_send(policies.sources[event.source_name], event) else "tenant_not_allowed"
