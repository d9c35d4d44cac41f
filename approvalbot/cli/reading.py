"""Reading what a command is given: policies, and a file, or standard input for `-`."""

import sys
from pathlib import Path

from approvalbot.errors import BadInput
from approvalbot.policy.parse import Loaded, load_written
from approvalbot.reloading import uncollected


def read_policies(path: Path) -> Loaded:
    """The policies of a folder, or of one file's folder.

    Raises:
        PolicyFaults: every fault of them.
    """
    with uncollected():
        return load_written(path)


def read_body(file: str) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as fault:
        raise BadInput("parameter_invalid", "{file} cannot be read: {why}.", file=file, why=fault.strerror) from fault
