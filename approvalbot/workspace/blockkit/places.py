"""Where the interactive elements stand in a list of blocks, and the ids that Slack gives to what has none."""

import copy
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from approvalbot.workspace.errors import Json

NOT_INTERACTIVE = frozenset({"image", "plain_text", "mrkdwn"})


@dataclass(frozen=True, slots=True)
class Place:
    """One interactive element and the block it stands in."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        return str(self.element["action_id"])


def interactive(blocks: Iterable[Json]) -> Iterator[Place]:
    """Every interactive element, from the first block to the last."""
    for block in blocks:
        for element in _elements(block):
            if element.get("type") not in NOT_INTERACTIVE:
                yield Place(block, element)
        for inner in (*block.get("child_blocks", ()), *_cards(block)):
            yield from interactive([inner])


def _elements(block: Json) -> list[Json]:
    match block.get("type"):
        case "actions" | "context_actions":
            return list(block["elements"])
        case "section":
            return [block["accessory"]] if "accessory" in block else []
        case "input":
            return [block["element"]]
        case "card":
            return list(block.get("actions", ()))
    return []


def _cards(block: Json) -> list[Json]:
    return list(block["elements"]) if block.get("type") == "carousel" else []


def with_ids(blocks: Iterable[Json]) -> list[Json]:
    """A copy of valid blocks in which every block has a block_id and every interactive element an action_id.

    Slack makes up short random ones; so do we, so that a bot cannot come to rely on them.
    """
    filled: list[Any] = copy.deepcopy(list(blocks))
    _fill_blocks(filled)
    for place in interactive(filled):
        place.element.setdefault("action_id", short_id())
    return filled


def _fill_blocks(blocks: list[Json]) -> None:
    for block in blocks:
        block.setdefault("block_id", short_id())
        _fill_blocks(block.get("child_blocks", []))
        _fill_blocks(_cards(block))


def short_id() -> str:
    """Five random characters, such as Slack generates."""
    return secrets.token_urlsafe(4)[:5]
