"""What a message is made of, read from the arguments of a call or from the answer of a bot, and checked."""

from dataclasses import dataclass
from typing import Any

import orjson

from approvalbot.workspace.api.arguments import Arguments
from approvalbot.workspace.blockkit.places import with_ids
from approvalbot.workspace.blockkit.validate import MESSAGE_CHARACTERS, message_characters, validate_message
from approvalbot.workspace.errors import Json, Refusal

TRUNCATED_AT = 40_000
"""Slack cuts longer texts of a post (docs.slack.dev, chat.postMessage, "Truncating content")."""
UPDATE_TEXT = 4_000
"""errors.json, chat.update `msg_too_long`: "The `text` field cannot exceed 4,000 characters"."""
ATTACHMENTS = 100
METADATA_BYTES = 16_000
"""Slack refuses large metadata without saying how large; this is our guess (slack.md section 12)."""


@dataclass(frozen=True, slots=True)
class Content:
    """A checked message body. Blocks have their ids. `has_text` and `has_blocks` say what was given at all."""

    text: str
    blocks: tuple[Json, ...]
    attachments: tuple[Json, ...]
    metadata: Json | None
    has_blocks: bool = False


def content_of(
    arguments: Arguments, *, longest: int = TRUNCATED_AT, cut: bool = False, measured: bool = False
) -> Content:
    """Read and check text, blocks, attachments and metadata.

    A text over `longest` is cut with `cut`, refused without. `measured` adds the limit on all blocks together, which
    only chat.postMessage has.

    Raises:
        Refusal: any of Slack's codes for a body it does not take, `no_text` when there is nothing in it.
    """
    text = arguments.text("text")
    blocks = _list(arguments, "blocks", "invalid_blocks_format")
    markdown = arguments.text("markdown_text")
    if markdown:
        if text or blocks:
            raise Refusal("markdown_text_conflict")
        blocks = [{"type": "markdown", "text": markdown}]
    attachments = _list(arguments, "attachments", "invalid_blocks_format") or []
    if not (text.strip() or blocks or attachments):
        raise Refusal("no_text")
    if len(text) > longest and not cut:
        raise Refusal("msg_too_long")
    _check_attachments(attachments)
    if blocks and measured and message_characters(blocks) > MESSAGE_CHARACTERS:
        raise Refusal("msg_blocks_too_long")
    return Content(
        text=text[:longest],
        blocks=checked_blocks(blocks or []),
        attachments=tuple(attachments),
        metadata=metadata_of(arguments),
        has_blocks=blocks is not None,
    )


def checked_blocks(blocks: list[Any], where: str = "") -> tuple[Json, ...]:
    """The blocks of a message with their ids.

    Raises:
        Refusal: `invalid_blocks`, with every fault; pointers start with `where`.
    """
    faults = validate_message(blocks)
    if faults:
        shown = [fault.shown() | {"pointer": where + fault.pointer} for fault in faults]
        lines = [f"[ERROR] {fault.message} [json-pointer:{where}{fault.pointer}]" for fault in faults]
        raise Refusal("invalid_blocks", errors=shown, response_metadata={"messages": lines})
    return tuple(with_ids(blocks))


def metadata_of(arguments: Arguments) -> Json | None:
    """The message metadata; None when there is none.

    Raises:
        Refusal: it is no object with a type and a payload, or it is too large.
    """
    try:
        value = arguments.decoded("metadata")
    except ValueError:
        raise Refusal("invalid_metadata_format") from None
    if value is None or value == {}:
        return None
    if not isinstance(value, dict):
        raise Refusal("invalid_metadata_format")
    kind, payload = value.get("event_type"), value.get("event_payload")
    if not isinstance(kind, str) or not kind or not isinstance(payload, dict):
        raise Refusal("invalid_metadata_schema")
    if len(orjson.dumps(value)) > METADATA_BYTES:
        raise Refusal("metadata_too_large")
    return {"event_type": kind, "event_payload": payload}


def _list(arguments: Arguments, name: str, code: str) -> list[Any] | None:
    try:
        value = arguments.decoded(name)
    except (ValueError, RecursionError):
        raise Refusal(code) from None
    if value is not None and not isinstance(value, list):
        raise Refusal(code)
    return value


def _check_attachments(attachments: list[Any]) -> None:
    if len(attachments) > ATTACHMENTS:
        raise Refusal("too_many_attachments")
    for index, attachment in enumerate(attachments):
        if not isinstance(attachment, dict):
            raise Refusal("invalid_blocks_format")
        if "blocks" in attachment:
            attachment["blocks"] = list(checked_blocks(attachment["blocks"], f"/attachments/{index}"))
