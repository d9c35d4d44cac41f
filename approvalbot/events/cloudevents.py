"""CloudEvents in binary mode: the attributes arrive as `ce-` headers, the body is the data alone.

Source: CloudEvents specification 1.0, "HTTP Protocol Binding", section 3.1. Folding the headers into the structured
form first means that everything behind this door sees one form only.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

_PREFIX = "ce-"
_REQUIRED = ("id", "source", "type", "specversion")


def is_binary_mode(headers: Mapping[str, str]) -> bool:
    """Whether a request's headers (lower-cased) carry a whole CloudEvent."""
    return all(f"{_PREFIX}{name}" in headers for name in _REQUIRED)


def fold_binary_mode(headers: Mapping[str, str], data: Any) -> dict[str, Any]:
    """The structured form of a binary-mode CloudEvent. Header values are percent-decoded, as the binding asks."""
    attributes = {
        name.removeprefix(_PREFIX): unquote(value) for name, value in headers.items() if name.startswith(_PREFIX)
    }
    return {**attributes, "data": data}
