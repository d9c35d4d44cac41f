"""The arguments of a Web API call, from a query, a form, multipart or JSON, as Slack reads them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from approvalbot.workspace.errors import Json, Refusal, argument_fault

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON_TYPE = "application/json"
CHARSETS = frozenset({"utf-8", "utf8", "iso-8859-1"})
"""errors.json, `invalid_charset`: "Valid charset names are: utf-8 iso-8859-1"."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """Named arguments. Forms bring texts (with JSON inside for objects), JSON bodies bring values of any type."""

    values: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        """A text; empty when the argument is absent.

        Raises:
            Refusal: `invalid_array_arg`, it is a list or an object.
        """
        value = self.values.get(name)
        if isinstance(value, list | dict):
            raise Refusal("invalid_array_arg")
        if isinstance(value, bool):
            return "1" if value else "0"
        return "" if value is None else str(value)

    def needed(self, name: str) -> str:
        """A text that must be there.

        Raises:
            Refusal: `invalid_arguments`, it is absent or empty.
        """
        value = self.text(name)
        if not value:
            raise argument_fault(f"missing required field: {name}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean: JSON's own, or 1 and true in a form."""
        value = self.text(name).lower()
        return value in {"1", "true"} if value else default

    def integer(self, name: str) -> int | None:
        """A whole number, None when the argument is absent.

        Raises:
            ValueError: it is not one.
        """
        value = self.text(name)
        return int(value) if value else None

    def decoded(self, name: str) -> Any:
        """A JSON value, decoded where a form brought it as text; None when the argument is absent.

        Raises:
            ValueError: the text is no JSON.
        """
        value = self.values.get(name)
        if isinstance(value, str):
            return json.loads(value) if value.strip() else None
        return value


def read_arguments(content_type: str, query: str, body: bytes, *, takes_json: bool) -> Arguments:
    """The arguments of one call: those of the query, and over them those of the body.

    A JSON body is not read by methods that Slack documents as form-only (`takes_json` False): its arguments are
    missing there, which is how such a mistake shows on the real Slack.

    Raises:
        Refusal: the body cannot be read as what its Content-Type says.
    """
    values: Json = dict(parse_qsl(query, keep_blank_values=True))
    # A token in the query would end in logs; Slack takes it from the header or the body.
    values.pop("token", None)
    if body:
        values.update(_read_body(content_type, body, takes_json=takes_json))
    if any(not re.fullmatch(r"[A-Za-z0-9_.]{1,100}", name) for name in values):
        raise Refusal("invalid_arg_name")
    return Arguments(values)


def _read_body(content_type: str, body: bytes, *, takes_json: bool) -> Json:
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if not kind:
        raise Refusal("missing_post_type")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if charset and charset[1].lower() not in CHARSETS:
        raise Refusal("invalid_charset")
    if kind == JSON_TYPE:
        return _read_json(body) if takes_json else {}
    if kind == FORM:
        return _read_form(body)
    if kind == MULTIPART:
        return _read_multipart(content_type, body)
    if kind == "text/plain":
        return {}
    raise Refusal("invalid_post_type")


def _read_json(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise argument_fault("the body is not valid JSON") from None
    if not isinstance(value, dict):
        raise argument_fault("the body must be a JSON object")
    return value


def _read_form(body: bytes) -> Json:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200))
    except ValueError:
        raise Refusal("invalid_form_data") from None


def _read_multipart(content_type: str, body: bytes) -> Json:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    if not message.is_multipart():
        raise Refusal("invalid_form_data")
    values: Json = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise Refusal("invalid_form_data")
        values[name] = content.decode("utf-8", "replace")
    return values
