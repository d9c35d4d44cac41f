"""Numbers, addresses and dates as conditions compare them: exactly, and never by guessing."""

import ipaddress
import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

Number = int | Decimal
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_DIGITS = 400
"""Digits of a number in a text, as the JSON reader takes them. A longer text is no number."""

_DECIMAL = re.compile(r"[-+]?[0-9]{1,400}(\.[0-9]{1,400})?")
_DATE = re.compile(r"\s*([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2}))?")
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
"""IPv4 addresses written as IPv6. Source: RFC 4291, section 2.5.5.2."""


def number_of(value: Any) -> Number | None:
    """The number that a JSON number or a plain decimal text is; booleans, null, dates and all else are none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        # The shortest decimal that reads back as this double is what its author wrote: 0.1 equals "0.1".
        return Decimal(repr(value))
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value) if "." in value else int(value)
    return None


@lru_cache(maxsize=4096)
def address_of(text: str) -> Address | None:
    """The address that a text is, an IPv4-mapped IPv6 address as IPv4; None for anything else."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def network_of(text: str) -> Network:
    """The network that a condition names. Raises ValueError with what to write."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError as fault:
        raise ValueError(f"{text!r} is not a network ({fault}); write {_suggested(text)}") from fault
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        mapped = network.network_address.ipv4_mapped
        return ipaddress.ip_network(f"{mapped}/{network.prefixlen - 96}")
    return network


def is_inside(text: str, network: Network) -> bool:
    """Whether a text is an address of this version inside the network."""
    address = address_of(text)
    return address is not None and address.version == network.version and address in network


def date_part(value: Any, part: str) -> int | None:
    """One number of a date text as it stands, without any change of zone; None where it is no date or has no time."""
    found = _DATE.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    if part in {"hour", "minute"}:
        number = found[4 if part == "hour" else 5]
        return None if number is None else int(number)
    try:
        day = datetime(int(found[1]), int(found[2]), int(found[3]))  # noqa: DTZ001 - a calendar date has no zone
    except ValueError:
        return None
    return day.isocalendar().week if part == "week" else int(getattr(day, part))


def _suggested(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return "an address and a prefix, such as 10.0.0.0/8"
