"""The JSON Schema of mapping files, for editors. What an expression says is checked by loading."""

from typing import Any

from approvalbot.events.mapping import LIST_FIELDS, TEXT_FIELDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TEXT = {"type": "string", "minLength": 1}
_ROW = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}


def mapping_schema() -> dict[str, Any]:
    """The schema of one document of a mapping file: tables by name."""
    rows = dict.fromkeys((*TEXT_FIELDS, *LIST_FIELDS, "time", "outcome", "unwrap"), _ROW)
    table = {
        "type": "object",
        "properties": {
            **rows,
            "split": _TEXT,
            "detect": {
                "anyOf": [
                    _ROW,
                    {"type": "object", "properties": {"all": _ROW}, "required": ["all"], "additionalProperties": False},
                ]
            },
            "asserted": {"type": "boolean"},
        },
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {
        "$schema": DIALECT,
        "title": "approvalbot mapping tables",
        "type": "object",
        "additionalProperties": table,
    }
