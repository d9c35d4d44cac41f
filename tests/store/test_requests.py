from datetime import UTC, datetime, timedelta

import orjson
import pytest
from redis import Redis
from redis.client import PubSub

from approvalbot.errors import NotFound, Unavailable
from approvalbot.policy.documents import Policy
from approvalbot.request.about import About
from approvalbot.request.lifecycle import open_request, step
from approvalbot.request.moves import Wake
from approvalbot.request.opening import Opening
from approvalbot.request.request import State
from approvalbot.store import keys
from approvalbot.store.connection import connect
from approvalbot.store.outbox import Clockwork, Outbox
from approvalbot.store.requests import RequestStore
from approvalbot.store.trail import TrailStore, prove
from tests.request.makers import ANN, BOB, make_policy, make_request, vote

POLICY = make_policy()
ABOUT = About(title="Admin escalation", severity="medium", who="eve")


def make_store(redis: Redis) -> RequestStore:
    return RequestStore(redis, Policy.model_validate)


def open_one(store: RequestStore, policy: Policy = POLICY, request_id: str = "7K3FABCDEFGHJKMNPQRS") -> bool:
    snapshot = {
        **policy.model_dump(mode="json", include={"version", "id", "owner", "title", "request", "severity", "source"}),
        "match": policy.match,
        "approval": {
            "quorum": policy.approval.quorum,
            "levels": [{"name": "a", "approvers": [{"usergroup": "@oncall"}], "timeout": "15m"}],
        },
    }
    request = make_request(policy, id=request_id, policy_digest=f"{policy.approval.quorum}" * 64)
    change = open_request(request, Policy.model_validate(snapshot), store.now(), {"event": "e1"})
    return store.open(change, Opening(ABOUT, snapshot)).how == "new"


def test_a_request_comes_back_as_it_was_written(redis: Redis) -> None:
    store = make_store(redis)
    assert open_one(store)

    case, now = store.load("7K3FABCDEFGHJKMNPQRS")

    assert case.request.state is State.PENDING
    assert case.about == ABOUT
    assert case.terms.title == POLICY.title
    assert abs((now - datetime.now(UTC)).total_seconds()) < 60
    assert case.request.due_at == case.request.opened_at.replace() or case.request.due_at is not None


def test_the_same_request_opens_once(redis: Redis) -> None:
    store = make_store(redis)

    assert open_one(store)
    assert not open_one(store)
    assert TrailStore(redis).total() == 1


def test_of_two_steps_from_one_version_only_the_first_is_written(redis: Redis) -> None:
    store = make_store(redis)
    open_one(store)
    case, now = store.load("7K3FABCDEFGHJKMNPQRS")
    first = step(case.request, case.terms, vote(ANN), now)
    second = step(case.request, case.terms, vote(BOB, "deny"), now)

    assert store.commit(first)
    assert not store.commit(second)

    found = store.find("7K3FABCDEFGHJKMNPQRS")
    assert found is not None
    assert found.state is State.APPROVED
    assert redis.zscore(keys.DEADLINES, found.id) is None
    assert redis.zscore(keys.in_state("pending"), found.id) is None
    assert redis.zscore(keys.in_state("approved"), found.id) is not None


def test_a_vote_that_reaches_the_store_after_its_deadline_is_not_written(redis: Redis) -> None:
    store = make_store(redis)
    open_one(store)
    case, now = store.load("7K3FABCDEFGHJKMNPQRS")
    overdue = case.request.model_copy(update={"due_at": now - timedelta(milliseconds=1)})

    change = step(overdue, case.terms, vote(ANN), now)

    assert not store.commit(change)


def test_a_deadline_cannot_be_acted_on_before_it_has_come(redis: Redis) -> None:
    store = make_store(redis)
    open_one(store)
    case, _ = store.load("7K3FABCDEFGHJKMNPQRS")
    assert case.request.due_at is not None

    early = step(case.request, case.terms, Wake(), case.request.due_at)

    assert early.request.state is State.EXPIRED
    assert not store.commit(early)


def test_effects_wait_in_the_outbox_until_they_are_done(redis: Redis) -> None:
    store, outbox = make_store(redis), Outbox(redis)
    open_one(store)

    taken = outbox.take("7K3FABCDEFGHJKMNPQRS:1:0")

    assert taken is not None
    assert taken.effect.kind == "announce"
    assert outbox.take(taken.id) is None, "somebody has it"
    assert outbox.done(taken)
    assert outbox.take(taken.id) is None, "it is done"
    assert outbox.waiting() == 0


def test_a_slow_worker_is_fenced_off_by_the_one_after_it(redis: Redis) -> None:
    store, outbox = make_store(redis), Outbox(redis)
    open_one(store)
    slow = outbox.take("7K3FABCDEFGHJKMNPQRS:1:0", lease_s=0)
    assert slow is not None
    quick = outbox.take(slow.id)
    assert quick is not None
    assert quick.attempt == 2

    assert not outbox.done(slow)
    assert outbox.done(quick)


