"""Storms in the store: who waits where, and that a request has a card or a digest, never both."""

import threading

import pytest
from redis import Redis

from approvalbot.store.digests import CALM_S, LEAST, MOST, STORM_S, DigestStore
from tests.passing import time_passes


@pytest.fixture
def digests(redis: Redis) -> DigestStore:
    return DigestStore(redis)


def fill(digests: DigestStore, many: int, first: int = 0, channel: str = "C1") -> list[str]:
    return [digests.join(channel, f"R{n:04}", n).storm for n in range(first, first + many)]


def test_the_third_that_waits_makes_a_digest_of_all_three(digests: DigestStore) -> None:
    opened = [digests.join("C1", f"R{n}", 10 - n).opened for n in range(LEAST)]

    assert opened == [False] * (LEAST - 1) + [True]
    storm = digests.join("C1", "R0", 10).storm
    assert digests.requests(storm) == ["R2", "R1", "R0"], "what ends soonest comes first"


def test_whoever_waits_alone_may_become_a_card_and_waits_no_longer(digests: DigestStore) -> None:
    (storm,) = set(fill(digests, LEAST - 1))

    assert digests.may_be_a_card("C1", "R0000")
    assert digests.requests(storm) == ["R0001"]
    assert not digests.join("C1", "R0000", 1).opened


def test_nobody_in_a_digest_becomes_a_card_whatever_comes_of_its_storm(digests: DigestStore, redis: Redis) -> None:
    (storm,) = set(fill(digests, LEAST))

    assert not digests.may_be_a_card("C1", "R0000")
    time_passes(redis, STORM_S + 1)
    assert not digests.may_be_a_card("C1", "R0000")
    assert digests.join("C1", "R0000", 1).storm == storm
    assert digests.join("C1", "another", 1).storm != storm


def test_in_the_midst_of_a_storm_new_ones_join_and_after_it_they_are_cards(digests: DigestStore, redis: Redis) -> None:
    fill(digests, LEAST)

    assert not digests.may_be_a_card("C1", "new")
    assert digests.may_be_a_card("C2", "new"), "a storm is of one channel"
    time_passes(redis, CALM_S + 1)
    assert digests.may_be_a_card("C1", "new")


def test_a_digest_that_is_full_is_followed_by_another(digests: DigestStore) -> None:
    storms = fill(digests, MOST + 5)

    assert len(set(storms[:MOST])) == 1
    assert storms[MOST] != storms[0]
    assert len(digests.requests(storms[0])) == MOST
    assert digests.join("C1", "R0000", 1).storm == storms[0]


def test_of_many_at_one_moment_each_is_a_card_or_in_a_digest(digests: DigestStore) -> None:
    cards: list[str] = []

    def one(name: str) -> None:
        joined = digests.join("C1", name, 1)
        if not joined.opened and digests.may_be_a_card("C1", name):
            cards.append(name)

    threads = [threading.Thread(target=one, args=(f"R{n}",)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    storm = digests.join("C1", "last", 1).storm
    held = set(digests.requests(storm))
    assert held.isdisjoint(cards)
    assert held | set(cards) == {f"R{n}" for n in range(40)} | {"last"}
