"""Sign-in sessions in Redis: found by the digest of a token, ended by time, by their owner, or all of a person at once.

The token itself is never kept, so reading the store signs nobody in.
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import orjson
from redis import Redis
from redis.exceptions import ResponseError

from approvalbot.store import keys
from approvalbot.store.raw import answering, raw, text

IDLE_S = 3600
"""Seconds after which a session that nobody uses ends. OWASP's Session Management advises 15 to 30 minutes for high
value; approvals come in waves, and a decision that needs a passkey asks for it anyway."""

ABSOLUTE_S = 12 * 3600
"""Seconds after which a session ends however busy it is: a working day and a long evening."""

BYTES = 32


class Sessions:
    """Sessions and short-lived, one-use marks."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self.takes_writes = True
        """Whether the session that was last looked at could also be noted as used."""

    def begin(self, owner: str, value: Mapping[str, Any]) -> str:
        """A new session of `owner` (a Slack id); gives its token."""
        token = secrets.token_urlsafe(BYTES)
        with answering():
            pipe = self._redis.pipeline(transaction=True)
            pipe.set(_session(token), orjson.dumps({**value, "owner": owner}), ex=IDLE_S)
            pipe.set(_age(token), b"", ex=ABSOLUTE_S)
            pipe.sadd(_of(owner), digest(token))
            pipe.expire(_of(owner), ABSOLUTE_S)
            pipe.execute()
        return token

    def find(self, token: str) -> dict[str, Any] | None:
        """What a session holds, and that it was used now; None where there is none, or it has ended."""
        if not token or len(token) > 100:
            return None
        with answering():
            try:
                held, young = self._look(token, use=True)
                self.takes_writes = True
            except ResponseError:
                # A replica, a full memory, a full disk: Redis answers and takes no writes. Its pages can still be read.
                held, young = self._look(token, use=False)
                self.takes_writes = False
        if held is None or (not young and not self.takes_writes):
            return None
        if not young:
            self.end(token)
            return None
        value: dict[str, Any] = orjson.loads(raw(held))
        return value

    def _look(self, token: str, *, use: bool) -> list[Any]:
        """What stands under a token, and whether it is young enough; `use` lets it idle from now on."""
        pipe = self._redis.pipeline(transaction=True)
        if use:
            pipe.getex(_session(token), ex=IDLE_S)
        else:
            pipe.get(_session(token))
        pipe.exists(_age(token))
        return list(pipe.execute())

    def count(self, owner: str) -> int:
        """How many sessions of a person there are now."""
        with answering():
            names = [text(one) for one in self._redis.smembers(_of(owner))]
            return int(self._redis.exists(*(f"{_PREFIX}{name}" for name in names))) if names else 0

    def renew(self, token: str, **changes: Any) -> str:
        """The same session under a new token, changed: one that somebody else knows is worth nothing any more."""
        held = self.find(token)
        if held is None:
            return ""
        self.end(token)
        return self.begin(str(held["owner"]), {**held, **changes})

    def end(self, token: str) -> None:
        """The session is over."""
        with answering():
            self._redis.delete(_session(token), _age(token))

    def end_all(self, owner: str) -> int:
        """All sessions of a person are over; gives how many there were."""
        with answering():
            names = [text(one) for one in self._redis.smembers(_of(owner))]
            found = [key for name in names for key in (f"{_PREFIX}{name}", f"{_PREFIX}{name}:age")]
            ended = int(self._redis.delete(*found)) if found else 0
            self._redis.delete(_of(owner))
        return ended // 2

    def keep(self, what: str, name: str, value: Mapping[str, Any], *, for_s: int) -> None:
        """Keep something that is used once and soon."""
        with answering():
            self._redis.set(keys.guard(what, name), orjson.dumps(dict(value)), ex=for_s)

    def take(self, what: str, name: str) -> dict[str, Any] | None:
        """What was kept, and it is gone: a second taker finds nothing."""
        with answering():
            held = self._redis.getdel(keys.guard(what, name))
        if held is None:
            return None
        value: dict[str, Any] = orjson.loads(raw(held))
        return value


def digest(token: str) -> str:
    """The name under which a token's session is kept."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


_PREFIX = f"{keys.PREFIX}session:"


def _session(token: str) -> str:
    return f"{_PREFIX}{digest(token)}"


def _age(token: str) -> str:
    return f"{_PREFIX}{digest(token)}:age"


def _of(owner: str) -> str:
    return f"{keys.PREFIX}sessions:{keys.hashed(owner)}"
