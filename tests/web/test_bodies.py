"""Reading a body: whole, within its size and its time, or not at all."""

import asyncio
from collections.abc import Iterable

import pytest
from starlette.requests import Request
from starlette.types import Message

from approvalbot.errors import BadInput
from approvalbot.web.bodies import read_body


def arriving(parts: Iterable[bytes], *, ends: bool = True) -> Request:
    """A request whose body comes in these parts; without `ends` the sender falls silent after the last."""
    messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if ends:
        messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError("nobody sets that event")

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


def test_a_body_is_read_whole_however_it_is_cut() -> None:
    assert asyncio.run(read_body(arriving([b"{", b"}"]), 2)) == b"{}"


def test_a_body_that_stops_coming_is_refused_and_holds_nobody_up() -> None:
    with pytest.raises(BadInput) as refused:
        asyncio.run(read_body(arriving([b"{"], ends=False), 100, within_s=0.01))

    assert refused.value.code == "body_invalid"
    assert "within 0.01 s" in refused.value.text()


def test_a_body_that_outgrows_its_limit_is_refused_before_it_ends() -> None:
    with pytest.raises(BadInput) as refused:
        asyncio.run(read_body(arriving([b"x" * 60, b"x" * 60], ends=False), 100))

    assert refused.value.code == "body_too_large"
