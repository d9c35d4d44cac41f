"""What the Redis server says of itself: what it is, how full, and why it would take no writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis

from approvalbot.store.raw import answering


@dataclass(frozen=True, slots=True)
class ServerState:
    """`faults` are sentences; with any of them nothing new is recorded. `most_memory` is 0 where there is no limit."""

    name: str
    version: str
    memory: int
    most_memory: int
    clients: int
    append_only: bool
    faults: tuple[str, ...] = ()


def server_state(redis: Redis) -> ServerState:
    """Ask the server.

    Raises:
        Unavailable: it does not answer.
    """
    with answering():
        told: dict[str, Any] = redis.info()
    return ServerState(
        name="Valkey" if "valkey_version" in told else "Redis",
        version=str(told.get("valkey_version") or told.get("redis_version", "")),
        memory=int(told.get("used_memory", 0)),
        most_memory=int(told.get("maxmemory", 0)),
        clients=int(told.get("connected_clients", 0)),
        append_only=bool(told.get("aof_enabled")),
        faults=tuple(_faults(told)),
    )


def _faults(told: Mapping[str, Any]) -> list[str]:
    """Why the server refuses writes, as far as it says so itself."""
    found = []
    if told.get("role") == "slave":
        found.append("It is a replica.")
    if told.get("aof_enabled") and told.get("aof_last_write_status", "ok") != "ok":
        found.append("It cannot write its append-only file; is the disk full?")
    if int(told.get("maxmemory", 0)) and int(told.get("used_memory", 0)) >= int(told["maxmemory"]):
        found.append("Its memory is full.")
    if int(told.get("min_slaves_good_slaves", 1)) == 0:
        found.append("It has none of the replicas that it must write to.")
    return found
