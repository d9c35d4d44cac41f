"""Untrusted text made safe to show."""

import pytest

from approvalbot.plaintext import cut


@pytest.mark.parametrize("most", [30, 75, 120, 150, 2900])
def test_a_text_is_never_longer_than_it_may_be_and_says_how_much_is_gone(most: int) -> None:
    for length in (*range(most + 400), 9_999, 10_040, 100_001):
        text = "x" * length

        shown = cut(text, most)

        assert len(shown) <= most, length
        kept = shown.partition("…")[0]
        assert shown == text if length <= most else f"({length - len(kept)} characters cut)" in shown


def test_where_not_even_the_note_fits_the_text_is_cut_all_the_same() -> None:
    assert len(cut("x" * 50, 5)) == 5
