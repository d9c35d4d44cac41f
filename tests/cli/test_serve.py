"""The processes themselves."""

import gc
from pathlib import Path

from approvalbot.cli.serve import spare_the_collector
from approvalbot.reloading import PolicyKeeper
from tests.bot import POLICIES


def test_policies_are_not_walked_by_every_collection_also_after_a_reload(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_bytes((POLICIES / "all.yaml").read_bytes())
    keeper = PolicyKeeper(tmp_path)

    try:
        spare_the_collector(keeper)
        walked = {id(one) for one in gc.get_objects()}
        assert id(keeper.current().policies) not in walked

        first = keeper.current()
        keeper.reload()
        walked = {id(one) for one in gc.get_objects()}
        assert keeper.current() is not first
        assert id(keeper.current().policies) not in walked
    finally:
        gc.unfreeze()
