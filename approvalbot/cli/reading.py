"""Reading the policies that a command is given."""

from pathlib import Path

from approvalbot.policy.parse import Loaded, load_written
from approvalbot.reloading import uncollected


def read_policies(path: Path) -> Loaded:
    """The policies of a folder, or of one file's folder.

    Raises:
        PolicyFaults: every fault of them.
    """
    with uncollected():
        return load_written(path)
