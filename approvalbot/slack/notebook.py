"""What was looked up, kept in this process alone: for a command that asks once and ends."""


class Notebook:
    """Short-lived notes without a store. Nothing of it is ever too old, since the command is over first."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], str] = {}

    def remember(self, what: str, value: str, answer: str, *, keep_s: int) -> None:  # noqa: ARG002 - see the class
        """Keep a text under `value`."""
        self._held[what, value] = answer

    def recall(self, what: str, value: str) -> str | None:
        """The text kept under `value`, or None."""
        return self._held.get((what, value))

    def forget(self, what: str, value: str) -> None:
        """Drop what was kept."""
        self._held.pop((what, value), None)
