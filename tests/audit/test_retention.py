"""Forgetting what is old: the proof stays, and what goes on stays whole."""

import pytest
from redis import Redis

from approvalbot.audit.sealing import opened
from approvalbot.store import keys
from approvalbot.store.trail import prove
from tests.audit.kept import KEYS, Trail, days_ago


@pytest.fixture
def kept(redis: Redis) -> Trail:
    return Trail(redis)


def faults(kept: Trail) -> list[str]:
    checkpoints = {one.number: one for one in (opened(token, KEYS) for token in kept.checkpoints.all())}
    return prove(kept.trail, checkpoints).faults


def test_what_is_old_and_settled_is_gone_and_the_rest_verifies(kept: Trail, redis: Redis) -> None:
    old = kept.ask("A")
    waiting = kept.ask("B", settle=False)
    kept.note()
    kept.seal(days_ago(500))
    new = kept.ask("C")
    kept.seal()

    cut = kept.retention.cut(days_ago(400))

    assert cut is not None
    assert cut.number == 5
    assert kept.requests.find(old) is None
    assert redis.exists(*keys.all_of(old)) == 0
    assert old not in [name.decode() for name in redis.zrange(keys.in_state("approved"), 0, -1)]  # type: ignore[union-attr]
    assert kept.requests.find(waiting) is not None
    assert kept.requests.find(new) is not None
    assert next(kept.trail.records()).number == 6
    assert faults(kept) == []
    assert opened(cut.checkpoint, KEYS).seal == cut.seal


def test_what_went_on_is_still_one_chain_after_the_cut(kept: Trail) -> None:
    waiting = kept.ask("B", settle=False)
    kept.seal(days_ago(500))
    kept.retention.cut(days_ago(400))

    kept.approve(waiting)
    kept.seal()

    assert faults(kept) == []
    proof = prove(kept.trail)
    assert proof.entries == 3, "the two steps since, and the cut's own entry"


def test_a_second_cut_begins_where_the_first_ended(kept: Trail) -> None:
    kept.ask("A")
    kept.seal(days_ago(600))
    kept.retention.cut(days_ago(500))
    kept.ask("B")
    kept.seal(days_ago(450))

    cut = kept.retention.cut(days_ago(400))

    assert cut is not None
    assert kept.requests.find("B" * 20) is None
    assert faults(kept) == []
    assert kept.retention.cut(days_ago(400)) is None


def test_nothing_is_cut_without_a_checkpoint_that_old_or_before_it_was_shipped(kept: Trail) -> None:
    kept.ask("A")
    assert kept.retention.cut(days_ago(0)) is None, "no checkpoint seals it"
    kept.seal(days_ago(500))

    assert kept.retention.cut(days_ago(501)) is None
    assert kept.retention.cut(days_ago(400), shipped=2) is None
    assert kept.retention.cut(days_ago(400), shipped=3) is not None


def test_an_edit_before_and_after_the_cut_is_found(kept: Trail, redis: Redis) -> None:
    kept.ask("A")
    kept.seal(days_ago(500))
    kept.ask("C")
    kept.seal()
    kept.retention.cut(days_ago(400))

    redis.xdel(keys.TRAIL, "5-0")
    assert faults(kept)


def test_a_forged_cut_contradicts_the_checkpoint_that_seals_it(kept: Trail, redis: Redis) -> None:
    kept.ask("A")
    kept.ask("B")
    kept.seal(days_ago(500))
    cut = kept.retention.cut(days_ago(400))
    assert cut is not None

    redis.set(keys.TRAIL_CUT, cut.model_copy(update={"seal": "0" * 64}).model_dump_json())

    assert any("written anew" in fault for fault in faults(kept))
