"""Connections to Redis, and the checks without which it would lose decisions while every answer says OK."""

from collections.abc import Container
from urllib.parse import urlsplit

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from approvalbot.errors import SettingsFault
from approvalbot.store import keys
from approvalbot.store.raw import answering, text

TIMEOUT_S = 2.0
"""How long one command may take: a press must be answered within 3 s (Slack), so Redis is down when it is this slow."""

OLDEST = (6, 2)
"""The oldest server whose commands the scripts use."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def connect(url: str, *, most: int = 64) -> redis.Redis:
    """A client for threads: at most `most` connections, and callers beyond that wait for one.

    Commands are not retried: a write that may have happened must not be sent twice behind our back.
    """
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=most,
        timeout=TIMEOUT_S,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        health_check_interval=30,
        retry=Retry(NoBackoff(), 0),
    )
    return redis.Redis(connection_pool=pool)


def connect_async(url: str, *, most: int = 64) -> redis.asyncio.Redis:
    """A client for the event loop, under the same rules."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=most,
        timeout=TIMEOUT_S,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
    )
    return redis.asyncio.Redis(connection_pool=pool)


def check_address(url: str, allowed: Container[str]) -> None:
    """Refuse a Redis that anyone on the way could read or write.

    Raises:
        SettingsFault: another host without TLS and password, unless `plain-redis` is allowed by name.
    """
    parts = urlsplit(url)
    if parts.scheme == "unix" or parts.hostname in _LOOPBACK or "plain-redis" in allowed:
        return
    if parts.scheme != "rediss" or not parts.password:
        raise SettingsFault(
            f"REDIS_URL names {parts.hostname} without TLS and a password; whoever reaches it could forge approvals.",
            hint="Write rediss://:password@host:port, or allow it by name: APPROVALBOT_ALLOW=plain-redis.",
        )


def faults_of(client: redis.Redis, allowed: Container[str]) -> list[str]:
    """What is wrong with this server's configuration, each with how to mend it or to allow it by name."""
    with answering():
        told = {**client.info("server"), **client.info("memory"), **client.info("persistence")}
    version = str(told.get("valkey_version") or told.get("redis_version"))
    faults = []
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST and "redis-version" not in allowed:
        faults.append(f"Redis {version} is older than 6.2 (override: redis-version).")
    policy = str(told.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction" and "eviction" not in allowed:
        faults.append(
            f"maxmemory-policy is {policy}: Redis would drop open requests when memory is short. "
            "Set noeviction (override: eviction)."
        )
    if not told.get("aof_enabled") and "no-aof" not in allowed:
        faults.append(
            "appendonly is off: a crash would lose every decision since the last snapshot. "
            "Set appendonly yes (override: no-aof)."
        )
    return faults


def check_server(client: redis.Redis, allowed: Container[str], mark: str) -> None:
    """Refuse to start on a Redis that may lose decisions, or with another root secret than its other processes.

    `mark` tells root secrets apart without telling them.

    Raises:
        SettingsFault: everything that is wrong, in one message.
    """
    faults = faults_of(client, allowed)
    with answering():
        client.set(keys.SECRET_MARK, mark, nx=True)
        held = client.get(keys.SECRET_MARK)
    if held is not None and text(held) != mark:
        faults.append(
            "This Redis belongs to processes with another APPROVALBOT_SECRET: buttons and jobs would not verify. "
            f"Give all processes the same secret; to change it for good, delete the key {keys.SECRET_MARK}."
        )
    if faults:
        raise SettingsFault(
            " ".join(faults), hint="An override is set by name, such as APPROVALBOT_ALLOW=no-aof,eviction."
        )
