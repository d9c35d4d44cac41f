"""What a grant added, only the last grant removes; what was there before stays. Against a real store."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from redis import Redis

from approvalbot.errors import DeliveryFailed, UnderWay
from approvalbot.grants.sharing import ADDED, KEPT, Seat, give, take
from approvalbot.store.guards import Guards
from approvalbot.store.holds import GrantHolds


@dataclass
class Group:
    """A group of one seat. `breaks` raises instead of the next change, before it or after it was made."""

    there: bool = False
    breaks: DeliveryFailed | None = None
    breaks_after: bool = False
    changes: list[str] = field(default_factory=list)

    def change(self, what: str, *, there: bool) -> None:
        fault, self.breaks = self.breaks, None
        if fault is None or self.breaks_after:
            self.there = there
            self.changes.append(what)
        if fault is not None:
            raise fault

    def seat(self, name: str = "group:eve") -> Seat:
        return Seat(
            name,
            "group",
            is_there=lambda: self.there,
            add=lambda: self.change("add", there=True),
            remove=lambda: self.change("remove", there=False),
        )


@pytest.fixture
def holds(redis: Redis) -> GrantHolds:
    return GrantHolds(redis, Guards(redis))


def test_what_a_grant_added_it_removes(holds: GrantHolds) -> None:
    group = Group()

    assert give(holds, group.seat(), "g1") == ADDED
    take(holds, group.seat(), "g1", ADDED)

    assert group.changes == ["add", "remove"]
    take(holds, group.seat(), "g1", ADDED)
    assert group.changes == ["add", "remove"], "an end that comes twice does nothing the second time"


def test_whoever_was_there_before_stays(holds: GrantHolds) -> None:
    group = Group(there=True)

    assert give(holds, group.seat(), "g1") == KEPT
    take(holds, group.seat(), "g1", KEPT)

    assert group.there
    assert group.changes == []


def test_the_last_of_two_grants_removes(holds: GrantHolds) -> None:
    group = Group()
    assert give(holds, group.seat(), "g1") == ADDED
    assert give(holds, group.seat(), "g2") == ADDED

    take(holds, group.seat(), "g1", ADDED)
    assert group.there, "the second grant still runs"
    take(holds, group.seat(), "g2", ADDED)

    assert not group.there
    assert group.changes == ["add", "remove"]


@pytest.mark.parametrize("after", [False, True])
def test_a_start_without_an_answer_is_taken_back_by_its_end(holds: GrantHolds, after: bool) -> None:
    group = Group(breaks=DeliveryFailed("grant_failed", "no answer"), breaks_after=after)
    with pytest.raises(DeliveryFailed):
        give(holds, group.seat(), "g1")

    take(holds, group.seat(), "g1", "")

    assert not group.there


def test_a_start_that_was_lost_on_its_way_back_is_made_once_more_as_the_same(holds: GrantHolds) -> None:
    group = Group(breaks=DeliveryFailed("grant_failed", "no answer"), breaks_after=True)
    with pytest.raises(DeliveryFailed):
        give(holds, group.seat(), "g1")

    assert give(holds, group.seat(), "g1") == ADDED, "it was not there before: this grant put it there"
    take(holds, group.seat(), "g1", ADDED)
    assert not group.there


def test_a_start_that_was_refused_leaves_no_mark_behind(holds: GrantHolds) -> None:
    group = Group(breaks=DeliveryFailed("grant_failed", "no", final=True))
    with pytest.raises(DeliveryFailed):
        give(holds, group.seat(), "g1")

    give(holds, group.seat(), "g2")
    take(holds, group.seat(), "g2", ADDED)

    assert not group.there, "a mark of the first would keep it there for ever"


def test_access_is_taken_back_even_if_its_mark_was_lost(holds: GrantHolds, redis: Redis) -> None:
    group = Group()
    give(holds, group.seat(), "g1")
    redis.flushall()

    take(holds, group.seat(), "g1", ADDED)

    assert not group.there


def test_an_end_that_fails_keeps_its_mark_and_succeeds_later(holds: GrantHolds) -> None:
    group = Group()
    give(holds, group.seat(), "g1")
    group.breaks = DeliveryFailed("grant_failed", "down")
    with pytest.raises(DeliveryFailed):
        take(holds, group.seat(), "g1", "")

    take(holds, group.seat(), "g1", "")

    assert not group.there


def test_one_changes_it_at_a_time_and_whoever_waits_has_not_failed(holds: GrantHolds) -> None:
    act: Callable[[], str] = lambda: give(holds, Group().seat(), "g2")  # noqa: E731 - an act to be refused

    with holds.alone("group"), pytest.raises(UnderWay) as waiting:
        act()

    assert waiting.value.retry_after_s == 0.5
    assert act() == ADDED
