"""What a bench prints, and what its exit code says."""

import pytest

from bench.__main__ import NAMES, main, run_of
from bench.report import Claim, Report, Row, quantile


def test_a_missed_target_is_said_and_fails_nothing() -> None:
    report = Report("x", "how", [Row("late", 60, "ms", most=50), Row("ratio", 0.9, least=0.7)], [Claim("right", True)])

    assert report.holds
    assert [row.verdict for row in report.rows] == ["missed", "met"]
    assert report.lines() == [
        "x: how",
        "  late   60 ms       ≤ 50  missed",
        "  ratio  0.900    ≥ 0.700  met",
        "  holds  right",
    ]


def test_a_claim_that_does_not_hold_fails_the_report() -> None:
    report = Report("x", "how", [Row("late", 1)], [Claim("right", False, "3 lost")])

    assert not report.holds
    assert report.lines()[-1] == "  FAILS  right (3 lost)"


@pytest.mark.parametrize(("share", "found"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_a_quantile_is_a_value_that_was_seen(share: float, found: int) -> None:
    assert quantile(range(100, 0, -1), share) == found


def test_every_bench_can_be_imported_and_an_unknown_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert all(callable(run_of(name)) for name in NAMES)

    with pytest.raises(SystemExit):
        main(["nothing"])

    assert "no bench is called nothing" in capsys.readouterr().err


def test_a_bench_that_breaks_fails_a_claim_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bench.__main__.NAMES", ("no_such_module",))

    assert main([]) == 1
    assert "FAILS  it runs (ModuleNotFoundError" in capsys.readouterr().out
