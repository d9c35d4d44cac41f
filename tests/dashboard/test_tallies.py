"""Counts added up for pages, and plots of them: both pure."""

from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from approvalbot.dashboard.plots import Series, columns, levels, nice_top, seconds, spans, stacked
from approvalbot.dashboard.render import percent, size
from approvalbot.dashboard.tallies import (
    Day,
    Load,
    PolicyTally,
    by_day,
    by_hour,
    by_policy,
    class_names,
    loads,
    of_all,
    refusals,
)
from approvalbot.request.statistics import BUCKETS_S, Counts

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def counts(**named: int) -> Counts:
    return Counter({tuple(name.split("__")): number for name, number in named.items()})


COUNTS = {
    MONDAY: counts(
        opened__deploy=4,
        outcome__deploy__approved=2,
        outcome__deploy__expired=1,
        fast__deploy=1,
        decided_in__deploy__0=1,
        decided_in__deploy__4=1,
        decision_ms__deploy=99_000,
        hour__09=3,
        hour__23=1,
        asked__U0ANN=4,
        asked__U0NEW=1,
        voted__ann__approve=2,
    ),
    TUESDAY: counts(
        opened__deploy=1,
        opened__access=2,
        outcome__deploy__denied=1,
        decided_in__deploy__4=1,
        refused__self_approval=3,
        refused__stale_card=3,
        hour__09=1,
        voted__ann__deny=1,
    )
    + Counter({("voted", "slack:T0ACME/U0NEW", "approve"): 1}),
}
DAYS = {day: Day.of(held) for day, held in COUNTS.items()}


def test_a_policy_is_tallied_over_days() -> None:
    deploy = by_policy(DAYS)["deploy"]

    assert deploy == PolicyTally(5, Counter(approved=2, expired=1, denied=1), 1, Counter({0: 1, 4: 2}))
    assert (deploy.settled, deploy.timeout_rate, deploy.rubber_stamp_rate) == (4, 0.25, 0.5)
    assert deploy.took_s(0.5) == pytest.approx(75)
    assert by_policy(DAYS)["access"].timeout_rate is None
    assert by_policy(DAYS)["access"].rubber_stamp_rate is None
    assert by_policy(DAYS)["access"].took_s(0.5) is None


def test_days_are_tallied_for_one_policy_and_for_all() -> None:
    assert [(day, tally.asked) for day, tally in by_day(DAYS)] == [(MONDAY, 4), (TUESDAY, 3)]
    assert [tally.asked for _, tally in by_day(DAYS, "access")] == [0, 2]
    assert of_all(DAYS).asked == 7


@pytest.mark.parametrize(
    ("zone", "found"),
    [
        ("UTC", {"09:00": 4, "23:00": 1}),
        ("Europe/Berlin", {"10:00": 4, "00:00": 1}),
        ("America/New_York", {"04:00": 4, "18:00": 1}),
        ("Asia/Kolkata", {"14:30": 4, "04:30": 1}),
        ("Australia/Eucla", {"17:45": 4, "07:45": 1}),
    ],
)
def test_hours_are_those_of_the_reader(zone: str, found: dict[str, int]) -> None:
    hours = by_hour(DAYS, ZoneInfo(zone))

    assert len(hours) == 24
    assert {name: number for name, number in hours if number} == found


def test_hours_follow_the_clock_as_it_was_on_each_day() -> None:
    morning = Day.of(counts(hour__09=1))

    both = dict(by_hour({date(2026, 7, 1): morning, date(2026, 1, 1): morning}, ZoneInfo("Europe/Berlin")))

    assert (both["11:00"], both["10:00"]) == (1, 1)


def test_the_load_of_a_person_joins_their_slack_id_and_their_key() -> None:
    assert loads(DAYS, {"U0ANN": "ann"}) == [Load("ann", 4, 3), Load("U0NEW", 1, 1)]


