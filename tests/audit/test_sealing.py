"""Sealing and publishing checkpoints, over a real Valkey."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis

from approvalbot.answers.receipts import Receipts
from approvalbot.answers.signing import SigningKey, key_set
from approvalbot.audit.places import places_of
from approvalbot.audit.publishing import Publisher
from approvalbot.audit.sealing import opened
from approvalbot.errors import ApprovalBotError, DeliveryFailed, SettingsFault, SignatureRejected
from approvalbot.request.seal import Checkpoint, digest_of_signed
from approvalbot.store import keys
from approvalbot.store.trail import prove
from tests.audit.kept import KEYS, Trail


@pytest.fixture
def kept(redis: Redis) -> Trail:
    return Trail(redis)


def read(kept: Trail) -> dict[int, Checkpoint]:
    return {one.number: one for one in (opened(token, KEYS) for token in kept.checkpoints.all())}


def test_every_round_seals_what_is_new_and_names_the_round_before(kept: Trail) -> None:
    kept.ask("A")
    first = kept.seal()
    kept.note(why="policies")
    second = kept.seal()

    tokens = kept.checkpoints.all()
    assert (first, second) == (3, 4)
    assert [opened(token, KEYS).number for token in tokens] == [3, 4]
    assert opened(tokens[1], KEYS).previous == digest_of_signed(tokens[0])
    proof = prove(kept.trail, read(kept))
    assert (proof.faults, proof.checkpoints, proof.entries, proof.requests) == ([], 2, 4, 1)


def test_nothing_new_is_not_sealed_again(kept: Trail) -> None:
    assert kept.sealer.seal(kept.requests.now()) is None
    kept.ask("A")
    kept.seal()

    assert kept.sealer.seal(kept.requests.now()) is None
    assert len(kept.checkpoints.all()) == 1


def test_a_trail_written_anew_as_a_whole_is_found_by_its_checkpoint(kept: Trail, redis: Redis) -> None:
    kept.ask("A")
    kept.seal()
    held = read(kept)
    redis.flushall()
    kept.ask("B")

    proof = prove(kept.trail, held)

    assert proof.faults, "the forged trail hangs together by itself"
    assert prove(kept.trail).faults == []
    assert any("written anew" in fault for fault in proof.faults)


def test_a_broken_trail_is_never_sealed(kept: Trail, redis: Redis) -> None:
    kept.ask("A")
    redis.xdel(keys.TRAIL, "2-0")

    with pytest.raises(ApprovalBotError) as refused:
        kept.seal()

    assert refused.value.code == "trail_broken"
    assert kept.checkpoints.all() == []


def test_of_two_processes_that_seal_at_once_one_is_heard(kept: Trail) -> None:
    kept.ask("A")
    count, _ = kept.checkpoints.last()
    kept.seal()

    assert not kept.checkpoints.push(count, "a token of the slower one")
    assert len(kept.checkpoints.all()) == 1


@pytest.mark.parametrize("place", range(0, 400, 13))
def test_a_checkpoint_with_one_letter_changed_does_not_verify(kept: Trail, place: int) -> None:
    kept.ask("A")
    kept.seal()
    (token,) = kept.checkpoints.all()
    place %= len(token)
    forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]

    with pytest.raises(SignatureRejected):
        opened(forged, KEYS)


def test_no_other_token_of_ours_passes_for_a_checkpoint(kept: Trail) -> None:
    kept.ask("A")
    kept.seal()
    (token,) = kept.checkpoints.all()

    with pytest.raises(SignatureRejected):
        opened(token, key_set(SigningKey(b"d" * 32)))
    with pytest.raises(SignatureRejected):
        opened("no.token.at-all", KEYS)
    with pytest.raises(SignatureRejected):
        opened(Receipts(b"c" * 32, "x").key.sign("approvalbot-receipt+jws", {"number": 1}), KEYS)


@dataclass
class Channel:
    """A Slack channel that may be down."""

    down: bool = False
    said: list[tuple[str, str]] = field(default_factory=list)

    def say(self, channel: str, text: str) -> None:
        if self.down:
            raise DeliveryFailed("slack_failed", "Slack is down.")
        self.said.append((channel, text))


@pytest.fixture
def places(kept: Trail, tmp_path: Path) -> tuple[Channel, Path, Publisher]:
    channel, file = Channel(), tmp_path / "far" / "checkpoints.txt"
    return channel, file, Publisher(kept.checkpoints, places_of(["#audit", f"file:{file}"], channel.say))


def test_checkpoints_come_to_every_place_once_and_in_order(
    kept: Trail, places: tuple[Channel, Path, Publisher]
) -> None:
    channel, file, publisher = places
    for name in ("A", "B", "C"):
        kept.ask(name)
        kept.seal()
        assert publisher.publish() == []
    assert publisher.publish() == []

    assert file.read_text(encoding="ascii").splitlines() == kept.checkpoints.all()
    assert [text.split("entry ")[1].split(".")[0] for _, text in channel.said] == ["3", "6", "9"]
    assert all(token in text for token, (_, text) in zip(kept.checkpoints.all(), channel.said, strict=True))


def test_a_place_that_is_down_gets_what_it_missed_and_holds_up_no_other(
    kept: Trail, places: tuple[Channel, Path, Publisher]
) -> None:
    channel, file, publisher = places
    kept.ask("A")
    kept.seal()
    publisher.publish()
    channel.down = True
    for name in ("B", "C"):
        kept.ask(name)
        kept.seal()
        (told,) = publisher.publish()
        assert told == "#audit: Slack is down."
    channel.down = False

    assert publisher.publish() == []

    assert len(file.read_text(encoding="ascii").splitlines()) == 3
    assert len(channel.said) == 3


def test_a_place_that_is_new_starts_with_the_newest(kept: Trail, tmp_path: Path) -> None:
    for name in ("A", "B"):
        kept.ask(name)
        kept.seal()
    file = tmp_path / "late.txt"

    Publisher(kept.checkpoints, places_of([f"file:{file}"], Channel().say)).publish()

    assert file.read_text(encoding="ascii").splitlines() == kept.checkpoints.all()[-1:]


@pytest.mark.parametrize("written", ["audit", "#", "file:", "https://example.com", "s3://", ""])
def test_what_is_no_place_is_refused_with_what_to_write(written: str) -> None:
    with pytest.raises(SettingsFault, match=r"Write #channel, file:PATH or s3://bucket/prefix"):
        places_of([written], Channel().say)
