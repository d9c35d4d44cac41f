"""Reading what was sent: within a size and a time, whole or not at all."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from approvalbot.errors import BadInput

MOST_SINGLE = 256 * 1024
"""Bytes of a body that is one event (threats.md attack 24). CloudTrail's own records stay under 256 KiB."""

MOST_BATCH = 8 * 1024 * 1024
"""Bytes of a batch: an S3 file of CloudTrail, unpacked, or a few thousand lines. Chosen by us; each event in it is held
to the single limit."""

READ_WITHIN_S = 20
"""Seconds for a body to arrive whole: a slow drip holds a connection, not a thread, but not for ever."""


async def read_body(request: Request, most: int, within_s: float = READ_WITHIN_S) -> bytes:
    """The whole body.

    Raises:
        BadInput: it is longer than `most` bytes (`body_too_large`) or did not arrive in time (`body_invalid`).
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or len(declared) > 12 or int(declared) > most:
        raise too_large(most)
    read = bytearray()
    try:
        # Every event passes here: anyio's own timeout costs four times as much.
        async with asyncio.timeout(within_s):
            async for chunk in request.stream():
                read += chunk
                if len(read) > most:
                    raise too_large(most)
    except (TimeoutError, ClientDisconnect) as fault:
        raise BadInput("body_invalid", f"The body did not arrive whole within {within_s:g} s.") from fault
    return bytes(read)


def too_large(most: int) -> BadInput:
    """The body is longer than it may be."""
    return BadInput("body_too_large", f"The body is over {most // 1024} KiB.", hint="Send fewer events at once.")
