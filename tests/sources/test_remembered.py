"""What proofs fetch: how long it counts, how often it is asked, and what strangers can make us do."""

import asyncio
import threading
from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from approvalbot.errors import DeliveryFailed, Unavailable
from approvalbot.sources.oidc import KEEP_S, LOOK_AGAIN_S, STALE_S, KeySets
from approvalbot.sources.remembered import AGAIN_S, MOST_HELD, MOST_WAITING, Remembered
from tests.proofs.makers import published, rsa_key

URL = "https://issuer.example.com/certs"


class Side:
    """The other side with its clock. `said` None: it does not answer."""

    def __init__(self, said: Any = None) -> None:
        self.said = said
        self.asked: list[str] = []
        self.now_s = 0.0

    def fetch(self, url: str, _headers: Mapping[str, str], _within_s: float) -> tuple[int, bytes]:
        self.asked.append(url)
        if self.said is None:
            raise DeliveryFailed("delivery_failed", "it does not answer")
        return 200, orjson.dumps(self.said)

    def remembered(self) -> Remembered[Any]:
        return Remembered(self.fetch, lambda _status, body: orjson.loads(body), stale_s=100, now_s=lambda: self.now_s)


def test_a_key_that_was_rotated_in_is_found_and_one_that_was_rotated_out_ends() -> None:
    side = Side(published(rsa_key("old")))

    async def story() -> None:
        keys = KeySets(side.fetch, lambda: side.now_s)
        assert await keys.find("x", URL, "old", "RS256") is not None
        side.said = published(rsa_key("new"))
        assert await keys.find("x", URL, "new", "RS256") is None, "looked for a moment ago"
        side.now_s += LOOK_AGAIN_S + 1
        assert await keys.find("x", URL, "new", "RS256") is not None
        assert await keys.find("x", URL, "old", "RS256") is None
        assert len(side.asked) == 2

    asyncio.run(story())


def test_known_keys_outlive_a_silence_of_the_issuer_for_a_while_and_new_ones_wait_for_it() -> None:
    side = Side(published(rsa_key("old")))

    async def story() -> None:
        keys = KeySets(side.fetch, lambda: side.now_s)
        assert await keys.find("x", URL, "old", "RS256") is not None
        side.said = None
        side.now_s = KEEP_S + 1
        assert await keys.find("x", URL, "old", "RS256") is not None
        with pytest.raises(Unavailable):
            await keys.find("x", URL, "new", "RS256")
        side.now_s = STALE_S + 1
        with pytest.raises(Unavailable):
            await keys.find("x", URL, "old", "RS256")

    asyncio.run(story())


def test_everybody_who_waits_is_served_by_one_look_up() -> None:
    side, go = Side(7), threading.Event()

    def slow(url: str, headers: Mapping[str, str], within_s: float) -> tuple[int, bytes]:
        go.wait(5)
        return side.fetch(url, headers, within_s)

    async def story() -> None:
        held: Remembered[Any] = Remembered(slow, lambda _status, body: orjson.loads(body), stale_s=1)
        waiting = [asyncio.create_task(held.get(URL, max_age_s=60)) for _ in range(50)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        go.set()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert found[1:] == [7] * 49, "whoever hangs up does not end it for the others"
        assert side.asked == [URL]

    asyncio.run(story())


def test_an_address_that_failed_is_not_asked_again_at_once() -> None:
    side = Side()

    async def story() -> None:
        held = side.remembered()
        for _ in range(3):
            with pytest.raises(Unavailable):
                await held.get(URL, max_age_s=60)
        assert len(side.asked) == 1
        side.said, side.now_s = 7, AGAIN_S + 1
        assert await held.get(URL, max_age_s=60) == 7

    asyncio.run(story())


def test_strangers_can_neither_fill_the_memory_nor_push_out_what_is_good() -> None:
    side = Side(7)

    async def story() -> None:
        held: Remembered[Any] = Remembered(side.fetch, lambda _status, body: orjson.loads(body) or None, stale_s=100)
        assert await held.get(URL, max_age_s=60) == 7
        side.said = 0
        for number in range(MOST_HELD * 2):
            assert await held.get(f"{URL}/{number}", max_age_s=60) is None
        side.asked.clear()
        assert await held.get(URL, max_age_s=60) == 7
        assert side.asked == []
        assert len(held._held) == MOST_HELD

    asyncio.run(story())


def test_only_so_many_addresses_are_waited_for() -> None:
    go = threading.Event()

    def slow(_url: str, _headers: Mapping[str, str], _within_s: float) -> tuple[int, bytes]:
        go.wait(5)
        return 200, b"7"

    async def story() -> None:
        held: Remembered[Any] = Remembered(slow, lambda _status, body: orjson.loads(body), stale_s=1)
        waiting = [asyncio.create_task(held.get(f"{URL}/{n}", max_age_s=60)) for n in range(MOST_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await held.get(f"{URL}/one-more", max_age_s=60)
        go.set()
        assert await asyncio.gather(*waiting) == [7] * MOST_WAITING

    asyncio.run(story())
