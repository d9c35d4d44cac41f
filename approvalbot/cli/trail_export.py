"""`audit export`, `ship`, `prune`, `checkpoints`: the trail handed to others, and forgotten when it is old enough."""

import signal
import sys
import threading
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from approvalbot.answers.sending import Sender
from approvalbot.answers.signing import key_set
from approvalbot.audit.exporting import export_of
from approvalbot.audit.formats import FORMS
from approvalbot.audit.sealing import opened
from approvalbot.cli.output import counted, emit, err, say
from approvalbot.errors import BadInput
from approvalbot.log import set_up_logs
from approvalbot.policy.parse import load_policies
from approvalbot.policy.snapshots import from_snapshot
from approvalbot.settings import Settings, load_settings
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.connection import connect
from approvalbot.store.requests import RequestStore
from approvalbot.store.trail import TrailStore
from approvalbot.wiring.address import redis_address
from approvalbot.wiring.secrets import posting
from approvalbot.wiring.trail import checkpoint_key, make_retention, make_shipper

NOT_CSV = "Write jsonl, ocsf or cloudevents."
FORM_HELP = "jsonl (what verify reads), csv, ocsf or cloudevents."


def export(
    form: Annotated[str, typer.Option("--format", help=FORM_HELP)] = "jsonl",
    out: Annotated[Path | None, typer.Option(help="Where to write. Default: standard output.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only entries after this number.")] = 0,
    cursor: Annotated[
        Path | None, typer.Option(help="Go on after the number that this file holds, and leave the new one in it.")
    ] = None,
) -> None:
    """Write the trail, in order, for an auditor or a collector."""
    settings = load_settings()
    after = max(after, _read_cursor(cursor)) if cursor else after
    with redis_address(settings) as url:
        redis = connect(url)
        trail, checkpoints = TrailStore(redis), CheckpointStore(redis)
        keys = key_set(checkpoint_key(settings))
        found = export_of(trail, checkpoints, form, origin=settings.url, keys=keys, after=after)
        if after and found.first > after + 1:
            err.print(f"entries up to {found.first - 1} are not kept any more", style="yellow")
        count = _write(out, found.lines(lambda records: counted(records, "exporting", found.count)))
        total = found.last
    if cursor:
        _write_cursor(cursor, total)
    err.print(f"{count} lines, up to entry {total}", style="green")


def ship(
    to: Annotated[str, typer.Option(help="file:PATH, destination:NAME or syslog+udp|tcp|tls://HOST:PORT.")],
    form: Annotated[str, typer.Option("--format", help=FORM_HELP)] = "jsonl",
    once: Annotated[bool, typer.Option("--once", help="End when everything there is was sent.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Do not ship there any more, and let cuts go on.")] = False,
) -> None:
    """Send every entry to a receiver, at least once, from where it was left; runs until it is stopped."""
    line = FORMS.get(form)
    if line is None or (form == "csv" and to.startswith("destination:")):
        raise BadInput(
            "parameter_invalid", f"{form!r} is no format for {to}.", hint="Write jsonl, ocsf or cloudevents."
        )
    settings = load_settings()
    set_up_logs(settings.approvalbot_log_level)
    with redis_address(settings) as url:
        redis = connect(url)
        shipper = make_shipper(redis, to, line, settings.url, _post(settings))
        if forget:
            known = CheckpointStore(redis).forget_receiver(shipper.receiver.name)
            say("forgotten" if known else "nothing was ever shipped there")
        elif once:
            sent = 0
            while batch := shipper.ship():
                sent += batch
            say(f"{sent} entries shipped", "green")
        else:
            shipper.run(_until_stopped().wait)


def prune(
    older: Annotated[int, typer.Option(min=1, help="Days that entries are kept.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Forget entries older than so many days, and the requests that ended with them; the proof stays."""
    with redis_address(load_settings()) as url:
        redis = connect(url)
        now = RequestStore(redis, from_snapshot).now()
        receivers = CheckpointStore(redis).receivers()
        retention, cut = make_retention(redis), None
        while made := retention.cut(now - timedelta(days=older), shipped=min(receivers.values(), default=None)):
            cut = made
    if json:
        emit({"cut": cut.number if cut else None, "checkpoint": cut.checkpoint if cut else None})
    elif cut:
        say(f"entries 1 to {cut.number} are forgotten; keep this checkpoint, it seals them:\n{cut.checkpoint}")
    else:
        say("nothing to forget: no checkpoint is that old, or a receiver lacks its entries")


def checkpoints(json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """List the signed checkpoints, newest last."""
    settings = load_settings()
    with redis_address(settings) as url:
        tokens = CheckpointStore(connect(url)).all()
    if json:
        emit(
            [{**opened(one, key_set(checkpoint_key(settings))).model_dump(mode="json"), "token": one} for one in tokens]
        )
        return
    for token in tokens:
        say(token)
    if not tokens:
        err.print("none yet", style="yellow")


def _write(out: Path | None, lines: Iterable[bytes]) -> int:
    if out is None:
        return _lines_to(sys.stdout.buffer, lines)
    made = out.with_name(f"{out.name}.part")
    try:
        with made.open("wb") as file:
            count = _lines_to(file, lines)
        made.replace(out)
    except OSError as fault:
        raise BadInput("parameter_invalid", f"{out} cannot be written: {fault.strerror}.") from fault
    return count


def _lines_to(file: BinaryIO | Any, lines: Iterable[bytes]) -> int:
    count = 0
    for count, line in enumerate(lines, start=1):  # noqa: B007 - the last count is the answer
        file.write(line + b"\n")
    file.flush()
    return count


def _read_cursor(cursor: Path) -> int:
    if not cursor.exists():
        return 0
    text = cursor.read_text(encoding="utf-8", errors="replace").strip()
    if not text.isdigit():
        raise BadInput("parameter_invalid", f"{cursor} holds no number.", hint="Remove it to begin at the first entry.")
    return int(text)


def _write_cursor(cursor: Path, number: int) -> None:
    made = cursor.with_name(f"{cursor.name}.part")
    made.write_text(f"{number}\n", encoding="ascii")
    made.replace(cursor)


def _post(settings: Settings) -> Any:
    sender = Sender(allow_local=settings.allows("local-destinations"))
    return posting(sender, lambda: load_policies(settings.approvalbot_policies))


def _until_stopped() -> threading.Event:
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    return stopped
