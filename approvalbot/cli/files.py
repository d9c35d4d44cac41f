"""Files that a command is given: a file, or standard input for `-`."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from approvalbot.errors import BadInput


@contextmanager
def open_lines(file: str) -> Iterator[tuple[Iterable[bytes], int | None]]:
    """The lines of a file, or of standard input for `-`, and the bytes of them all where that is known."""
    if file == "-":
        yield sys.stdin.buffer, None
        return
    try:
        opened = Path(file).open("rb")  # noqa: SIM115 - only what opening says is told here, not what reading does
    except OSError as fault:
        raise _unreadable(file, fault) from fault
    with opened:
        yield opened, os.fstat(opened.fileno()).st_size or None


def read_body(file: str) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as fault:
        raise _unreadable(file, fault) from fault


def _unreadable(file: str, fault: OSError) -> BadInput:
    return BadInput("parameter_invalid", "{file} cannot be read: {why}.", file=file, why=fault.strerror)
