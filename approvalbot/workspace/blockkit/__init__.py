"""Block Kit as Slack checks it: pure functions over decoded JSON, usable without a running workspace."""

from approvalbot.workspace.blockkit.findings import BlockFault
from approvalbot.workspace.blockkit.validate import validate_blocks, validate_message, validate_view

__all__ = ["BlockFault", "validate_blocks", "validate_message", "validate_view"]
