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
    """An S3-compatible bucket, one object a checkpoint; with object lock nobody can change it."""

    bucket: str
    prefix: str
    client: Any

    @property
    def name(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def put(self, checkpoint: Checkpoint, signed: str) -> None:
        """Write the object named after the number of entries."""
        key = "/".join(part for part in (self.prefix.strip("/"), f"{checkpoint.number:020}.jws") if part)
        try:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=signed.encode(), ContentType="application/jose")
        except Exception as fault:  # botocore's faults share no base class of their own: the kind is all we say
            sentence = f"The bucket {self.bucket} did not take checkpoint {checkpoint.number}: {type(fault).__name__}."
            raise DeliveryFailed("delivery_failed", sentence) from fault


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
    except ImportError as fault:
        raise SettingsFault(
            "APPROVALBOT_CHECKPOINTS names a bucket, and boto3 is not installed.",
            hint=f"pip install 'approvalbot[{EXTRA}]'",
        ) from fault
    # Another server than Amazon's is named by AWS_ENDPOINT_URL_S3, which boto3 reads itself.
    return boto3.client("s3")
