"""Redis answers made plain: bytes are bytes, times are milliseconds, and every silence is `Unavailable`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError

from approvalbot.errors import Unavailable


@contextmanager
def answering() -> Iterator[None]:
    """Turn every way in which Redis may fail to answer into the one word for it."""
    try:
        yield
    except RedisError as fault:
        raise Unavailable(
            "Our storage did not answer; nothing was recorded. The same call may succeed in a moment."
        ) from fault


def raw(value: Any) -> bytes:
    """An answer as bytes; the client's types allow text, our connections never give it."""
    return value if isinstance(value, bytes) else str(value).encode()


def text(value: Any) -> str:
    """An answer as text."""
    return raw(value).decode()


def to_ms(moment: datetime | None) -> str:
    """A moment as whole milliseconds since 1970, or an empty text."""
    return str(round(moment.timestamp() * 1000)) if moment else ""


def from_ms(milliseconds: float) -> datetime:
    """The moment of a number of milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
