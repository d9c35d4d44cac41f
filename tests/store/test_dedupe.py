"""The question that a request stands for: the store says of any sequence of events what replay says of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from approvalbot.flow.claiming import stands_for
from approvalbot.policy.compiled import Compiled
from approvalbot.policy.dedupe import Deduper, content_of, pending_s, question_of
from approvalbot.policy.documents import Policy
from approvalbot.policy.matching import Match
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.snapshots import from_snapshot, snapshot
from approvalbot.request.about import About
from approvalbot.request.lifecycle import open_request, step
from approvalbot.request.moves import Withdraw
from approvalbot.request.names import name_of
from approvalbot.request.opening import Delivery, Opened, Opening
from approvalbot.request.request import Request, State
from approvalbot.store import keys
from approvalbot.store.requests import RequestStore
from tests.events.makers import event_of
from tests.passing import time_passes
from tests.policy.makers import load, policy_document

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
DEDUPE = {"key": ["repo", "tags"], "window": "1h"}


def policies(**changes: Any) -> PolicySet:
    document = {"dedupe": DEDUPE, "message": {"summary": "{{ sha }}", "fields": ["note"]}, **changes}
    return load(policy_document(**document))


def match_of(held: PolicySet, error: str = "", **body: Any) -> Match:
    compiled: Compiled = held.compiled[0]
    return Match(compiled, event_of({"action": "deploy", "id": "1", **body}), error)


def key_of(held: PolicySet, error: str = "", **body: Any) -> str:
    question = question_of(held, match_of(held, error, **body))
    assert question is not None
    return question.key


@dataclass
class Service:
    """Opens requests as the service does, without what it says of them."""

    store: RequestStore
    policies: PolicySet

    def open(self, match: Match) -> Opened:
        policy = match.policy
        request = Request(
            id=name_of("event", match.event.identity, match.key),
            kind=policy.request,
            policy_id=policy.key,
            policy_digest=policy.digest,
            opened_at=self.store.now(),
            event_digest=match.event.digest,
        )
        change = open_request(request, policy, request.opened_at, {})
        delivery = Delivery(match.event.digest, 86_400)
        about = About(title=policy.title, severity=policy.severity)
        return self.store.open(change, Opening(about, snapshot(policy), stands_for(self.policies, match), delivery))

    def settle(self, request_id: str) -> None:
        case, now = self.store.load(request_id)
        if case.request.state is State.PENDING:
            assert self.store.commit(step(case.request, case.terms, Withdraw(), now))


@pytest.mark.parametrize("kind", ["review", "gate"])
@pytest.mark.parametrize("window", ["10m", "1h"])
def test_the_store_says_of_any_sequence_what_replay_says(redis: Redis, kind: str, window: str) -> None:
    held = policies(request=kind, dedupe={**DEDUPE, "window": window})
    policy: Policy = held.policies[0]
    events = st.lists(
        st.tuples(st.integers(0, 2000), st.sampled_from(["a", "b", None]), st.sampled_from(["x", "y"])), max_size=12
    )

    @given(events)
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def same(steps: list[tuple[int, str | None, str]]) -> None:
        redis.flushall()
        service, memory, at_s = Service(RequestStore(redis, from_snapshot), held), Deduper(), 0.0
        waiting: dict[str, float] = {}
        for number, (gap_s, repo, sha) in enumerate(steps):
            at_s += gap_s
            time_passes(redis, gap_s)
            for name in [name for name, ends_s in waiting.items() if ends_s <= at_s]:
                service.settle(name)
                del waiting[name]
            match = match_of(held, id=str(number), repo=repo, sha=sha)

            opened = service.open(match)

            assert opened.is_repeat == memory.is_repeat(policy, question_of(held, match), at_s)
            if opened.how == "new":
                waiting[opened.request.id] = at_s + pending_s(policy)

    same()


def test_lists_have_no_order_and_what_is_missing_is_a_value_like_any_other() -> None:
    held = policies()

    assert key_of(held, tags=["a", "b"]) == key_of(held, tags=["b", "a"])
    assert key_of(held, repo="a") != key_of(held, repo="a", tags=["b"])
    assert question_of(held, match_of(held)) is None


def test_an_event_whose_policy_could_not_be_evaluated_joins_none_that_could() -> None:
    held = policies()

    assert key_of(held, repo="a") != key_of(held, "the calendar has ended", repo="a")


def test_every_value_that_a_card_shows_tells_two_questions_of_a_gate_apart() -> None:
    held = policies(request="gate")
    plain: dict[str, Any] = {"repo": "a", "sha": "1", "note": "n", "actor": {"id": "eve"}, "resource": {"id": "r"}}
    other: list[dict[str, Any]] = [{"sha": "2"}, {"note": "m"}, {"actor": {"id": "ann"}}, {"resource": {"id": "s"}}]

    assert key_of(held, **plain) == key_of(held, **{**plain, "unseen": "x", "id": "2"})
    assert len({key_of(held, **{**plain, **change}) for change in other} | {key_of(held, **plain)}) == 5
    assert content_of(held, match_of(held, **plain)) != content_of(held, match_of(held, "an error", **plain))


def test_the_question_of_a_review_is_its_key_alone() -> None:
    held = policies()

    assert key_of(held, repo="a", sha="1") == key_of(held, repo="a", sha="2")


def test_two_policies_never_share_a_question() -> None:
    held = policies()
    one, other = (policies(id=name) for name in ("one-policy", "other-policy"))

    assert key_of(one, repo="a") != key_of(other, repo="a")
    assert key_of(held, repo="a").startswith("dedupe:a-policy:")


def test_what_joined_is_known_until_its_replay_window_ends(redis: Redis) -> None:
    held = policies()
    service = Service(RequestStore(redis, from_snapshot), held)
    first = service.open(match_of(held, id="1", repo="a"))

    repeat = service.open(match_of(held, id="2", repo="a"))
    again = service.open(match_of(held, id="2", repo="a"))

    assert (repeat.how, again.how) == ("repeat", "noted")
    assert repeat.request.id == again.request.id == first.request.id
    assert redis.hget(keys.repeats(first.request.id), "count") == b"1"
    assert 86_000 < int(redis.ttl(keys.joined(name_of("event", event_of({"id": "2"}).identity, "a-policy")))) <= 86_400
    counted = service.store.repeats(first.request.id, 0)
    assert counted.marks == (event_of({"action": "deploy", "id": "2", "repo": "a"}).digest[:16],)
    assert service.store.now() - counted.last_at < timedelta(seconds=5)
    assert service.store.repeats(first.request.id, 1).marks == ()
