from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from approvalbot.policy.approval import Approval
from approvalbot.policy.calendar import Calendar, days_of
from approvalbot.policy.calendars import CalendarTimes, schedule_row
from approvalbot.policy.faults import EvaluationFault
from approvalbot.policy.ics import IcsFault, read_ics

PARIS = ZoneInfo("Europe/Paris")


def calendar(**fields: Any) -> CalendarTimes:
    document = {"version": 1, "kind": "Calendar", "id": "hours", "owner": "o", "tz": "Europe/Paris", **fields}
    return CalendarTimes(Calendar.model_validate(document))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


OFFICE = {"mon-fri": ["08:00-19:00"]}
NIGHT = {"fri": ["22:00-06:00"]}


@pytest.mark.parametrize(
    ("fields", "moment", "inside"),
    [
        ({"weekly": OFFICE}, "2026-03-03T07:00:00Z", True),
        ({"weekly": OFFICE}, "2026-03-03T06:59:59Z", False),
        ({"weekly": OFFICE}, "2026-03-03T17:59:59Z", True),
        ({"weekly": OFFICE}, "2026-03-03T18:00:00Z", False),
        ({"weekly": OFFICE}, "2026-03-07T11:00:00Z", False),
        ({"weekly": OFFICE, "holidays": ["2026-12-25"]}, "2026-12-25T10:00:00Z", False),
        ({"weekly": NIGHT}, "2026-03-06T22:30:00Z", True),
        ({"weekly": NIGHT}, "2026-03-07T04:59:00Z", True),
        ({"weekly": NIGHT}, "2026-03-07T05:00:00Z", False),
        ({"weekly": NIGHT}, "2026-03-06T03:00:00Z", False),
        ({"weekly": {"sun": ["00:00-24:00"]}}, "2026-03-08T22:59:00Z", True),
        ({"weekly": {"sun": ["00:00-24:00"]}}, "2026-03-08T23:00:00Z", False),
        ({"spans": [{"from": "2026-12-18T18:00", "to": "2027-01-04T08:00"}]}, "2026-12-18T17:00:00Z", True),
        ({"spans": [{"from": "2026-12-18T18:00", "to": "2027-01-04T08:00"}]}, "2027-01-04T07:00:00Z", False),
        (
            {
                "weekly": OFFICE,
                "holidays": ["2026-12-25"],
                "spans": [{"from": "2026-12-25T09:00", "to": "2026-12-25T12:00"}],
            },
            "2026-12-25T10:00:00Z",
            True,
        ),
        # Clocks go forward on 2026-03-29: 02:30 does not exist and means 03:30.
        ({"weekly": {"sun": ["02:30-02:45"]}}, "2026-03-29T01:30:00Z", True),
        ({"weekly": {"sun": ["02:30-02:45"]}}, "2026-03-29T01:00:00Z", False),
        ({"weekly": {"sun": ["01:30-04:00"]}}, "2026-03-29T01:59:00Z", True),
        # Clocks go back on 2026-10-25: 02:30 happens twice and counts twice.
        ({"weekly": {"sun": ["02:00-02:45"]}}, "2026-10-25T00:30:00Z", True),
        ({"weekly": {"sun": ["02:00-02:45"]}}, "2026-10-25T01:30:00Z", True),
        ({"weekly": {"sun": ["02:00-02:45"]}}, "2026-10-25T00:50:00Z", False),
    ],
)
def test_a_moment_is_inside_by_the_wall_clock_of_the_zone(fields: dict[str, Any], moment: str, inside: object) -> None:
    assert calendar(**fields).is_inside(at(moment)) is inside


def test_past_its_end_a_calendar_answers_nothing() -> None:
    times = calendar(weekly=OFFICE, valid_until="2026-12-31")

    assert times.is_inside(at("2026-12-31T10:00:00Z"))
    with pytest.raises(EvaluationFault, match="the calendar hours ends on 2026-12-31; extend it"):
        times.is_inside(at("2027-01-01T10:00:00Z"))
    assert times.ends_on() == date(2026, 12, 31)


def test_a_moment_at_the_edge_of_time_is_a_fault_and_no_crash() -> None:
    with pytest.raises(EvaluationFault):
        calendar(weekly=OFFICE).is_inside(datetime(1, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("key", "days"),
    [("mon-fri", (0, 1, 2, 3, 4)), ("sat", (5,)), ("fri-mon", (4, 5, 6, 0)), ("mon,wed, fri", (0, 2, 4))],
)
def test_days_are_named_singly_in_ranges_and_in_lists(key: str, days: tuple[int, ...]) -> None:
    assert days_of(key) == days


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"weekly": {"monday": ["08:00-19:00"]}}, "'monday' names no days"),
        ({"weekly": {"mon": ["8-19"]}}, "'8-19' is no window of a day"),
        ({"weekly": {"mon": ["08:00-08:00"]}}, "is empty; for a whole day write '00:00-24:00'"),
        ({"weekly": OFFICE, "tz": "Paris"}, "'Paris' is no time zone"),
        ({"weekly": OFFICE, "tz": "../../etc/passwd"}, "is no time zone"),
        ({"weekly": OFFICE, "holidays": ["25.12."]}, "'25.12.' is no date"),
        ({"spans": [{"from": "2026-01-02T00:00", "to": "2026-01-01T00:00"}]}, "is not after"),
        ({"spans": [{"from": "2026-01-02T00:00Z", "to": "2026-01-03T00:00"}]}, "has an offset"),
        ({}, "nothing is ever inside"),
    ],
)
def test_a_calendar_that_cannot_be_read_says_what_to_write(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=r".") as caught:
        calendar(**fields)

    assert says in str(caught.value)


