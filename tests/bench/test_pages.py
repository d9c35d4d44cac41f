"""The bench of pages in a small form: its past could have been, and every page of the dashboard answers."""

from bench.pages import Size, run


def test_a_written_past_is_one_that_could_have_been_and_every_page_shows_it() -> None:
    report = run(Size(requests=400, people=8, looks=1))

    assert [claim.name for claim in report.claims if not claim.holds] == []
    assert len(report.rows) > 20
