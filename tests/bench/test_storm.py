"""The bench of storms in a small form: real processes, Slack's limits, and what must hold of them."""

from bench.storm import Size, run


def test_a_small_storm_is_seen_whole_in_few_messages() -> None:
    report = run(Size(requests=25, senders=2))

    assert [claim.name for claim in report.claims if not claim.holds] == []
    messages = next(row for row in report.rows if row.name == "messages in the channel")
    assert messages.verdict == "met"