def ics(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


def test_whole_days_of_an_ics_file_are_holidays_and_times_are_spans() -> None:
    body = ics("DTSTART;VALUE=DATE:20260501", "DTEND;VALUE=DATE:20260503").replace(
        b"END:VCALENDAR", ics("DTSTART:20261218T170000Z", "DURATION:PT2H").split(b"\r\n", 1)[1].strip()
    )

    found = read_ics(body, PARIS)

    assert found.days == {date(2026, 5, 1), date(2026, 5, 2)}
    assert [(start.isoformat(), end.isoformat()) for start, end in found.spans] == [
        ("2026-12-18T18:00:00", "2026-12-18T20:00:00")
    ]
    assert found.last_year == 2026


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (["DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=YEARLY;COUNT=2"], ["2026-05-01", "2027-05-01"]),
        (
            ["DTSTART;VALUE=DATE:20260302", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260311"],
            ["2026-03-02", "2026-03-04", "2026-03-09", "2026-03-11"],
        ),
        (["DTSTART;VALUE=DATE:20260302", "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=2"], ["2026-03-02", "2026-03-04"]),
        (
            ["DTSTART;VALUE=DATE:20260302", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260303"],
            ["2026-03-02", "2026-03-04"],
        ),
        (["DTSTART;VALUE=DATE:2026", " 0501", "SUMMARY:folded"], ["2026-05-01"]),
        (["DTSTART;VALUE=DATE:20260501", "STATUS:CANCELLED"], []),
        (["BEGIN:VALARM", "TRIGGER:-PT15M", "END:VALARM", "DTSTART;VALUE=DATE:20260501"], ["2026-05-01"]),
        (["DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY;UNTIL=20290101"], ["2024-02-29", "2028-02-29"]),
    ],
)
def test_repetition_is_expanded(lines: list[str], days: list[str]) -> None:
    assert sorted(day.isoformat() for day in read_ics(ics(*lines), PARIS).days) == days


def test_a_time_in_another_zone_is_moved_to_the_calendars_own() -> None:
    found = read_ics(ics("DTSTART;TZID=America/New_York:20260303T090000", "DTEND:20260303T150000Z"), PARIS)

    assert found.spans[0][0] == datetime(2026, 3, 3, 15)  # noqa: DTZ001 - a wall clock


def test_a_calendar_ends_with_the_last_year_of_its_file_unless_everything_repeats() -> None:
    assert read_ics(ics("DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=YEARLY"), PARIS).last_year is None
    assert read_ics(ics("DTSTART;VALUE=DATE:20260501"), PARIS).last_year == 2026


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"hello", "no BEGIN:VCALENDAR"),
        (b"\xff", "not UTF-8"),
        (ics("SUMMARY:x"), "an event has no DTSTART"),
        (ics("DTSTART:tomorrow"), "is no date or time"),
        (ics("DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=MONTHLY"), "FREQ=MONTHLY is not read"),
        (ics("DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=YEARLY;BYMONTH=5"), "BYMONTH is not read"),
        (ics("DTSTART;VALUE=DATE:20260501", "RDATE:20260502"), "RDATE is not read"),
        (ics("DTSTART;TZID=Mars/Base:20260501T100000"), "is no IANA time zone"),
        (ics("DTSTART:20260501T100000Z", "DURATION:soon"), "is no duration"),
        (ics("DTSTART:20260501T100000Z", "DTEND;VALUE=DATE:20260502"), "both dates or both times"),
        (ics("DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=DAILY;INTERVAL=0"), "INTERVAL=0"),
        (ics("no line"), "is no line of an iCalendar file"),
    ],
)
def test_an_ics_file_that_cannot_be_read_names_its_line(body: bytes, says: str) -> None:
    with pytest.raises(IcsFault) as caught:
        read_ics(body, PARIS)

    assert says in str(caught.value)
    assert str(caught.value).startswith(f"line {caught.value.line}: ")


APPROVAL = Approval.model_validate(
    {
        "schedule": [
            {"during": "freeze", "quorum": 3, "from_distinct_groups": True},
            {"during": "hours", "quorum": 1},
            {"otherwise": True, "quorum": 2},
        ],
        "levels": [{"name": "a", "approvers": [{"user": "a"}], "timeout": "10m"}],
    }
)
CALENDARS = {
    "hours": calendar(weekly=OFFICE),
    "freeze": calendar(spans=[{"from": "2026-12-18T18:00", "to": "2027-01-04T08:00"}]),
}


@pytest.mark.parametrize(
    ("moment", "quorum"),
    [("2026-03-03T10:00:00Z", 1), ("2026-03-03T22:00:00Z", 2), ("2026-12-23T10:00:00Z", 3)],
)
def test_the_first_schedule_row_that_holds_gives_the_quorum(moment: str, quorum: int) -> None:
    assert schedule_row(APPROVAL, CALENDARS, at(moment)).quorum == quorum


def test_a_calendar_that_cannot_tell_never_lowers_the_quorum() -> None:
    row = schedule_row(APPROVAL, {"hours": CALENDARS["hours"]}, at("2026-03-03T10:00:00Z"))

    assert (row.quorum, row.from_distinct_groups) == (3, True)


def test_without_a_schedule_the_approvals_own_quorum_holds() -> None:
    plain = APPROVAL.model_copy(update={"schedule": (), "quorum": 4})

    assert schedule_row(plain, {}, at("2026-03-03T10:00:00Z")).quorum == 4