def test_an_effect_put_back_is_not_taken_before_its_time(redis: Redis) -> None:
    store, outbox = make_store(redis), Outbox(redis)
    open_one(store)
    taken = outbox.take("7K3FABCDEFGHJKMNPQRS:1:0")
    assert taken is not None

    outbox.later(taken, store.now() + timedelta(hours=1))
    assert outbox.take(taken.id) is None
    assert Clockwork(redis).claim_effects() == []

    redis.hset(keys.HOLDS, taken.id, "0")
    redis.zadd(keys.OUTBOX, {taken.id: 0})
    assert Clockwork(redis).claim_effects() == [taken.id]
    again = outbox.take(taken.id)
    assert again is not None
    assert again.attempt == 2


def test_a_delivery_that_is_given_up_can_be_sent_again(redis: Redis) -> None:
    store, outbox = make_store(redis), Outbox(redis)
    open_one(store)
    taken = outbox.take("7K3FABCDEFGHJKMNPQRS:1:0")
    assert taken is not None

    outbox.give_up(taken, "the receiver is gone")

    letters = outbox.dead_letters()
    assert [(letter.id, letter.fault) for letter in letters] == [(taken.id, "the receiver is gone")]
    assert outbox.waiting() == 0
    assert outbox.revive(taken.id)
    assert outbox.dead_letters() == []
    assert outbox.take(taken.id) is not None
    assert not outbox.revive(taken.id)


def test_a_due_deadline_is_claimed_by_one_sweeper_at_a_time(redis: Redis) -> None:
    open_one(make_store(redis))
    clockwork = Clockwork(redis)
    assert clockwork.claim_deadlines() == []
    assert clockwork.next_in_s() < 3, "the outbox drives its effects by itself after two seconds"
    redis.delete(keys.OUTBOX)
    assert 800 < clockwork.next_in_s() < 901

    redis.zadd(keys.DEADLINES, {"7K3FABCDEFGHJKMNPQRS": 0})

    assert clockwork.next_in_s() < 0
    assert clockwork.claim_deadlines() == ["7K3FABCDEFGHJKMNPQRS"]
    assert clockwork.claim_deadlines() == []


def test_the_trail_in_the_store_verifies_and_an_edit_in_it_is_found(redis: Redis) -> None:
    store, trail = make_store(redis), TrailStore(redis)
    for name in ("A", "B", "C"):
        open_one(store, request_id=name * 20)
        case, now = store.load(name * 20)
        store.commit(step(case.request, case.terms, vote(ANN), now))

    assert trail.total() == 9
    assert prove(trail).faults == []
    assert redis.xdel(keys.TRAIL, "5-0") == 1
    assert prove(trail).faults


def test_changes_are_published_for_whoever_waits(redis: Redis) -> None:
    listener = PubSub(redis.connection_pool, ignore_subscribe_messages=True)
    listener.subscribe(keys.CHANGES)
    listener.get_message(timeout=1)

    open_one(make_store(redis))

    message = listener.get_message(timeout=5)
    assert message is not None
    assert message["data"] == b"7K3FABCDEFGHJKMNPQRS 1 pending"
    listener.close()


def test_a_pending_request_is_small(redis: Redis) -> None:
    store = make_store(redis)
    open_one(store, request_id="W" * 20)
    before = redis.info("memory")["used_memory"]
    count = 500

    for number in range(count):
        open_one(store, request_id=f"{number:020d}")

    about = len(ABOUT.model_dump_json(exclude_defaults=True))
    each = (redis.info("memory")["used_memory"] - before) / count - about
    assert each < 1600


def test_a_store_that_does_not_answer_is_said_so(redis: Redis) -> None:
    with pytest.raises(Unavailable):
        make_store(connect("redis://127.0.0.1:1")).find("X")
    with pytest.raises(NotFound):
        make_store(redis).load("X")


def test_yesterdays_bytes_are_still_read(redis: Redis) -> None:
    stored = {
        "id": "7K3FABCDEFGHJKMNPQRS",
        "kind": "gate",
        "policy_id": "p",
        "policy_digest": "d",
        "opened_at": "2026-03-03T12:00:00Z",
        "version": 1,
        "level_opened_at": "2026-03-03T12:00:00Z",
        "due_at": "2026-03-03T12:05:00Z",
        "votes": [{"by": {"key": "ann", "name": "Ann"}, "choice": "approve", "at": "2026-03-03T12:01:00Z"}],
    }
    redis.set(keys.request("7K3FABCDEFGHJKMNPQRS"), b"1 pending " + orjson.dumps(stored))

    found = make_store(redis).find("7K3FABCDEFGHJKMNPQRS")

    assert found is not None
    assert found.votes[0].by.name == "Ann"
    assert found.content == 1
