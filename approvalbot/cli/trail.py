"""`audit`: show the trail, prove that nobody changed it, and hand it to others."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from approvalbot.answers.signing import key_set
from approvalbot.audit.files import Verified, verify_file
from approvalbot.audit.proving import prove_store
from approvalbot.cli import trail_export
from approvalbot.cli.output import counted, emit, err, say
from approvalbot.errors import BadInput
from approvalbot.plaintext import one_line
from approvalbot.request.trail import Record
from approvalbot.settings import load_settings
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.connection import connect
from approvalbot.store.trail import TrailStore
from approvalbot.wiring.address import redis_address
from approvalbot.wiring.trail import checkpoint_key

app = typer.Typer(help="The trail of every step.", no_args_is_help=True)
for command in (trail_export.export, trail_export.ship, trail_export.prune, trail_export.checkpoints):
    app.command()(command)

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
        found = [one for one in trail.records(start) if _speaks_of(one, request_id)][-last:]
    if json:
        emit([{"number": one.number, **one.entry} for one in found])
        return
    for one in found:
        say(_line(one))
    if not found:
        err.print("nothing there", style="yellow")


@app.command()
def verify(
    file: Annotated[Path | None, typer.Argument(help="An export, verified without the store.")] = None,
    keys: Annotated[Path | None, typer.Option(help="Public keys, kept from /.well-known/jwks.json.")] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(help="Checkpoints that were kept elsewhere, one token a line.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Prove that no entry was edited, removed, inserted or moved; exit 1 and say where if one was."""
    outside = _tokens(checkpoints) if checkpoints else []
    trusted = _keys(keys) if keys else None
    found = _verify_file(file, trusted, outside) if file else _verify_store(trusted, outside)
    if json:
        emit(
            {
                "ok": not found.faults,
                "entries": found.entries,
                "requests": found.requests,
                "checkpoints": found.checkpoints,
                "signatures": found.signed,
                "faults": found.faults,
            }
        )
    else:
        _tell(found)
    if found.faults:
        raise typer.Exit(1)


def _verify_store(keys: dict[str, Any] | None, outside: list[str]) -> Verified:
    settings = load_settings()
    with redis_address(settings) as url:
        redis = connect(url)
        trail = TrailStore(redis)
        trusted = keys or key_set(checkpoint_key(settings))
        total = trail.total() - trail.start()[0].number
        tokens = [*CheckpointStore(redis).all(), *outside]
        return prove_store(trail, tokens, trusted, lambda records: counted(records, "verifying", total))


def _verify_file(file: Path, keys: dict[str, Any] | None, outside: list[str]) -> Verified:
    try:
        with file.open("rb") as lines:
            return verify_file(lines, keys=keys, outside=outside)
    except OSError as fault:
        raise BadInput("parameter_invalid", f"{file} cannot be read: {fault.strerror}.") from fault


def _tell(found: Verified) -> None:
    sealed = f", {found.checkpoints} checkpoints agree" if found.checkpoints else ""
    if found.faults:
        for fault in found.faults[:SHOWN_FAULTS]:
            say(fault, "red")
        say(f"BROKEN: {len(found.faults)} faults in {found.entries} entries of {found.requests} requests", "red")
        return
    say(f"verified: {found.entries} entries of {found.requests} requests, unbroken{sealed}", "green")
    if not found.signed:
        err.print("no signature was checked: give the keys that you kept with --keys", style="yellow")


def _keys(file: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as fault:
        hint = "Keep what /.well-known/jwks.json gives."
        raise BadInput("parameter_invalid", f"{file} holds no public keys.", hint=hint) from fault
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise BadInput("parameter_invalid", f"{file} holds no public keys.", hint='It is a JSON object with "keys".')
    return found


def _tokens(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInput("parameter_invalid", f"{file} holds no checkpoints.", hint="One token a line.") from fault
    return [line.strip() for line in text.splitlines() if line.strip()]


def _speaks_of(record: Record, wanted: str) -> bool:
    name = str(record.entry["request"])
    return name.casefold().startswith(wanted.casefold())


def _line(record: Record) -> str:
    entry = record.entry
    by = entry.get("by") or {}
    detail = " ".join(f"{name}={value}" for name, value in (entry.get("detail") or {}).items())
    who = f" by {by['name']}" if by else ""
    at, request = str(entry["at"])[:19], str(entry["request"])[:6]
    return one_line(f"{record.number:>6}  {at}Z  {request}  {entry['what']}{who}  {detail}".rstrip())
