"""Which addresses we may call, and how: resolved once, refused if any answer is not public, then called by number.

`ipaddress` alone is no judge: it calls NAT64 and 6to4 forms of private addresses, `192.88.99.1` and multicast global
(measured on CPython 3.11), so an embedded IPv4 address is taken out and judged, and the rest is a table.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Any
from urllib.parse import urlsplit

from approvalbot.errors import DeliveryFailed

PORTS = frozenset({443, 8443})
"""Ports a destination may have. Chosen by us: webhooks over TLS live there; anything else is somebody's inside."""

RESOLVE_WITHIN_S = 5.0
"""Seconds for the name service: one try of resolv.conf(5), after which the system asks the next server."""

Resolve = Callable[[str, int], Sequence[str]]
LookUp = Callable[..., Sequence[Any]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NOT_PUBLIC = [
    ipaddress.ip_network(block)
    for block in (
        "100.64.0.0/10",  # shared address space: neither private nor global
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # the old 6to4 relay
        "198.18.0.0/15",  # benchmarks
        "224.0.0.0/4",
        "240.0.0.0/4",
        "64:ff9b:1::/48",  # local NAT64
        "100::/64",
        "fec0::/10",  # the old site-local block
        "ff00::/8",
    )
]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


_INSIDE = [
    ipaddress.ip_network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]
"""Our own networks, for what lies inside by the operator's word. Never loopback or link-local: the services that hand
out a machine's credentials live there.
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a call may go beyond public addresses on the usual ports: into our own networks, to any port."""

    private: bool = False
    any_port: bool = False


PUBLIC = Reach()


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: `address` is the number, `host` the name for TLS and the Host header."""

    url: str
    scheme: str
    host: str
    port: int
    address: str


def resolve(
    host: str, port: int, *, within_s: float = RESOLVE_WITHIN_S, look_up: LookUp = socket.getaddrinfo
) -> Sequence[str]:
    """Every address the system knows for a name.

    The system's own look-up takes no time limit, so it runs in a thread that is left behind when it is late: one of its
    own, for a pool does not outlive the fork of a worker, and a daemon, for a process must be able to end.

    Raises:
        OSError: there is no such name, or no answer within `within_s` seconds.
    """
    answered: Queue[Sequence[Any] | OSError | UnicodeError] = Queue(1)

    def ask() -> None:
        try:
            answered.put(look_up(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as fault:
            answered.put(fault)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answered.get(timeout=within_s)
    except Empty:
        raise TimeoutError(f"no answer within {within_s:g} s") from None
    if isinstance(answer, Exception):
        raise answer
    return sorted({str(found[4][0]) for found in answer})


def target_of(url: str, *, allow_local: bool = False, resolve: Resolve = resolve, reach: Reach = PUBLIC) -> Target:
    """The one address to call for `url`.

    `allow_local` admits plain HTTP to loopback, for the demo and for tests; it admits nothing else. `reach` is wider
    only for addresses that the configuration names and no event has a part in.

    Raises:
        DeliveryFailed: code `address_refused`, final for an address that may not be called; not final when the name
            could not be resolved now. It names the host at most: the rest of a webhook's address is often its secret.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise refused("", "it is no address at all") from None
    host = parts.hostname or ""
    if not host or "@" in parts.netloc or parts.scheme not in {"https", "http"}:
        raise refused(host, "write https://host/path, without a user name")
    try:
        answers = [ipaddress.ip_address(one.split("%")[0]) for one in resolve(host, port)]
    except (OSError, UnicodeError) as fault:
        raise DeliveryFailed("address_refused", f"The host {host} could not be resolved: {fault}.") from fault
    if allow_local and answers and all(answer.is_loopback for answer in answers):
        return Target(url, parts.scheme, host, port, str(answers[0]))
    if parts.scheme != "https" or not (reach.any_port or port in PORTS):
        raise refused(host, f"only https on port {' or '.join(str(one) for one in sorted(PORTS))} is called")
    if not answers or not all(is_public(answer) or (reach.private and _is_inside(answer)) for answer in answers):
        raise refused(host, "its host does not resolve to public addresses only")
    return Target(url, parts.scheme, host, port, str(answers[0]))


def refused(host: str, why: str) -> DeliveryFailed:
    """The refusal of an address, for good."""
    return DeliveryFailed("address_refused", f"{host or 'The address'} is not called: {why}.", final=True)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, whatever form it is written in."""
    inner = _embedded(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast and not any(address in block for block in _NOT_PUBLIC)


def _is_inside(address: Address) -> bool:
    """Whether an address belongs to a network of our own, whatever form it is written in."""
    inner = _embedded(address)
    return _is_inside(inner) if inner is not None else any(address in block for block in _INSIDE)


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside a mapped, compatible, NAT64, 6to4 or Teredo one."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64 or int(address) >> 32 == 0:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
