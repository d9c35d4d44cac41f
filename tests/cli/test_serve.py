"""The processes themselves."""

import gc

from approvalbot.cli.serve import spare_the_collector


def test_what_a_process_starts_with_is_not_walked_by_every_collection() -> None:
    held = [[number] for number in range(1000)]
    before = len(gc.get_objects())

    spare_the_collector()
    try:
        assert gc.get_freeze_count() >= len(held)
        assert len(gc.get_objects()) < before / 10
    finally:
        gc.unfreeze()
