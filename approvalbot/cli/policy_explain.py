"""`policy explain`: which policies an event concerns, why or why not, leaf by leaf, and whom they would ask now."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from approvalbot.cli.files import read_body
from approvalbot.cli.output import emit, say
from approvalbot.cli.reading import read_policies
from approvalbot.errors import ApprovalBotError, BadInput, MoveRefused
from approvalbot.events.event import Event
from approvalbot.events.times import parse_time, show_time
from approvalbot.log import set_up_logs
from approvalbot.plaintext import one_line
from approvalbot.policy.approval import Approver
from approvalbot.policy.asking import Members, WouldAsk, would_ask
from approvalbot.policy.asking_text import asking_text
from approvalbot.policy.deliveries import events_in
from approvalbot.policy.envelopes import Delivered
from approvalbot.policy.explain import Explanation, explain_event
from approvalbot.policy.explain_text import explanation_text
from approvalbot.policy.inline.world import Worlds
from approvalbot.policy.matching import Match
from approvalbot.policy.people import may_send
from approvalbot.policy.policyset import PolicySet
from approvalbot.settings import load_settings
from approvalbot.wiring.live import live as live_now


@dataclass(frozen=True, slots=True)
class _Explained:
    """One policy's explanation, and the request that it would open where it matches."""

    explanation: Explanation
    asking: WouldAsk | None = None

    def to_json(self) -> dict[str, Any]:
        return {**self.explanation.to_json(), "would_ask": self.asking.to_json() if self.asking else None}


def explain(
    path: Annotated[Path, typer.Argument(help="A policy folder, or one file of it: then only its policies.")],
    file: Annotated[str, typer.Argument(metavar="EVENT.json", help="The event, or - for standard input.")],
    source: Annotated[str, typer.Option(help="The source it comes from; default: the one it looks like.")] = "",
    header: Annotated[list[str] | None, typer.Option(help="A header it came with: 'name: value'.")] = None,
    at: Annotated[str, typer.Option(help="When it arrives, such as 2026-03-03T12:00:00Z; default: now.")] = "",
    live: Annotated[
        bool, typer.Option("--live", help="Ask Slack who belongs to what, instead of the fixtures.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say which policies match an event, why or why not, leaf by leaf, and whom they would ask right now."""
    policies = read_policies(path).policies
    delivered = Delivered(moment_of(at), source, dict(_header(one) for one in header or []))
    body = read_body(file)
    try:
        events = list(events_in(policies, body, delivered))
    except BadInput as fault:
        where = "standard input" if file == "-" else file
        raise BadInput(fault.code, "{where}: {why}", where=where, why=fault.text()) from fault
    members = _live(policies) if live else None
    explained = [(one, list(_explained(policies, one, path, members))) for one in events]
    if json:
        emit({"events": [_document(policies, one, found) for one, found in explained]})
        return
    for place, (one, found) in enumerate(explained):
        if place:
            say("")
        _tell(policies, one, found, where="by Slack" if live else "by fixtures and Identities")


def moment_of(at: str) -> datetime:
    """The moment that an option names; now, where it names none."""
    moment = parse_time(at) if at else datetime.now(UTC)
    if moment is None:
        raise typer.BadParameter(f"--at {at!r} is no time; write 2026-03-03T12:00:00Z")
    return moment


def _header(written: str) -> tuple[str, str]:
    name, colon, value = written.partition(":")
    if not colon or not name.strip():
        raise typer.BadParameter(f"--header {written!r}: write 'name: value'")
    return name.strip().lower(), value.strip()


def _explained(policies: PolicySet, event: Event, path: Path, members: Members | None) -> Iterator[_Explained]:
    worlds = Worlds(policies)
    wanted = {one.policy.key for one in policies.compiled_in(None if path.is_dir() else path.name)}
    for one in explain_event(policies, event, event.received_at):
        if one.policy not in wanted:
            continue
        if not one.match:
            yield _Explained(one)
            continue
        match = Match(policies.by_key[one.policy], event, one.error)
        world = worlds.of(match.policy)
        yield _Explained(one, would_ask(policies, match, event.received_at, world, members))


def _live(policies: PolicySet) -> Members:
    """Membership as Slack says it now; a member who is nobody's account in `Identities` keeps their Slack id."""
    # What goes wrong is this command's one sentence; the lines of a running process would stand around it.
    set_up_logs("CRITICAL")
    logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)
    people, identities = live_now(load_settings(), lambda: policies).people, policies.identities

    def members(entry: Approver, name: str) -> frozenset[str] | None:
        try:
            found = people.members(entry, name)
        except MoveRefused as fault:
            # Its own sentence speaks to somebody who presses a button; what Slack said is behind it.
            raise fault.__cause__ if isinstance(fault.__cause__, ApprovalBotError) else fault from None
        return None if found is None else frozenset(identities.lookup("slack", one) or one for one in found)

    return members


def _document(policies: PolicySet, event: Event, found: list[_Explained]) -> dict[str, Any]:
    return {
        "source": event.source_name,
        "id": event.id,
        "action": event.action,
        "at": show_time(event.received_at),
        "refused": _refused(policies, event),
        "policies": [one.to_json() for one in found],
    }


def _tell(policies: PolicySet, event: Event, found: list[_Explained], *, where: str) -> None:
    by = f" by {event.actor.shown}" if event.actor.shown else ""
    say(f"{event.source_name}: {one_line(event.action or 'no action')}{one_line(by)}", "bold")
    refused = _refused(policies, event)
    if refused:
        say(f"refused at the door ({refused}): its tenant is not on the source's list", "red")
    for one in found:
        if one.explanation.stage != "source":
            say(explanation_text(one.explanation), "green" if one.explanation.match else None)
        if one.asking is not None:
            say(asking_text(one.asking, where=where))
    others = [one.explanation.policy for one in found if one.explanation.stage == "source"]
    if others:
        say(f"of other sources: {', '.join(others)}", "dim")
    if not found:
        say("there are no policies here", "yellow")


def _refused(policies: PolicySet, event: Event) -> str:
    return "" if may_send(policies.sources[event.source_name], event) else "tenant_not_allowed"
