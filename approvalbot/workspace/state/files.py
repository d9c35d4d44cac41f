"""Uploads under way."""

from dataclasses import dataclass


@dataclass(slots=True)
class Upload:
    """A file that was announced. `received` is None until its bytes came."""

    name: str
    announced: int
    received: int | None = None
