"""The operations of the API for `/openapi.json`: what each takes, and everything that it may answer."""

from collections.abc import Mapping, Sequence

from approvalbot.errors import CODES
from approvalbot.web.requests import LONGEST_WAIT_S
from approvalbot.web.schemas import STATES, Schema, ref

ALWAYS = ("head_invalid", "head_too_large", "unavailable")
"""What every route may answer: a head that is none, and a storage that does not."""

READING = ("parameter_invalid", "not_authenticated", "signature_rejected", "unknown_request", "too_many_requests")

SOURCE = {
    "name": "source",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "The name of a source of the policies.",
}
NAME = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "The id of a request, of several requests of one event, or an event's own id.",
}


SENDERS: Sequence[Mapping[str, Sequence[str]]] = [
    *({name: []} for name in ("standardWebhooks", "bearer", "signature", "certificate")),
    {},
]
"""Any one of them. The last, none, is that of `auth: none`, and of SNS, whose proof is in the body."""

PROBLEM: Schema = {
    "description": "What is wrong, by its code.",
    "content": {"application/problem+json": {"schema": ref("Problem")}},
}


def _json(name: str, says: str, **headers: str) -> Schema:
    made = {"description": says, "content": {"application/json": {"schema": ref(name)}}}
    told = {
        key.replace("_", "-"): {"description": value, "schema": {"type": "string"}} for key, value in headers.items()
    }
    return {**made, **({"headers": told} if told else {})}


def _answers(good: Mapping[str, Schema], codes: Sequence[str]) -> dict[str, Schema]:
    """The answers of a route: the good ones, and a problem for each status that its codes have."""
    found: dict[str, list[str]] = {}
    for code in sorted({*codes, *ALWAYS}):
        found.setdefault(str(CODES[code].status), []).append(code)
    schema = {"allOf": [ref("Problem")]}
    problems = {
        status: {
            "description": " · ".join(f"`{code}`: {CODES[code].title}" for code in names),
            "content": {"application/problem+json": {"schema": {**schema, "properties": {"code": {"enum": names}}}}},
            **({"headers": AGAIN} if status in {"429", "503"} else {}),
        }
        for status, names in sorted(found.items())
    }
    return {**good, **problems}


AGAIN = {"Retry-After": {"description": "Seconds until it is worth trying again.", "schema": {"type": "integer"}}}

EVENT: Schema = {"type": "object", "description": "An event as its vendor sends it."}

POST_EVENTS: Schema = {
    "operationId": "sendEvents",
    "summary": "Send one event or many",
    "security": SENDERS,
    "parameters": [
        SOURCE,
        {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}, "description": "Names one event."},
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"anyOf": [EVENT, {"type": "array", "items": EVENT}]}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "One object a line."}},
            "application/cloudevents+json": {"schema": EVENT},
            "application/cloudevents-batch+json": {"schema": {"type": "array", "items": EVENT}},
        },
    },
    "responses": _answers(
        {
            "200": {
                "description": "Nothing is asked, or a sender's own question is answered.",
                "content": {
                    "application/json": {"schema": {"anyOf": [ref("NoMatch"), ref("Batch"), ref("Handshake")]}}
                },
            },
            "202": {
                "description": "A request is open.",
                "headers": {"Location": {"schema": {"type": "string"}}, **AGAIN},
                "content": {"application/json": {"schema": {"anyOf": [ref("Accepted"), ref("Batch")]}}},
            },
        },
        (
            *("body_invalid", "event_invalid", "signature_rejected", "not_authenticated", "tenant_not_allowed"),
            *("unknown_source", "event_id_reused", "body_too_large", "too_many_requests", "too_many_open"),
            "event_refused",
        ),
    ),
}

CHALLENGE: Schema = {
    "operationId": "answerChallenge",
    "summary": "Okta's verification of an event hook",
    "security": [],
    "parameters": [
        SOURCE,
        {"name": "X-Okta-Verification-Challenge", "in": "header", "schema": {"type": "string"}},
    ],
    "responses": _answers(
        {"200": _json("Verification", "The challenge, given back.")},
        ("parameter_invalid", "unknown_source", "method_not_allowed"),
    ),
}

