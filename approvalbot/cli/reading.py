"""Reading what a command is given: a file, or standard input for `-`."""

import sys
from pathlib import Path

from approvalbot.errors import BadInput


def read_body(file: str) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as fault:
        raise BadInput("parameter_invalid", "{file} cannot be read: {why}.", file=file, why=fault.strerror) from fault
