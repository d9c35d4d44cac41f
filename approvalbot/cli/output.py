"""How commands speak: one JSON document with `--json`, plain lines otherwise, progress on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    FileSizeColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

# What events and policies say is shown as it stands: ":fire:" is six letters and no picture.
out = Console(soft_wrap=True, highlight=False, emoji=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def say(text: str, style: str | None = None) -> None:
    """One line for a reader; nothing in it is markup."""
    out.print(text, style=style, markup=False)


def emit(document: Any) -> None:
    """One JSON document on standard output, indented for a terminal and compact for a pipe."""
    wide = sys.stdout.isatty()
    try:
        text = orjson.dumps(document, option=orjson.OPT_INDENT_2 if wide else 0).decode()
    except TypeError:
        # orjson writes no integer beyond 64 bits, and an event may hold one.
        text = json.dumps(document, ensure_ascii=False, indent=2 if wide else None)
    typer.echo(text)


def emit_lines(lines: Iterable[bytes]) -> None:
    """JSON Lines on standard output, many in one write."""
    sys.stdout.flush()
    lines = iter(lines)
    while held := b"".join(islice(lines, 10_000)):
        sys.stdout.buffer.write(held)
    sys.stdout.buffer.flush()


def read_through(lines: Iterable[bytes], what: str, total_bytes: int | None) -> Iterable[bytes]:
    """The lines, with a bar on standard error while they pass; untouched where nobody looks."""
    return _read_through(lines, what, total_bytes) if err.is_terminal else lines


def _read_through(lines: Iterable[bytes], what: str, total_bytes: int | None) -> Iterator[bytes]:
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        DownloadColumn() if total_bytes is not None else FileSizeColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
    )
    with bar:
        task = bar.add_task(what, total=total_bytes)
        passed = 0
        for count, line in enumerate(lines, 1):
            passed += len(line)
            if count % 1000 == 0:
                bar.update(task, completed=passed)
            yield line
        bar.update(task, completed=passed)


def counted(items: Iterable[Any], what: str, total: int) -> Iterator[Any]:
    """The items, with a bar on standard error while they pass; silent where nobody looks."""
    if not err.is_terminal:
        yield from items
        return
    bar = Progress(
        TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err, transient=True
    )
    with bar:
        task = bar.add_task(what, total=total)
        for count, item in enumerate(items, 1):
            if count % 100 == 0 or count == total:
                bar.update(task, completed=count)
            yield item
