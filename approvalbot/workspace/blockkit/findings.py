"""What is wrong with a piece of Block Kit, and the collector that the checks write into."""

from dataclasses import dataclass, field
from typing import Any

from approvalbot.workspace.errors import Json


@dataclass(frozen=True, slots=True)
class BlockFault:
    """One fault. `pointer` is a JSON pointer to the place, `code` a stable word for the kind of fault.

    `message` is in Slack's manner ("must be less than 151 characters"); `constraint` is the limit that was broken,
    where there is one.
    """

    pointer: str
    code: str
    message: str
    constraint: int | str | None = None

    @property
    def field(self) -> str:
        """The last part of the pointer."""
        return self.pointer.rsplit("/", 1)[-1]

    def line(self) -> str:
        """The fault as Slack writes it into `response_metadata.messages`."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"

    def shown(self) -> Json:
        """The fault as an item of Slack's `errors[]`."""
        return {
            "pointer": self.pointer,
            "code": self.code,
            "message": self.message,
            "field": self.field,
            "constraint": self.constraint,
        }


@dataclass(slots=True)
class Findings:
    """The faults found so far, with what has to be unique across the whole message or view.

    `surface` is where the blocks are to stand: `message`, `modal` or `home`.
    """

    surface: str
    faults: list[BlockFault] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    focused: int = 0
    markdown_length: int = 0
    tables: int = 0

    def add(self, pointer: str, code: str, message: str, constraint: int | str | None = None) -> None:
        """Note one fault."""
        self.faults.append(BlockFault(pointer, code, message, constraint))


def kind_of(value: Any) -> str:
    """The JSON name of a value's type, for messages."""
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")
