"""The benches of policies, small: what they claim holds, and what they count is there."""

from pathlib import Path

import pytest

from bench import compile as compiling
from bench import hostile, match, replay
from bench.report import Report


def failing(report: Report) -> list[str]:
    return [f"{claim.name}: {claim.seen}" for claim in report.claims if not claim.holds]


def test_compiling_counts_every_policy_and_every_part() -> None:
    report = compiling.run(compiling.Size(policies=250, runs=1))
    rows = {row.name: row.value for row in report.rows}

    assert failing(report) == []
    assert len(rows) == 5
    assert rows["load_policies and index: all of it"] < rows["policy check: all of it and every lint"]


def test_matching_finds_the_same_with_few_policies_and_with_many() -> None:
    report = match.run(match.Size(many=(200,), events=200, turns=2))

    assert failing(report) == []
    assert [row.name for row in report.rows][1:] == ["10 policies", "200 policies"]


def test_what_is_hostile_is_refused_or_judged() -> None:
    report = hostile.run(hostile.Size(runs=1))

    assert failing(report) == []
    assert len(report.rows) > 35


def test_replaying_finds_every_attack_that_was_planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(replay, "SHARED", tmp_path / "absent")

    report = replay.run(replay.Size(events=600, made_up=12))

    assert failing(report) == []
    assert "made up, since" in report.how


def test_replaying_takes_sigmahqs_rules_where_they_are(shared: Path) -> None:
    report = replay.run(replay.Size(events=600))

    assert failing(report) == []
    assert "93 rules (SigmaHQ's)" in report.how
