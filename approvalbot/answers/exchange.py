"""One exchange over HTTP with a pinned address: no redirects, no proxies of the environment, within a time in all."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from approvalbot.answers.addresses import Target
from approvalbot.errors import DeliveryFailed

MOST_READ = 64 * 1024
"""Bytes of an answer that are read unless the caller wants more; the rest is left on the wire (attack 32)."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back. `whole` is false where the body was longer than what was to be read."""

    status: int
    body: bytes
    retry_after: str = ""
    whole: bool = True


def exchange(
    target: Target,
    method: str,
    headers: Mapping[str, str],
    content: bytes | None = None,
    *,
    named: str,
    within_s: float,
    most_read: int = MOST_READ,
) -> Answered:
    """Call the target once, whatever it answers. `named` is what a fault calls it.

    Raises:
        DeliveryFailed: it could not be reached, or did not answer in time.
    """
    call = _exchange(target, method, headers, content, within_s, most_read)
    try:
        return asyncio.run(asyncio.wait_for(call, within_s))
    except (TimeoutError, httpx.TimeoutException) as fault:
        raise DeliveryFailed("delivery_failed", f"{named} did not answer in {within_s:.3g} s.") from fault
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
        what = type(fault).__name__
        raise DeliveryFailed("delivery_failed", f"{named} could not be reached: {what}.") from fault


async def _exchange(
    target: Target, method: str, headers: Mapping[str, str], content: bytes | None, within_s: float, most_read: int
) -> Answered:
    """Connect to the number, speak TLS and Host by the name; proxies of the environment are not asked."""
    numeric = f"[{target.address}]" if ":" in target.address else target.address
    parts = urlsplit(target.url)
    url = parts._replace(netloc=f"{numeric}:{target.port}").geturl()
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=within_s) as client:
        request = client.build_request(
            method,
            url,
            headers={"host": parts.netloc, "accept-encoding": "identity", "user-agent": "approvalbot", **headers},
            content=content,
            extensions={"sni_hostname": target.host},
        )
        response = await client.send(request, stream=True)
        try:
            read = bytearray()
            async for chunk in response.aiter_raw():
                read += chunk
                if len(read) > most_read:
                    break
        finally:
            await response.aclose()
    retry_after = response.headers.get("retry-after", "")
    return Answered(response.status_code, bytes(read[:most_read]), retry_after, whole=len(read) <= most_read)
