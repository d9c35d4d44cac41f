"""The JSON Schema of policy files, for editors: completion, descriptions, and most slips marked while typing.

It is made from the same models that loading uses, with the written forms (`15m`, `{usergroup: '@team'}`) in place of
what they are held as. A file names it in its first line: `# yaml-language-server: $schema=…`.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from approvalbot.events.schema import DIALECT
from approvalbot.policy.approval import Approver, Notice
from approvalbot.policy.calendar import Span, Window
from approvalbot.policy.entitlement import Option
from approvalbot.policy.inline.shapes import CalendarTest, Fixtures, IdentityTest, PolicyTest, SourceTest
from approvalbot.policy.parse import KINDS

_TEXT = {"type": "string", "minLength": 1}
_DATE = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_LOCAL = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"}


def _one_key(choices: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """A map with exactly one of the keys of `choices`, and any of `more`."""
    return {
        "type": "object",
        "properties": {**choices, **more},
        "additionalProperties": False,
        "oneOf": [{"required": [name]} for name in choices],
    }


_WRITTEN: Mapping[type[BaseModel], dict[str, Any]] = {
    Approver: _one_key(
        {name: _TEXT for name in Approver.KEYS if name != "allow"}, {"allow": {"type": "array", "items": _TEXT}}
    ),
    Notice: _one_key({"channel": _TEXT, "dm": {"const": "approvers"}, "thread": {"const": True}}, {}),
    Window: {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$", "examples": ["08:00-19:00"]},
    Span: {
        "type": "object",
        "properties": {"from": _LOCAL, "to": _LOCAL},
        "required": ["from", "to"],
        "additionalProperties": False,
    },
    Option: {
        "anyOf": [
            _TEXT,
            {
                "type": "object",
                "properties": {"value": _TEXT, "label": _TEXT},
                "required": ["value", "label"],
                "additionalProperties": False,
            },
        ]
    },
}
"""The blocks that are written in another form than they are held in."""

_TESTS: dict[str, type[BaseModel]] = {
    "Policy": PolicyTest,
    "SigmaPack": PolicyTest,
    "Entitlement": PolicyTest,
    "Sources": SourceTest,
    "Calendar": CalendarTest,
    "Identities": IdentityTest,
}
_LISTS = {
    "Policy": ("source",),
    "SigmaPack": ("source", "include"),
    "Select": ("level", "status", "tags", "product", "service"),
}
"""Keys whose list may be written as its one entry alone."""


def _when(key: str, values: tuple[str, ...], then: dict[str, Any]) -> dict[str, Any]:
    """What must hold where a key has one of these values."""
    return {"if": {"properties": {key: {"enum": list(values)}}, "required": [key]}, "then": then}


def _needs(*keys: str) -> dict[str, Any]:
    return {"required": list(keys)}


_UNSAFE = {"properties": {"unsafe": {"const": True}}, "required": ["unsafe"]}
_TEMPORAL = ("temporal", "temporal_ordered")

_CHOICES: dict[str, dict[str, Any]] = {
    "Policy": {"anyOf": [_needs("match"), _needs("sigma")]},
    "SigmaPack": {"oneOf": [_needs("severity"), _needs("severity_from")]},
    "SigmaRef": {"oneOf": [_needs("file"), _needs("rule")]},
    "Effect": {"oneOf": [_needs("callback"), _needs("action")]},
    "PolicyTest": {
        "oneOf": [_needs("event"), _needs("events"), _needs("request")],
        "anyOf": [_needs("expect"), _needs("opens"), _needs("votes"), _needs("state")],
    },
    "Calendar": {"anyOf": [_needs("weekly"), _needs("spans"), _needs("ics")]},
    "ScheduleRow": {"oneOf": [_needs("during"), _needs("otherwise")]},
    "Threshold": {"oneOf": [_needs("gt"), _needs("gte"), {**_needs("eq"), "maxProperties": 1}], "maxProperties": 2},
    "Correlate": {
        "allOf": [
            _when("type", _TEMPORAL, _needs("rules")),
            _when("type", ("event_count", "value_count"), {**_needs("condition"), "not": _needs("rules")}),
            _when("type", ("value_count",), _needs("field")),
            _when("type", ("event_count", *_TEMPORAL), {"not": _needs("field")}),
        ]
    },
    "Approval": {
        "allOf": [_when("on_timeout", ("approve",), _UNSAFE), _when("unmapped_actor", ("allow",), _UNSAFE)],
    },
    "Auth": {
        "allOf": [
            _when("type", ("none",), _UNSAFE),
            _when("type", ("header", "hmac"), _needs("header")),
            _when("type", ("oidc",), {**_needs("issuer", "audience"), "anyOf": [_needs("subject"), _needs("email")]}),
            _when("type", ("mtls",), _needs("header", "fingerprints")),
            _when("type", ("sns",), _needs("topics")),
            _when("type", ("standard_webhooks", "bearer", "header", "hmac", "github", "okta"), _needs("secret")),
        ]
    },
    "Input": {"allOf": [_when("type", ("select",), _needs("options"))]},
}
"""What the models check after their fields: keys of which one must be there, and keys that need another."""


def policy_schema() -> dict[str, Any]:
    """The schema of one document of a policy file."""
    models: list[type[BaseModel]] = [*KINDS.values(), Fixtures, *dict.fromkeys(_TESTS.values())]
    _, made = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/$defs/{model}", schema_generator=_Written
    )
    definitions: dict[str, Any] = made["$defs"]
    for model, written in _WRITTEN.items():
        definitions[model.__name__] = {**written, "description": _description(model)}
    for name, keys in _LISTS.items():
        properties = definitions[name]["properties"]
        properties.update({key: _one_or_many(properties[key], least=1) for key in keys})
    for key in ("exclude_ids", "filters"):
        definitions["SigmaPack"]["properties"][key] = _one_or_many(definitions["SigmaPack"]["properties"][key])
    weekly = definitions["Calendar"]["properties"]["weekly"]
    weekly["additionalProperties"] = _one_or_many(weekly["additionalProperties"])
    for name, choice in _CHOICES.items():
        definitions[name] |= choice
    for kind, test in _TESTS.items():
        properties = definitions[kind]["properties"]
        properties["tests"] = {"type": "array", "items": {"$ref": f"#/$defs/{test.__name__}"}}
        properties["fixtures"] = {"$ref": "#/$defs/Fixtures"}
        properties["kind"] = {"const": kind}
    return {
        "$schema": DIALECT,
        "title": "approvalbot policy documents",
        "type": "object",
        "properties": {"kind": {"enum": list(KINDS)}},
        "allOf": [_when_kind(kind) for kind in KINDS if kind != "Policy"],
        "if": {"properties": {"kind": {"const": "Policy"}}},
        "then": {"$ref": "#/$defs/Policy"},
        "$defs": definitions,
    }


def _when_kind(kind: str) -> dict[str, Any]:
    return {
        "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
        "then": {"$ref": f"#/$defs/{kind}"},
    }


def _one_or_many(written: dict[str, Any], least: int = 0) -> dict[str, Any]:
    """The schema of a list of at least so many entries that may be its one entry alone; null stays where it was."""
    lists = [{**one, "minItems": least} for one in written.get("anyOf", [written]) if one.get("type") == "array"]
    others = [one for one in written.get("anyOf", []) if one.get("type") != "array"]
    return {"anyOf": [*lists, *(one["items"] for one in lists), *others]}


def _description(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


class _Written(GenerateJsonSchema):
    """The generator with what pydantic cannot know: dates are written as texts, and descriptions are short."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        made = super().model_schema(schema)
        if "description" in made:
            made["description"] = made["description"].split("\n\n")[0].replace("\n", " ")
        return made

    def date_schema(self, schema: Any) -> dict[str, Any]:  # noqa: ARG002 - pydantic calls it by this shape
        return dict(_DATE)

    def datetime_schema(self, schema: Any) -> dict[str, Any]:  # noqa: ARG002 - as above
        return dict(_LOCAL)
