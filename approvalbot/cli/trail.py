"""`audit`: show the trail, and prove that nobody changed it."""

from typing import Annotated

import typer

from approvalbot.cli.output import counted, emit, err, say
from approvalbot.plaintext import one_line
from approvalbot.request.trail import Record
from approvalbot.settings import load_settings
from approvalbot.store.connection import connect
from approvalbot.store.trail import TrailStore, prove
from approvalbot.wiring.house import redis_address

app = typer.Typer(help="The trail of every step.", no_args_is_help=True)

SHOWN_FAULTS = 20


@app.command()
def show(
    request_id: Annotated[str, typer.Argument(metavar="[ID]", help="Only this request; four letters are enough.")] = "",
    last: Annotated[int, typer.Option(min=1, help="How many entries, from the end.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Show the trail, or one request's."""
    with redis_address(load_settings()) as url:
        trail = TrailStore(connect(url))
        start = 1 if request_id else max(1, trail.total() - last + 1)
        wanted = request_id.upper()
        found = [one for one in trail.records(start) if str(one.entry["request"]).startswith(wanted)][-last:]
    if json:
        emit([{"number": one.number, **one.entry} for one in found])
        return
    for one in found:
        say(_line(one))
    if not found:
        err.print("nothing there", style="yellow")


@app.command()
def verify(json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Prove that no entry was edited, removed, inserted or moved; exit 1 and say where if one was."""
    with redis_address(load_settings()) as url:
        trail = TrailStore(connect(url))
        total = trail.total()
        verifier, faults = prove(trail, lambda records: counted(records, "verifying", total))
    if json:
        emit({"ok": not faults, "entries": verifier.count, "requests": verifier.requests, "faults": faults})
    elif faults:
        for fault in faults[:SHOWN_FAULTS]:
            say(fault, "red")
        say(f"BROKEN: {len(faults)} faults in {verifier.count} entries of {verifier.requests} requests", "red")
    else:
        say(f"verified: {verifier.count} entries of {verifier.requests} requests, unbroken", "green")
    if faults:
        raise typer.Exit(1)


def _line(record: Record) -> str:
    entry = record.entry
    by = entry.get("by") or {}
    detail = " ".join(f"{name}={value}" for name, value in (entry.get("detail") or {}).items())
    who = f" by {by['name']}" if by else ""
    at, request = str(entry["at"])[:19], str(entry["request"])[:6]
    return one_line(f"{record.number:>6}  {at}Z  {request}  {entry['what']}{who}  {detail}".rstrip())