CONSENT: Schema = {
    "operationId": "consentToDeliveries",
    "summary": "The handshake of CloudEvents web hooks",
    "security": [],
    "parameters": [SOURCE, {"name": "WebHook-Request-Origin", "in": "header", "schema": {"type": "string"}}],
    "responses": _answers(
        {"200": {"description": "Deliveries of this origin are taken."}},
        ("parameter_invalid", "unknown_source", "method_not_allowed"),
    ),
}

LISTED: Schema = {
    "operationId": "listRequests",
    "summary": "The requests of the caller's own source, newest first",
    "security": [{"waiter": []}],
    "parameters": [
        {"name": "status", "in": "query", "schema": {"enum": STATES, "type": "string"}},
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 200, "default": 50}},
        {"name": "cursor", "in": "query", "schema": {"type": "string", "pattern": "^[0-9]{1,15}$"}},
    ],
    "responses": _answers({"200": _json("Requests", "One page.")}, READING),
}

READ: Schema = {
    "operationId": "readRequest",
    "summary": "The answer to a request, now or as soon as there is one",
    "security": [{"waiter": []}],
    "parameters": [
        NAME,
        {
            "name": "wait",
            "in": "query",
            "schema": {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT_S, "default": 0},
            "description": "Seconds to hold the answer while the request is pending.",
        },
        {"name": "Prefer", "in": "header", "schema": {"type": "string"}, "description": "`wait=30` (RFC 7240)."},
        {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}},
    ],
    "responses": _answers(
        {
            "200": _json("Request", "The answer. Test `allowed`.", ETag="Changes with the answer."),
            "304": {"description": "It has not changed."},
        },
        READING,
    ),
}

STEPS: Schema = {
    "operationId": "followRequest",
    "summary": "The steps of a request, as they happen",
    "security": [{"waiter": []}],
    "parameters": [NAME, {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}}],
    "responses": _answers(
        {
            "200": {
                "description": "Server-sent events.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        },
        READING,
    ),
}

CONSUME: Schema = {
    "operationId": "consumeApproval",
    "summary": "Use an approval up, once",
    "security": [{"waiter": []}],
    "parameters": [NAME],
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"event_digest": {"type": ["string", "null"]}}}
            }
        }
    },
    "responses": _answers(
        {"200": _json("Consumed", "It was used by this call.")},
        (*READING, "body_invalid", "body_too_large", "not_approved", "already_consumed"),
    ),
}


def _plain(name: str, says: str, kind: str = "text/plain") -> Schema:
    good = {"description": says, "content": {kind: {"schema": {"type": "string"}}}}
    return {"operationId": name, "summary": says, "security": [], "responses": _answers({"200": good}, ())}


READY: Schema = {
    "operationId": "isReady",
    "summary": "Whether events are taken and decisions made",
    "security": [],
    "responses": {
        **_answers({"200": _json("Ready", "They are.")}, ()),
        "503": _json("Ready", "They are not; each check says why."),
    },
}
KEYS: Schema = {
    "operationId": "receiptKeys",
    "summary": "The public keys that receipts verify with",
    "security": [],
    "responses": _answers({"200": _json("KeySet", "A JSON Web Key Set.")}, ()),
}
OWN: Schema = {
    "operationId": "thisDocument",
    "summary": "This document",
    "security": [],
    "responses": _answers(
        {"200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}}}, ()
    ),
}

PATHS: Mapping[str, Schema] = {
    "/v1/events/{source}": {"post": POST_EVENTS, "get": CHALLENGE, "options": CONSENT},
    "/v1/requests": {"get": LISTED},
    "/v1/requests/{id}": {"get": READ},
    "/v1/requests/{id}/events": {"get": STEPS},
    "/v1/requests/{id}/consume": {"post": CONSUME},
    "/healthz": {"get": _plain("isAlive", "The process answers")},
    "/readyz": {"get": READY},
    "/metrics": {"get": _plain("metrics", "Prometheus' text format")},
    "/.well-known/jwks.json": {"get": KEYS},
    "/openapi.json": {"get": OWN},
}
