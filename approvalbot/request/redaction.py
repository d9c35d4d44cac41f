"""Secrets taken out of an event before anybody is shown it: by the names of keys, and by the shapes of known tokens."""

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "(hidden)"

_SECRET_KEY = re.compile(
    r"(?i)(password|passwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credential|authorization|cookie"
    r"|session[_-]?key|client[_-]?key|signature)"
)
_NOT_SECRET_KEY = re.compile(r"(?i)(secret_?(id|name|arn)|key_?id|token_?(type|expiry|expires)|password_?policy)$")
_SECRET_VALUE = re.compile(
    r"(?x) \b(?: (?:AKIA|ASIA)[0-9A-Z]{16} | xox[abeoprs]-[0-9A-Za-z-]{10,} | gh[opsur]_[0-9A-Za-z]{20,}"
    r"| github_pat_[0-9A-Za-z_]{20,} | glpat-[0-9A-Za-z_-]{16,} | sk_live_[0-9A-Za-z]{10,} | whsec_[0-9A-Za-z+/=]{16,}"
    r"| eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]* | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----[\s\S]* )"
)


def redact(value: Any) -> Any:
    """The value with every secret in it replaced by `(hidden)`; nothing else is changed.

    Key names hide what stands under them unless that is a map, whose own keys then decide. An access key id is hidden
    too: it is half of a credential, and nobody needs it to decide.
    """
    if isinstance(value, Mapping):
        return {key: _under(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    return redact_text(value) if isinstance(value, str) else value


def redact_text(text: str) -> str:
    """A text with every token of a known shape hidden."""
    return _SECRET_VALUE.sub(HIDDEN, text)


def is_secret_name(name: str) -> bool:
    """Whether a key's name says that a secret stands under it."""
    return _SECRET_KEY.search(name) is not None and _NOT_SECRET_KEY.search(name) is None


def _under(key: str, item: Any) -> Any:
    if isinstance(item, Mapping) or item is None or isinstance(item, bool) or not is_secret_name(key):
        return redact(item)
    return HIDDEN
