"""`link`: what was linked from cards is listed, and taken back."""

import pytest
from redis import Redis

from approvalbot.request.links import Account, Link
from approvalbot.store.links import LinkStore
from approvalbot.store.trail import TrailStore
from tests.cli.conftest import Cli

LINK = Link(Account("github", "evil eve\u202e"), "eve", "bob", "ann")


@pytest.fixture
def links(redis: Redis, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> LinkStore:
    monkeypatch.setenv("REDIS_URL", valkey_url)
    return LinkStore(redis)


def test_links_are_listed_with_who_said_and_who_confirmed(cli: Cli, links: LinkStore) -> None:
    links.add(LINK)

    plain, document = cli("link", "list"), cli("link", "list", "--json")

    assert "\u202e" not in plain.out
    assert plain.out.endswith("is eve  said bob  confirmed ann\n")
    assert document.json()["links"][0]["person"] == "eve"


def test_no_links_are_said_to_be_none(cli: Cli, links: LinkStore) -> None:
    assert links.all() == ()
    assert cli("link", "list").code == 0


def test_a_link_that_is_removed_stands_in_the_trail(cli: Cli, links: LinkStore, redis: Redis) -> None:
    links.add(LINK)

    removed, again = (cli("link", "remove", LINK.account.system, LINK.account.name) for _ in range(2))

    assert (removed.code, again.code) == (0, 3)
    assert links.all() == ()
    (record,) = TrailStore(redis).records()
    assert record.entry["what"] == "link_removed"
