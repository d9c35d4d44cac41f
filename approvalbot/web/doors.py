"""The doors of the sources: who may come in, with which proof, how fast, and how their events are read."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from approvalbot.errors import ApprovalBotError, BadInput, Busy, NotFound, SignatureRejected, Unavailable
from approvalbot.events.mapping import Table
from approvalbot.events.reading import read_json
from approvalbot.log import get_logger
from approvalbot.policy.environment import Source
from approvalbot.sources.mtls import Mtls
from approvalbot.sources.oidc import Oidc
from approvalbot.sources.proof import Proof, bearer, verify
from approvalbot.sources.sns import Sns
from approvalbot.web.counts import PREVIOUS_KEYS
from approvalbot.web.delivery import Delivery, Proven
from approvalbot.web.eventgrid import asks_for_validation, validation_of
from approvalbot.web.proofs import AnyProof, Outside, proof_of

log = get_logger("doors")

MOST_ENVELOPE = 1024 * 1024
"""Bytes of an SNS message as it is delivered: 256 KiB at most were published, and quotes in it are escaped."""


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
    proof: AnyProof
    table: Table
    bucket: Bucket

    async def prove(self, delivery: Delivery) -> Proven:
        """Verify the sender over the bytes that came; gives what it stands for.

        Raises:
            SignatureRejected, BadInput: the proof does not hold; 401.
            Unavailable: the proof cannot be checked now, and the fault is not the sender's.
        """
        try:
            if isinstance(self.proof, Sns):
                return await self._published(self.proof, delivery)
            await self._check(delivery)
        except ApprovalBotError:
            raise
        except Exception as fault:  # the edge of a proof: whatever a stranger's bytes broke, they proved nothing
            log.warning("proof broke", source=self.source.name, error=type(fault).__name__)
            raise SignatureRejected from fault
        if self.source.mapping.startswith("azure.") and asks_for_validation(delivery):
            return Proven({}, b"", told=validation_of(delivery))
        return Proven(delivery.headers, delivery.body)

    async def knows(self, delivery: Delivery) -> bool:
        """Whether a waiting service holds this source's proof: its key as a bearer token, or what it sends events with.

        Raises:
            Unavailable: the proof cannot be checked now.
        """
        try:
            if isinstance(self.proof, Proof):
                verify(Proof("bearer", self.proof.keys), delivery.headers, b"", datetime.now(UTC))
            else:
                await self._check(delivery)
        except (BadInput, SignatureRejected):
            return False
        return True

    async def _check(self, delivery: Delivery) -> None:
        now = datetime.now(UTC)
        match self.proof:
            case Proof():
                if verify(self.proof, delivery.headers, delivery.body, now) > 0:
                    PREVIOUS_KEYS.labels(self.source.name).inc()
            case Oidc():
                await self.proof.verify(delivery.headers, now)
            case Mtls():
                self.proof.verify(delivery.headers, delivery.peer)
            case Sns():
                raise SignatureRejected(hint="SNS sends its own messages and asks for nothing.")

    async def _published(self, proof: Sns, delivery: Delivery) -> Proven:
        """What was published in a message of SNS. Its headers are not signed, so nothing of them is kept."""
        try:
            if len(delivery.body) > MOST_ENVELOPE:
                raise SignatureRejected
            envelope = read_json(delivery.body, strict=True)
        except BadInput as fault:
            raise SignatureRejected from fault
        message = await proof.verify(delivery.headers, envelope, datetime.now(UTC))
        match message.type:
            case "Notification":
                return Proven({}, message.text.encode(), event_id=message.id)
            case "SubscriptionConfirmation":
                await proof.confirm(message)
                log.info("subscription confirmed", source=self.source.name, topic=message.topic)
                return Proven({}, b"", told={"status": "confirmed", "topic": message.topic})
            case _:
                # Somebody who may do so ended it. Taking it up again is a decision, not ours.
                log.error("subscription ended", source=self.source.name, topic=message.topic)
                return Proven({}, b"", told={"status": "unsubscribed", "topic": message.topic})

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

    async def caller(self, delivery: Delivery) -> Door:
        """Whose proof a waiting service holds: the key its source sends events with, as a bearer token.

        Raises:
            BadInput: code `not_authenticated`.
            Unavailable: a proof could not be checked now, and no other held.
        """
        unknown: Unavailable | None = None
        for door in self.by_name.values():
            if not door.source.may_wait or door.source.auth.type in {"none", "sns"}:
                continue
            try:
                if await door.knows(delivery):
                    return door
            except Unavailable as fault:
                unknown = fault
        if unknown is not None and bearer(delivery.headers):
            raise unknown
        raise BadInput(
            "not_authenticated",
            "No source with may_wait has this key.",
            hint="Send the source's own key: Authorization: Bearer …",
        )


def open_doors(
    sources: Mapping[str, Source],
    tables: Mapping[str, Table],
    secret: Callable[[str], str],
    outside: Outside,
    before: Doors | None = None,
) -> Doors:
    """Doors for all sources. `secret` finds a secret by its name.

    A source that had a door `before` keeps its bucket while its rate is the same: a reload is no fresh allowance.

    Raises:
        SettingsFault: a secret is missing or no key, or what a proof needs is not set.
    """
    old = before.by_name if before else {}
    return Doors(
        {
            name: _door(source, tables[source.mapping], proof_of(source, secret, outside), old.get(name))
            for name, source in sources.items()
        }
    )


def _door(source: Source, table: Table, proof: AnyProof, before: Door | None) -> Door:
    same_rate = before is not None and before.source.rate_per_s == source.rate_per_s
    bucket = before.bucket if before is not None and same_rate else Bucket(source.rate_per_s)
    return Door(source, proof, table, bucket)