def test_refusals_are_counted_by_code() -> None:
    assert refusals(DAYS) == [("self_approval", 3), ("stale_card", 3)]


def test_every_class_of_time_has_a_name() -> None:
    assert class_names()[0] == (0, 5)
    assert class_names()[-1] == (86_400, None)
    assert len(class_names()) == len(BUCKETS_S) + 1


def test_stacked_columns_fill_their_share_of_the_height() -> None:
    plot = stacked(["a", "b", "c"], [Series("good", "good", [1, 0, 3]), Series("bad", "bad", [1, 0, 1])], "Day")

    assert [len(column.boxes) for column in plot.columns] == [2, 0, 2]
    assert [(box.y, box.height) for box in plot.columns[2].boxes] == [(25, 75), (0, 25)]
    assert [(box.y, box.height) for box in plot.columns[0].boxes] == [(75, 25), (50, 25)]
    assert plot.columns[0].says == "a: 1 good, 1 bad"
    assert plot.columns[1].says == "b: none"
    assert plot.lines == ((100, "0"), (50, "2"), (0, "4"))
    assert plot.head == ("Day", "good", "bad")
    assert plot.rows[2] == ("c", "3", "1")
    assert plot.legend == (("good", "good", "4"), ("bad", "bad", "2"))


def test_no_column_leaves_the_drawing_and_nothing_is_drawn_of_nothing() -> None:
    plot = columns([str(place) for place in range(90)], [7**place % 1001 for place in range(90)], "Day", "requests")

    assert all(0 <= box.x < plot.width for column in plot.columns for box in column.boxes)
    assert all(0 <= box.y <= 100 and box.y + box.height <= 100.1 for one in plot.columns for box in one.boxes)
    assert not any(column.boxes for column in columns(["a"], [0], "Day", "requests").columns)
    assert columns([], [], "Day", "requests").width == 1


def test_spans_stand_on_a_scale_of_multiples() -> None:
    shown = ((1, "1 s"), (10, "10 s"), (100, "100 s"))
    plot = spans(["a", "b", "c"], [(1, 100), None, (10, 1000)], shown, "Day", ("median", "most"))

    band, mark = plot.columns[0].boxes
    assert (band.y, band.height) == (0, 100)
    assert (mark.y, mark.height) == (97.5, 2.5)
    assert plot.columns[1].boxes == ()
    assert plot.columns[2].boxes[0].y == 0, "what is beyond the top ends at the top"
    assert plot.lines == ((100, "1 s"), (50, "10 s"), (0, "100 s"))
    assert plot.rows == (("a", "1 s", "1.7 min"), ("b", "\N{EN DASH}", "\N{EN DASH}"), ("c", "10 s", "17 min"))


@pytest.mark.parametrize(
    ("most", "top"), [(0, 4), (1, 4), (4, 4), (5, 6), (9, 10), (10, 10), (11, 20), (21, 30), (99, 100), (601, 700)]
)
def test_an_axis_ends_at_a_number_to_read(most: int, top: int) -> None:
    assert nice_top(most) == top
    assert top in levels(top)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0 s"), (0.4, "under 1 s"), (59, "59 s"), (90, "1.5 min"), (600, "10 min"), (5400, "1.5 h"), (86_400, "1 d")],
)
def test_a_time_is_short(value: float, shown: str) -> None:
    assert seconds(value) == shown


def test_a_share_is_never_called_none_or_all_where_it_is_not() -> None:
    assert [percent(share) for share in (None, 0, 0.001, 0.5, 0.999, 1)] == [
        "\N{EN DASH}",
        "0 %",
        "1 %",
        "50 %",
        "99 %",
        "100 %",
    ]


def test_sizes_have_a_unit() -> None:
    assert [size(count) for count in (0, 2048, 5 * 1024**2, 3 * 1024**3)] == ["0 B", "2 KiB", "5 MiB", "3.0 GiB"]
