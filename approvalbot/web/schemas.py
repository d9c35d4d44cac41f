"""The shapes of the API as JSON Schema 2020-12: what `/openapi.json` refers to. docs/api.md says what they mean."""

from collections.abc import Mapping
from typing import Any, get_args

from approvalbot.errors import CODES
from approvalbot.request.request import Kind, State

Schema = Mapping[str, Any]

ID = {"type": "string", "pattern": "^[0-9A-Z]{20}$", "examples": ["TWPS28BQW4R35BKRC40Z"]}
MOMENT = {"type": "string", "format": "date-time"}
STATES = [state.value for state in State if state is not State.WATCHED]


def ref(name: str) -> Schema:
    """A schema of this document."""
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def thing(required: Mapping[str, Schema], more: Mapping[str, Schema] | None = None, *, says: str = "") -> Schema:
    """An object. New fields may come at any time, so none is closed."""
    made = {"type": "object", "required": list(required), "properties": {**required, **(more or {})}}
    return {**made, "description": says} if says else made


TEXT: Schema = {"type": "string"}
DIGEST: Schema = {"type": "string", "description": "SHA-256, in hex"}
PERSON = thing({"id": TEXT, "name": TEXT})
POLICY = thing({"id": TEXT, "digest": DIGEST})

OPENED = thing(
    {"id": ID, "policy": TEXT, "status": {"enum": STATES}},
    {"repeat": {"const": True}, "own_id": TEXT},
    says="One of several requests that an event opened or joined.",
)

REQUEST = thing(
    {
        "id": TEXT,
        "status": {"enum": STATES},
        "allowed": {"type": "boolean", "description": "The answer. Only true is a yes."},
        "kind": {"enum": list(get_args(Kind))},
        "decided_by": {"type": "array", "items": PERSON},
        "reason": maybe(TEXT),
        "reason_code": maybe(TEXT),
        "decided_at": maybe(MOMENT),
        "expires_at": maybe(MOMENT),
        "policy": POLICY,
        "event_digest": maybe(DIGEST),
        "receipt": maybe({"type": "string", "description": "The answer, signed (JWS, EdDSA)"}),
    },
    {
        "terms": thing({"less": {"const": True}}, says="What was approved instead of the whole. Act within it."),
        "credit": TEXT,
        "repeat_of": ID,
        "requests": {"type": "array", "items": ref("Opened")},
    },
)

ACCEPTED = thing(
    {
        "id": TEXT,
        "status": {"enum": STATES},
        "url": {"type": "string", "format": "uri"},
        "wait_url": {"type": "string", "format": "uri"},
        "expires_at": maybe(MOMENT),
    },
    {"repeat": {"const": True}, "own_id": TEXT, "requests": {"type": "array", "items": ref("Opened")}},
    says="A request is open, or the event joined one.",
)

NO_MATCH = thing(
    {"status": {"enum": ["no_match", "denied"]}},
    {"allowed": {"const": False}, "reason_code": {"enum": ["monitor", "counting", "no_match"]}},
    says="No policy asks about it. This is no approval.",
)

REFUSED = thing(
    {"status": {"const": "refused"}, "code": ref("Code"), "detail": TEXT}, says="An event of a batch that was refused."
)

COUNT: Schema = {"type": "integer", "minimum": 0}
BATCH = thing(
    {
        "received": COUNT,
        "matched": COUNT,
        "results": {"type": "array", "items": {"anyOf": [ref("Accepted"), ref("NoMatch"), ref("Refused")]}},
    },
    says="Several events, in their order.",
)

HANDSHAKE: Schema = {
    "anyOf": [
        thing({"validationResponse": TEXT}),
        thing({"status": {"enum": ["confirmed", "unsubscribed"]}, "topic": TEXT}),
    ],
    "description": "What a sender asked before it sends events.",
}

PROBLEM = thing(
    {
        "type": {"type": "string", "pattern": "^urn:approvalbot:error:[a-z_]+$"},
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": ref("Code"),
        "detail": TEXT,
    },
    {"hint": TEXT},
    says="RFC 9457. docs/errors.md explains every code.",
)

READY = thing({"ready": {"type": "boolean"}, "checks": {"type": "object"}})
KEY_SET = thing({"keys": {"type": "array", "items": {"type": "object"}}})

SCHEMAS: Mapping[str, Schema] = {
    "Accepted": ACCEPTED,
    "NoMatch": NO_MATCH,
    "Refused": REFUSED,
    "Batch": BATCH,
    "Handshake": HANDSHAKE,
    "Opened": OPENED,
    "Request": REQUEST,
    "Requests": thing({"requests": {"type": "array", "items": ref("Request")}, "next_cursor": maybe(TEXT)}),
    "Consumed": thing({"id": TEXT, "consumed": {"const": True}}),
    "Verification": thing({"verification": TEXT}),
    "Ready": READY,
    "KeySet": KEY_SET,
    "Problem": PROBLEM,
    "Code": {"enum": sorted(CODES), "type": "string"},
}
