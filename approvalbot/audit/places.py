"""Places outside the store where checkpoints are kept: a Slack channel, a file, a bucket. They only add."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from approvalbot.errors import DeliveryFailed, SettingsFault
from approvalbot.request.seal import Checkpoint

EXTRA = "aws"
"""The optional dependency that speaks to S3-compatible buckets."""

STANDS = "PreconditionFailed"
"""S3's word for an object that stands already (Amazon S3 API reference, "PutObject", If-None-Match)."""

CONNECT_WITHIN_S, ANSWER_WITHIN_S, TRIES = 5, 15, 2
"""For one call. A round that fails is made again in minutes; until then nothing else should wait for a bucket."""

Say = Callable[[str, str], None]
"""Posts a text to a Slack channel; raises where Slack does not take it."""


class Place(Protocol):
    """Somewhere to keep checkpoints. `name` is what its progress is remembered under."""

    @property
    def name(self) -> str: ...

    def put(self, checkpoint: Checkpoint, signed: str) -> None:
        """Keep one more; a repeat of the same is harmless.

        Raises:
            DeliveryFailed: it was not taken.
        """


@dataclass(frozen=True, slots=True)
class InFile:
    """A file, one token a line. On another machine's disk it is worth more than on this one's."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path)

    def put(self, checkpoint: Checkpoint, signed: str) -> None:
        """Append the line."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="ascii") as file:
                file.write(f"{signed}\n")
        except OSError as fault:
            sentence = f"Checkpoint {checkpoint.number} could not be written to {self.path}: {fault.strerror}."
            raise DeliveryFailed("delivery_failed", sentence) from fault


@dataclass(frozen=True, slots=True)
class InChannel:
    """A Slack channel: everyone in it holds a copy that we cannot take back unseen."""

    channel: str
    say: Say

    @property
    def name(self) -> str:
        return self.channel

    def put(self, checkpoint: Checkpoint, signed: str) -> None:
        """Post the token under a sentence for readers."""
        text = (
            f":lock: The trail is sealed at entry {checkpoint.number}."
            f" Seal `{checkpoint.seal[:16]}`. Keep this message: `approvalbot audit verify` holds the trail against it."
        )
        self.say(self.channel, f"{text}\n```{signed}```")


@dataclass(frozen=True, slots=True)
class InBucket:
    """An S3-compatible bucket, one object a checkpoint, which is never written twice; with object lock nobody can
    change it either.
    """

    bucket: str
    prefix: str
    client: Any

    @property
    def name(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def put(self, checkpoint: Checkpoint, signed: str) -> None:
        """Write the object named after the number of entries, unless one stands there: then it has to be this one."""
        key = "/".join(part for part in (self.prefix.strip("/"), f"{checkpoint.number:020}.jws") if part)
        body = signed.encode()
        try:
            self.client.put_object(
                Bucket=self.bucket, Key=key, Body=body, ContentType="application/jose", IfNoneMatch="*"
            )
        except Exception as fault:  # botocore's faults share no base class of their own
            why = _told(fault)
            if why == STANDS and self._holds(key, body):
                return
            told = "another object has its name" if why == STANDS else why
            sentence = f"The bucket {self.bucket} did not take checkpoint {checkpoint.number}: {told}."
            raise DeliveryFailed("delivery_failed", sentence) from fault

    def _holds(self, key: str, body: bytes) -> bool:
        """Whether what stands there is this very checkpoint, from an attempt whose answer was lost.

        Raises:
            DeliveryFailed: it cannot be read, so nobody knows.
        """
        try:
            found: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read(len(body) + 1)
        except Exception as fault:  # as above
            sentence = f"{self.name} holds {key} already, and it cannot be read to compare: {_told(fault)}."
            raise DeliveryFailed("delivery_failed", sentence, hint="Allow s3:GetObject on it.") from fault
        return found == body


def _told(fault: Exception) -> str:
    """What the bucket's server said, by its own code, or what kind of fault it was; never what was sent."""
    said: Any = getattr(fault, "response", None) or {}
    return str(said.get("Error", {}).get("Code") or type(fault).__name__)[:60]


def places_of(written: Sequence[str], say: Say) -> list[Place]:
    """The places of `APPROVALBOT_CHECKPOINTS`: `#channel`, `file:PATH`, `s3://bucket/prefix`.

    Raises:
        SettingsFault: something else, or a bucket without the `aws` extra.
    """
    return [_place(one, say) for one in written]


def _place(written: str, say: Say) -> Place:
    if written.startswith("#") and len(written) > 1:
        return InChannel(written, say)
    if written.startswith("file:") and len(written) > len("file:"):
        return InFile(Path(written.removeprefix("file:")))
    parts = urlsplit(written)
    if parts.scheme == "s3" and parts.netloc:
        return InBucket(parts.netloc, parts.path.strip("/"), _client())
    raise SettingsFault(
        f"APPROVALBOT_CHECKPOINTS: {written!r} is no place.", hint="Write #channel, file:PATH or s3://bucket/prefix."
    )


def _client() -> Any:
    try:
        import boto3  # noqa: PLC0415 - optional: only who names a bucket needs it
        from botocore.config import Config  # noqa: PLC0415 - comes with it
    except ImportError as fault:
        raise SettingsFault(
            "APPROVALBOT_CHECKPOINTS names a bucket, and boto3 is not installed.",
            hint=f"pip install 'approvalbot[{EXTRA}]'",
        ) from fault
    # Another server than Amazon's is named by AWS_ENDPOINT_URL_S3, which boto3 reads itself.
    config = Config(
        connect_timeout=CONNECT_WITHIN_S,
        read_timeout=ANSWER_WITHIN_S,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
    )
    # A session of its own: the default one is shared by every thread that ever asked for it, and is not made for that.
    return boto3.session.Session().client("s3", config=config)
