"""The gallery: cards and forms that somebody else drew, read from a folder of JSON files and held to Slack's rules.

A file holds a message (`{"text", "blocks"}`) or a view (`{"type": "modal" | "home", …}`); its name is what it shows,
`card-gate-pending.json`. The workspace knows nothing more about them.
"""

from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.blockkit.places import with_ids
from approvalbot.workspace.blockkit.validate import (
    MESSAGE_CHARACTERS,
    VIEW_BYTES,
    message_characters,
    validate_message,
    validate_view,
    view_bytes,
)
from approvalbot.workspace.errors import Json
from approvalbot.workspace.local.sessions import as_json, place_of_request, viewer

MOST_FILES, LARGEST_FILE = 500, 1024 * 1024
"""Our own bounds: a page of more would not be looked at, and no view is a quarter as large."""

TAKEN = 40_000
"""Slack cuts longer texts of a message."""


async def gallery(request: Request) -> Response:
    """`GET /local/gallery`: every drawn card and form, with what Slack would say against it."""
    viewer(request)
    folder = place_of_request(request).config.gallery
    files = sorted(folder.glob("*.json"), key=lambda path: path.stem)[:MOST_FILES] if folder is not None else []
    shown = None if folder is None else str(folder)
    return as_json({"folder": shown, "entries": [_entry(path) for path in files]})


def _entry(path: Path) -> Json:
    named: Json = {"name": path.stem, "group": _group(path.stem), "kind": "unknown", "blocks": [], "faults": []}
    try:
        if path.stat().st_size > LARGEST_FILE:
            return named | {"faults": ["the file is larger than a megabyte"]}
        drawn: Any = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as fault:
        return named | {"faults": [f"the file cannot be read: {fault}"]}
    if not isinstance(drawn, dict) or not isinstance(drawn.get("blocks"), list):
        return named | {"faults": ["the file holds neither a message nor a view"]}
    return named | {"raw": drawn} | (_view(drawn) if "type" in drawn else _message(drawn))


def _group(name: str) -> str:
    """What a file belongs to: the kind of card it is, or the first word of its name."""
    words = name.split("-")
    return " ".join(words[:2]) if words[0] == "card" and len(words) > 2 else words[0]


def _message(drawn: Json) -> Json:
    faults = [fault.line() for fault in validate_message(drawn["blocks"])]
    text = drawn.get("text")
    if not isinstance(text, str) or not text.strip():
        faults.append("[ERROR] there is no text for notifications and screen readers")
    elif len(text) > TAKEN:
        faults.append(f"[ERROR] the text is longer than {TAKEN} characters")
    if message_characters(drawn["blocks"]) > MESSAGE_CHARACTERS:
        faults.append("[ERROR] msg_blocks_too_long")
    return {"kind": "message", "text": str(text or ""), "blocks": _with_ids(drawn, faults), "faults": faults}


def _view(drawn: Json) -> Json:
    faults = [fault.line() for fault in validate_view(drawn)]
    if view_bytes(drawn) > VIEW_BYTES:
        faults.append("[ERROR] view_too_large")
    kind = "home" if drawn["type"] == "home" else "modal"
    parts = {name: drawn.get(name) for name in ("title", "submit", "close")}
    return {"kind": kind, **parts, "blocks": _with_ids(drawn, faults), "faults": faults}


def _with_ids(drawn: Json, faults: list[str]) -> list[Json]:
    """The blocks as they can be drawn: none where Slack would not show them either."""
    return [] if faults else with_ids(drawn["blocks"])
