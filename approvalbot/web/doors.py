"""The doors of the sources: who may come in, with which proof, how fast, and how their events are read."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from approvalbot.errors import BadInput, Busy, NotFound, SettingsFault
from approvalbot.events.mapping import Table
from approvalbot.policy.environment import Auth, Source
from approvalbot.sources.proof import Proof, bearer, secret_bytes, verify

READY = ("standard_webhooks", "bearer", "header", "hmac", "github", "none")
"""The proofs that can be checked; a source with another is refused when the policies are loaded."""


class Bucket:
    """A token bucket of this process: `rate` events a second, a second's worth at once."""

    def __init__(self, rate_per_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate_per_s
        self._burst = max(rate_per_s, 10.0)
        self._tokens = self._burst
        self._now_s = now_s
        self._at = now_s()

    def take(self, count: int) -> float:
        """Take tokens for `count` events. 0: taken; otherwise the seconds until they would be there.

        A batch larger than the whole bucket goes through once the bucket is full, and empties it below zero.
        """
        now = self._now_s()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < min(count, self._burst):
            return (min(count, self._burst) - self._tokens) / self._rate
        self._tokens -= count
        return 0.0


@dataclass(frozen=True, slots=True)
class Door:
    """One source with everything that its events pass."""

    source: Source
    proof: Proof
    table: Table
    bucket: Bucket

    def check(self, headers: Mapping[str, str], body: bytes) -> int:
        """Verify the sender; gives which of its keys it used.

        Raises:
            SignatureRejected: the proof does not hold.
        """
        return verify(self.proof, headers, body, datetime.now(UTC))

    def admit(self, count: int) -> None:
        """Let `count` events through.

        Raises:
            Busy: the source sends faster than its rate.
        """
        wait_s = self.bucket.take(count)
        if wait_s > 0:
            sentence = f"{self.source.name} may send {self.source.rate_per_s} events a second."
            raise Busy(sentence, retry_after_s=max(1, round(wait_s + 0.5)))


@dataclass(frozen=True, slots=True)
class Doors:
    """Every door by its source's name."""

    by_name: Mapping[str, Door] = field(default_factory=dict)

    def named(self, name: str) -> Door:
        """The door of a source.

        Raises:
            NotFound: code `unknown_source`.
        """
        door = self.by_name.get(name)
        if door is None:
            hint = "Sources stand in the policies, under kind: Sources."
            raise NotFound("unknown_source", f"No source is called {name[:60]!r}.", hint=hint)
        return door

    def caller(self, headers: Mapping[str, str]) -> Door:
        """Whose key a waiting service holds: the one it sends its events with, as a bearer token.

        Raises:
            BadInput: code `not_authenticated`.
        """
        token = bearer(headers)
        for door in self.by_name.values():
            if token and door.source.may_wait and door.proof.kind != "none":
                as_bearer = Proof("bearer", door.proof.keys)
                try:
                    verify(as_bearer, headers, b"", datetime.now(UTC))
                except BadInput:
                    continue
                return door
        raise BadInput(
            "not_authenticated",
            "No source with may_wait has this key.",
            hint="Send the source's own key: Authorization: Bearer …",
        )


def open_doors(
    sources: Mapping[str, Source],
    tables: Mapping[str, Table],
    secret: Callable[[str], str],
    before: Doors | None = None,
) -> Doors:
    """Doors for all sources. `secret` finds a secret by its name.

    A source that had a door `before` keeps its bucket while its rate is the same: a reload is no fresh allowance.

    Raises:
        SettingsFault: a secret is missing or no key, or a proof is of a kind that is not built.
    """
    old = before.by_name if before else {}
    return Doors(
        {name: _door(source, tables[source.mapping], secret, old.get(name)) for name, source in sources.items()}
    )


def _door(source: Source, table: Table, secret: Callable[[str], str], before: Door | None) -> Door:
    auth = source.auth
    if auth.type not in READY:
        raise SettingsFault(f"Source {source.name}: auth type {auth.type} is not built yet; use {', '.join(READY)}.")
    keys = tuple(secret(name) for name in (auth.secret, auth.previous) if name)
    if auth.type == "standard_webhooks":
        _check_keys(source, auth, keys)
    same_rate = before is not None and before.source.rate_per_s == source.rate_per_s
    bucket = before.bucket if before is not None and same_rate else Bucket(source.rate_per_s)
    return Door(source, Proof(auth.type, keys, (auth.header or "").lower()), table, bucket)  # type: ignore[arg-type]


def _check_keys(source: Source, auth: Auth, keys: tuple[str, ...]) -> None:
    for name, key in zip((auth.secret, auth.previous), keys, strict=False):
        try:
            secret_bytes(key)
        except ValueError as fault:
            raise SettingsFault(f"Source {source.name}: {name} is no Standard Webhooks secret: {fault}.") from fault
