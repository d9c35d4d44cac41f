"""One bot for all tests of a file: each of them sends events of its own."""

from collections.abc import Iterator

import pytest

from approvalbot.store.connection import connect
from tests.proofs.world import World, running_world


@pytest.fixture(scope="module")
def world(valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    client = connect(valkey_url)
    client.flushall()
    client.close()
    with running_world(valkey_url, tmp_path_factory.mktemp("world")) as running:
        yield running
