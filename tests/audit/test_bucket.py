"""Checkpoints in an S3-compatible bucket: the real place and the real boto3 against a strict stand-in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from approvalbot.answers.signing import key_set
from approvalbot.audit import places
from approvalbot.audit.places import InBucket, places_of
from approvalbot.audit.publishing import Publisher
from approvalbot.audit.sealing import opened
from approvalbot.errors import DeliveryFailed
from approvalbot.request.seal import Checkpoint
from approvalbot.store.trail import prove
from tests.audit.bucket import KEY_ID, REGION, SECRET, Store
from tests.audit.kept import KEY, KEYS, Trail
from tests.serving import serving

boto3 = pytest.importorskip("boto3")

CHECKPOINT = Checkpoint(number=7, seal="ab" * 32, at="2026-11-24T02:00:00Z", origin="https://bot.example.com")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Store]:
    made = Store({"acme-audit": {}})
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with serving(made.app()) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        yield made


def nobody(_channel: str, _text: str) -> None:
    raise AssertionError("no channel is named here")


def bucket(written: str = "s3://acme-audit/approvalbot/prod") -> InBucket:
    (place,) = places_of([written], nobody)
    assert isinstance(place, InBucket)
    return place


def in_pages(place: InBucket) -> dict[str, str]:
    """What the bucket holds, listed and read back by boto3."""
    found: dict[str, str] = {}
    for page in place.client.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.prefix):
        for one in page.get("Contents", ()):
            body = place.client.get_object(Bucket=place.bucket, Key=one["Key"])["Body"].read()
            found[one["Key"]] = body.decode()
    return found


def test_every_checkpoint_is_an_object_of_its_own_that_reads_back_and_proves_the_trail(
    store: Store, redis: Redis
) -> None:
    kept = Trail(redis)
    place = bucket()
    publisher = Publisher(kept.checkpoints, [place])
    for letter in "ABCDE":
        kept.ask(letter)
        kept.seal()
        assert publisher.publish() == []

    held = in_pages(place)

    assert list(held) == [f"approvalbot/prod/{3 * number:020}.jws" for number in range(1, 6)]
    assert set(store.kinds.values()) == {"application/jose"}
    proof = prove(kept.trail, {one.number: one for one in (opened(token, KEYS) for token in held.values())})
    assert (proof.faults, proof.checkpoints) == ([], 5)
    redis.flushall()
    kept.ask("X")
    faults = prove(kept.trail, {one.number: one for one in (opened(token, KEYS) for token in held.values())}).faults
    assert faults, "a trail that was written anew contradicts what the bucket kept"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("s3://acme-audit", "00000000000000000007.jws"),
        ("s3://acme-audit/", "00000000000000000007.jws"),
        ("s3://acme-audit/a b/ü+%2f/", "a b/ü+%2f/00000000000000000007.jws"),
    ],
)
def test_a_prefix_is_taken_as_it_is_written(store: Store, written: str, key: str) -> None:
    bucket(written).put(CHECKPOINT, "e30.e30.e30")

    assert list(store.buckets["acme-audit"]) == [key]


def test_a_repeat_writes_nothing_and_is_well(store: Store) -> None:
    place = bucket()

    place.put(CHECKPOINT, "a.b.c")
    place.put(CHECKPOINT, "a.b.c")

    assert [method for method, _ in store.calls] == ["PUT", "PUT", "GET"]
    assert len(store.buckets["acme-audit"]) == 1


@pytest.mark.parametrize("other", ["a.b.d", "a.b.c.d", "a.b", ""])
def test_another_object_of_the_same_name_is_neither_taken_nor_written_over(store: Store, other: str) -> None:
    place = bucket()
    key = "approvalbot/prod/00000000000000000007.jws"
    store.buckets["acme-audit"][key], store.kinds[key] = other.encode(), "application/jose"

    with pytest.raises(DeliveryFailed, match="another object has its name"):
        place.put(CHECKPOINT, "a.b.c")

    assert store.buckets["acme-audit"][key] == other.encode()


def test_what_stands_there_and_cannot_be_read_is_not_believed(store: Store) -> None:
    place = bucket()
    place.put(CHECKPOINT, "a.b.c")
    store.may = {"PUT"}

    with pytest.raises(DeliveryFailed, match=r"cannot be read to compare: AccessDenied.*Allow s3:GetObject"):
        place.put(CHECKPOINT, "a.b.c")


def broken(store: Store, monkeypatch: pytest.MonkeyPatch, how: str) -> str:
    """Break one thing; gives the place that meets it."""
    match how:
        case "AccessDenied":
            store.may = set()
        case "InvalidAccessKeyId":
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSE")
        case "SignatureDoesNotMatch":
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
        case "NoSuchBucket":
            return "s3://somebody-elses/approvalbot"
        case "NoCredentialsError":
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                monkeypatch.delenv(name)
            monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        case "EndpointConnectionError":
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
        case code:
            store.faults = [code] * places.TRIES
    return "s3://acme-audit/approvalbot"


@pytest.mark.parametrize(
    "how",
    [
        *("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "NoSuchBucket", "NoCredentialsError"),
        *("EndpointConnectionError", "SlowDown", "InternalError", "BadDigest", "RequestTimeTooSkewed"),
    ],
)
def test_a_bucket_that_does_not_take_it_says_why(store: Store, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    place = bucket(broken(store, monkeypatch, how))

    with pytest.raises(DeliveryFailed) as caught:
        place.put(CHECKPOINT, "a.b.c")

    assert how in caught.value.text()
    assert SECRET not in caught.value.text()
    assert "a.b.c" not in caught.value.text()
    assert store.buckets == {"acme-audit": {}}


def test_a_hiccup_of_the_store_is_tried_over(store: Store) -> None:
    store.faults = ["SlowDown"]

    bucket().put(CHECKPOINT, "a.b.c")

    assert list(store.buckets["acme-audit"].values()) == [b"a.b.c"]


def test_what_a_bucket_did_not_take_is_brought_in_the_next_round_in_order(store: Store, redis: Redis) -> None:
    kept = Trail(redis)
    place = bucket()
    publisher = Publisher(kept.checkpoints, [place])
    kept.ask("A")
    kept.seal()
    publisher.publish()
    store.may = set()
    for letter in "BC":
        kept.ask(letter)
        kept.seal()
        (fault,) = publisher.publish()
        assert "AccessDenied" in fault
    store.may = {"GET", "PUT", "HEAD"}

    assert publisher.publish() == []

    assert [opened(token, key_set(KEY)).number for token in in_pages(place).values()] == [3, 6, 9]


def test_a_lock_of_the_bucket_gets_the_checksum_that_it_wants(store: Store) -> None:
    place = bucket()

    place.put(CHECKPOINT, "a.b.c")
    with pytest.raises(Exception, match="InvalidRequest"):
        unchecked(place).put_object(Bucket="acme-audit", Key="x", Body=b"x")


def unchecked(place: InBucket) -> Any:
    """A client that sends no checksum: it shows that the stand-in asks for one."""
    from botocore.config import Config  # noqa: PLC0415 - comes with boto3

    del place
    return boto3.client("s3", config=Config(request_checksum_calculation="when_required"))
