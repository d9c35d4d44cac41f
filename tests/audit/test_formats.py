"""The forms in which others read the trail."""

import csv
import io

import orjson
import pytest

from approvalbot.audit.formats import CSV_COLUMNS, FORMS, as_csv, csv_line
from approvalbot.request.trail import Record

ORIGIN = "https://bot.example.com"
ENTRY = {
    "n": 4,
    "request": "7K3FABCDEFGHJKMNPQRS",
    "at": "2026-03-03T12:00:00.250000Z",
    "what": "denied",
    "by": {"key": "bob", "name": "Bob Bell", "slack": "U0BOB"},
    "detail": {"reason": 'no, "not" now', "reason_code": "not_now"},
    "hash": "ab" * 32,
}
RECORD = Record(17, "cd" * 8, ENTRY)


def test_a_json_line_is_the_entry_as_it_is_kept() -> None:
    assert orjson.loads(FORMS["jsonl"](RECORD, ORIGIN)) == {"number": 17, "after": "cd" * 8, **ENTRY}


def test_a_csv_row_reads_back_with_its_columns() -> None:
    text = "\n".join(one.decode() for one in (csv_line(CSV_COLUMNS), as_csv(RECORD, ORIGIN)))

    (row,) = csv.DictReader(io.StringIO(text))

    assert (row["number"], row["what"], row["by"], row["step"]) == ("17", "denied", "bob", "4")
    assert orjson.loads(row["detail"]) == ENTRY["detail"]


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@SUM(A1)", "\tx"])
def test_no_cell_is_a_formula(name: str) -> None:
    hostile = Record(1, "", {**ENTRY, "by": {"key": "x", "name": name}})

    (row,) = csv.reader(io.StringIO(as_csv(hostile, ORIGIN).decode()))

    assert row[CSV_COLUMNS.index("by_name")] == f"'{name}"


@pytest.mark.parametrize(
    ("what", "activity", "status"), [("opened", 1, 1), ("voted", 3, 1), ("denied", 3, 2), ("ended", 4, 1)]
)
def test_an_ocsf_event_has_what_its_class_requires(what: str, activity: int, status: int) -> None:
    event = orjson.loads(FORMS["ocsf"](Record(17, "", {**ENTRY, "what": what}), ORIGIN))

    assert (event["category_uid"], event["class_uid"], event["activity_id"]) == (3, 3004, activity)
    assert event["type_uid"] == 300400 + activity
    assert event["status_id"] == status
    assert event["time"] == 1772539200250
    assert event["metadata"]["version"] == "1.1.0"
    assert event["metadata"]["product"]["vendor_name"] == "approvalbot"
    assert event["entity"]["uid"] == ENTRY["request"]
    assert event["actor"]["user"]["uid"] == "bob"


def test_a_cloudevent_has_what_the_specification_requires() -> None:
    event = orjson.loads(FORMS["cloudevents"](RECORD, ORIGIN))

    assert event["specversion"] == "1.0"
    assert (event["id"], event["source"], event["type"]) == ("17", ORIGIN, "approvalbot.trail.denied")
    assert event["data"]["hash"] == ENTRY["hash"]
